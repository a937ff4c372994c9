"""What is to be read: what a walk has not come by, however much it has, and what is called for while it is read."""

import asyncio
from datetime import timedelta

from storage.crm.inbox import CrmInbox, InboxEntry, call_for, call_for_unlisted, postpone_entry, settle_entry
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query

MANY = 30_000
CONTACTS = Query(
    "contacts",
    """INSERT INTO crm_contacts (id, crm_platform, external_id, parent_id, reference, created_at, updated_at)
    SELECT 'contact_' || n, 'close', 'cont_' || n, 'lead_' || n, 'contact_' || n, now(), now()
    FROM generate_series(1, %(many)s::int) AS n""",
)
LISTED = Query(
    "listed",
    """INSERT INTO crm_listed (platform, listing_id, external_id)
    SELECT 'close', 'listing_1', 'cont_' || n FROM generate_series(2, %(many)s::int) AS n""",
)


async def test_what_a_listing_missed_among_many(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(CONTACTS, many=MANY)
        await transaction.execute(LISTED, many=MANY)
        async with asyncio.timeout(10):
            await call_for_unlisted(transaction, "close", "listing_1", now=utc_now())
    (entry,) = await CrmInbox(database).due("close", now=utc_now(), rows=10)
    assert (entry.kind, entry.external_id) == ("parent", "lead_1")


async def test_what_is_called_for_while_it_is_read_stays_due(database: Database) -> None:
    now = utc_now()
    inbox = CrmInbox(database)
    async with database.transaction() as transaction:
        await call_for(transaction, "close", [("parent", "lead_1")], now=now)
    (entry,) = await inbox.due("close", now=now, rows=10)
    async with database.transaction() as transaction:
        await call_for(transaction, "close", [("parent", "lead_1")], now=now)
        await postpone_entry(transaction, "close", entry, due_at=now + timedelta(hours=1))
        assert not await settle_entry(transaction, "close", entry)
    assert await inbox.due("close", now=now, rows=10) == (InboxEntry("parent", "lead_1", 2, 0),)
