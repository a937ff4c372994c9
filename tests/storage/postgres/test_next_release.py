"""The next release's migrations add columns while this one's processes still work."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from storage.calls.outbound import OutboundCall, OutboundCalls, insert_call
from storage.crm.conflicts import ConflictRow, CrmConflicts, add_conflicts
from storage.crm.contacts import ContactRow, CrmContacts, save_contacts
from storage.crm.dead_letters import CrmDeadLetters, bury
from storage.crm.opportunities import CrmOpportunities, OpportunityRow, save_opportunities
from storage.crm.outbox import CrmOutbox, order_opportunity
from storage.crm.sync_runs import CrmSyncRuns
from storage.crm.sync_state import CrmSyncState
from storage.errors import StorageError
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


async def grow(database: Database) -> None:
    """Every table of ours, by what no row has to name."""
    tables = Query(
        "tables",
        "SELECT oid::regclass::text AS name FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'procrastinate%'",
    )
    for table in await database.fetch_all(tables):
        await database.execute(
            Query("grow", f"ALTER TABLE {table['name']} ADD COLUMN of_the_next_release text NOT NULL DEFAULT ''")
        )


async def test_what_is_read_and_written_whole_is_so_all_the_same(database: Database) -> None:
    runs, state, calls = CrmSyncRuns(database), CrmSyncState(database), OutboundCalls(database)
    run_id = await runs.queue("close", "import", trigger="manual", now=NOW)
    assert await state.take_lease("close", "worker", 30.0)
    ann = ContactRow(
        id="ann", crm_platform="close", reference="ref", email="ann@acme.example", created_at=NOW, updated_at=NOW
    )
    deal = OpportunityRow(id="deal_1", platform="close", mark="mark", created_at=NOW, updated_at=NOW)
    conflict = ConflictRow(
        id="conflict_1", platform="close", contact_id="ann", field="phone", kind="both_changed", winner="local",
        critical=True, state="open", created_at=NOW,
    )  # fmt: skip
    async with database.transaction() as transaction:
        await bury(transaction, "close", reason="record_refused", payload={}, attempts=1, now=NOW)
        await save_contacts(transaction, [ann])
        await save_opportunities(transaction, [deal])
        await order_opportunity(transaction, "close", "deal_1", reference="opportunity:deal_1", payload={}, now=NOW)
        await insert_call(
            transaction,
            OutboundCall(
                id="call_1",
                number="+14155550132",
                conversation_id="conv_1",
                status="queued",
                created_at=NOW,
                updated_at=NOW,
            ),
        )
    await grow(database)
    assert (await runs.get(run_id)) is not None
    assert (await state.get("close")).lease_owner == "worker"
    assert len((await CrmDeadLetters(database).list()).items) == 1
    assert len((await CrmOpportunities(database).list()).items) == 1
    assert len(await CrmOutbox(database).due("close", ["opportunity"], now=NOW, rows=10)) == 1
    assert (await calls.get("call_1")) is not None
    assert len((await calls.list()).items) == 1
    async with database.transaction() as transaction:
        await save_contacts(transaction, [replace(ann, phone="+14155550132")])
        await save_opportunities(transaction, [replace(deal, note="Twenty seats")])
        await add_conflicts(transaction, [conflict])
    assert (await CrmContacts(database).list()).items == (replace(ann, phone="+14155550132"),)
    assert (await CrmOpportunities(database).list()).items == (replace(deal, note="Twenty seats"),)
    assert (await CrmConflicts(database).list()).items == (conflict,)


async def test_a_transaction_that_meets_the_change_may_be_tried_again(dsn: str, database: Database) -> None:
    whole = Query("whole", "SELECT * FROM crm_sync_state")

    async with await open_database(dsn, max_connections=1) as old:

        async def read() -> int:
            async with old.transaction() as transaction:
                return len(await transaction.fetch_all(whole))

        await read()
        await grow(database)
        with pytest.raises(StorageError) as caught:
            await read()
        assert (caught.value.code, caught.value.retryable) == ("database_conflict", True)
        assert await read() == 0
