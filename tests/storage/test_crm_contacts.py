"""What a walk over a CRM has not come by is found in a moment, however much it has come by since the last vacuum."""

import asyncio

from storage.crm_contacts import unlisted
from storage.database import Database
from storage.named_query import Query

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
            assert await unlisted(transaction, "close", "listing_1") == [("cont_1", "lead_1")]
