"""A sync needs few connections, however much it does at once."""

from sync_world import SyncWorld

from crm.contact import ContactFields
from crm.opportunity import OpportunityFields
from crm.sync.opportunities import OpportunityOrders
from storage.postgres.database import open_database


async def test_much_at_once_comes_to_its_end_with_two_connections(dsn: str) -> None:
    async with await open_database(dsn, max_connections=2) as narrow:
        sync = SyncWorld(narrow)
        orders = OpportunityOrders(sync.store)
        for number in range(12):
            contact = await sync.edits.create(ContactFields(email=f"ada{number}@example.com"))
            await orders.create(contact, OpportunityFields(value_cents=number), now=sync.now())
            await sync.converse(contact.id, f"conv_{number}")
        assert await sync.poll() == "completed"
        assert len(sync.theirs()) == len(sync.close.store.opportunities) == 12
        assert len(sync.close.store.activities) == 24
        for deal in list(sync.close.store.opportunities):
            sync.close.store.update_opportunity(deal, {"confidence": 90})
        sync.pass_time(70)
        assert await sync.poll() == "completed"
        assert {row.confidence_percent for row in (await sync.store.opportunities.list()).items} == {90}
