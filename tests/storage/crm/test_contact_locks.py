"""Contacts are locked in one order, whoever locks several."""

import asyncio
from datetime import UTC, datetime, timedelta

from storage.crm.contacts import ContactRow, contacts_of_lead, lock_contact, save_contacts
from storage.leads.leads import Leads
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WAITING = Query("waiting", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")


async def test_the_contacts_of_a_lead_come_oldest_first_and_lock_nobody_up(database: Database) -> None:
    lead = await Leads(database).create({"contact_email": "ada@example.com"}, now=NOW)
    made = {"contact_a": NOW, "contact_b": NOW - timedelta(days=1)}
    async with database.transaction() as transaction:
        await save_contacts(
            transaction,
            [
                ContactRow(id=name, crm_platform="close", reference=name, lead_id=lead.id, created_at=at, updated_at=at)
                for name, at in made.items()
            ],
        )

    async def read() -> list[str]:
        async with database.transaction() as reading:
            return [row.id for row in await contacts_of_lead(reading, "close", lead.id)]

    async with asyncio.timeout(10):
        async with database.transaction() as other:
            await lock_contact(other, "contact_a")
            reading = asyncio.create_task(read())
            while not await database.fetch_value(WAITING):
                await asyncio.sleep(0.01)
            await lock_contact(other, "contact_b")
        assert await reading == ["contact_b", "contact_a"]
