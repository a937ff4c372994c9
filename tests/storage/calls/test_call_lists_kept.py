"""People of call lists in the database: claimed by one process at a time, counted, listed, merged and erased."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from storage.calls.do_not_call import DoNotCall
from storage.calls.list_entries import CallListEntries, call_key, claim_entry
from storage.calls.lists import CallLists, is_being_called, lock_running, note_call
from storage.calls.outbound import CallStatus, OutboundCall, OutboundCalls, insert_call
from storage.conversations.outcomes import Outcomes
from storage.erasure.digests import Digests, ErasedPeople
from storage.errors import StorageError
from storage.leads.leads import Leads
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
HOUR = timedelta(hours=1)
LEFT_OUT = Query("left_out", "UPDATE call_list_entries SET status = 'left_out', reason = 'no_consent'")
OVER = Query("over", "UPDATE call_list_entries SET status = 'done', result = 'no_answer'")
MERGE = Query("merge", "SELECT merge_leads(%(gone)s, %(kept)s)")
TABLES_OF_LEADS = Query(
    "tables_of_leads",
    "SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND column_name = 'lead_id' AND table_name NOT IN ('lead_costs', 'lead_emails')",
)
"""But what follows a lead's own row."""
MERGING = Query("merging", "SELECT prosrc FROM pg_proc WHERE proname = 'merge_leads'")


class Kept:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.lists, self.entries, self.leads = CallLists(database), CallListEntries(database), Leads(database)

    async def lead(self, **fields: Any) -> UUID:
        return (await self.leads.create(fields, now=NOW)).id

    async def list_of(self, *leads: UUID, running: bool = True, **terms: Any) -> UUID:
        usual: dict[str, Any] = {
            "name": "Spring", "purpose": "your trial", "audience": None, "hours": None, "per_hour": None, "at_once": 2,
            "attempts": 3, "retry_after_minutes": 240,
        }  # fmt: skip
        list_id = await self.lists.create(**(usual | terms), leads=[(lead, None) for lead in leads], now=NOW)
        if running:
            await self.lists.move(list_id, "running", now=NOW)
        return list_id

    async def claim(self, list_id: UUID, entry_id: UUID) -> int | None:
        async with self.database.transaction() as transaction:
            running = await lock_running(transaction, list_id)
            if running is None or running.under_way >= running.at_once:
                return None
            number = await claim_entry(transaction, entry_id, now=LATER, until=LATER + timedelta(seconds=30))
            if number is not None:
                await note_call(transaction, list_id, now=LATER)
            return number

    async def call(self, entry_id: UUID, number: int, status: CallStatus = "ringing") -> None:
        over = None if status == "ringing" else LATER
        call = OutboundCall(
            id=f"call_{entry_id}_{number}", idempotency_key=call_key(entry_id, number), number="+14155550132",
            lead_id=None, conversation_id=f"conv_{entry_id}_{number}", status=status, list_entry_id=entry_id,
            created_at=LATER, ended_at=over, updated_at=LATER,
        )  # fmt: skip
        async with self.database.transaction() as transaction:
            await insert_call(transaction, call)


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)


async def test_of_processes_that_race_each_person_is_one_s_and_lines_hold(kept: Kept) -> None:
    list_id = await kept.list_of(*[await kept.lead(contact_phone=f"+1415555010{n}") for n in range(5)])
    waiting = await kept.entries.to_call(list_id, now=LATER, rows=10)
    claims = await asyncio.gather(*(kept.claim(list_id, waiting[n % 5].id) for n in range(15)))
    assert sorted(number for number in claims if number is not None) == [1, 1], "two lines at once"
    (running,) = await kept.lists.running()
    assert (running.under_way, running.called_at) == (2, LATER)
    claimed = {entry.id for entry in waiting} - {
        entry.id for entry in await kept.entries.to_call(list_id, now=LATER, rows=9)
    }
    first = claimed.pop()
    await kept.call(first, 1, "no_answer")
    (running,) = await kept.lists.running()
    assert running.under_way == 1, "a call that is over takes no line"
    settled = await kept.entries.to_settle(now=LATER, talked_before=NOW, rows=9)
    assert [entry.id for entry in settled] == [first], "nobody else's claim has ended"
    await kept.entries.put_off(settled[0], NOW + timedelta(hours=4), now=LATER)
    await kept.entries.end(settled[0], "reached", None, now=LATER)
    row = await kept.lists.get(list_id)
    assert row is not None
    assert (row.counts, row.results) == ({"waiting": 4, "calling": 1}, {}), "what has changed meanwhile stays"
    lost = await kept.entries.to_settle(now=LATER + timedelta(minutes=1), talked_before=NOW, rows=9)
    assert [entry.id for entry in lost] == [*claimed], "its process died before it asked"


async def test_a_list_that_does_not_run_claims_nobody(kept: Kept) -> None:
    list_id = await kept.list_of(await kept.lead(contact_phone="+14155550132"), running=False)
    (entry,) = await kept.entries.to_call(list_id, now=LATER, rows=10)
    assert await kept.claim(list_id, entry.id) is None
    with pytest.raises(StorageError, match="draft cannot become paused"):
        await kept.lists.move(list_id, "paused", now=LATER)
    await kept.lists.move(list_id, "running", now=LATER)
    async with kept.database.transaction() as transaction:
        assert not await is_being_called(transaction, entry.id), "a process that stood still comes too late"
    assert await kept.claim(list_id, entry.id) == 1
    async with kept.database.transaction() as transaction:
        assert await is_being_called(transaction, entry.id)
        pausing = asyncio.create_task(kept.lists.move(list_id, "paused", now=LATER))
        done, _ = await asyncio.wait([pausing], timeout=0.1)
        assert not done, "a call that begins is under way when the pause is answered"
    assert await pausing
    await kept.lists.move(list_id, "stopped", now=LATER)
    with pytest.raises(StorageError, match="stopped cannot become running"):
        await kept.lists.move(list_id, "running", now=LATER)


async def test_people_are_listed_by_pages_with_their_calls(kept: Kept) -> None:
    leads = [await kept.lead(contact_phone=f"+1415555010{n}", contact_name=f"N{n}") for n in range(3)]
    list_id = await kept.list_of(*leads)
    first = await kept.entries.list(list_id, limit=2)
    await kept.call(first.items[0].id, 1, "busy")
    second = await kept.entries.list(list_id, limit=2, cursor=first.next_cursor)
    assert [entry.contact_name for entry in (*first.items, *second.items)] == ["N0", "N1", "N2"]
    (with_call,) = (await kept.entries.list(list_id, limit=1)).items
    assert [(call.status, call.kinds) for call in with_call.calls] == [("busy", [])]
    assert with_call.call_after is None
    assert (await kept.entries.list(list_id, status="done")).items == ()
    page = await kept.lists.list()
    assert [row.counts for row in page.items] == [{"waiting": 3}]


async def test_who_is_not_to_be_called_any_more_waits_in_no_list_from_that_moment(kept: Kept) -> None:
    suppressed = DoNotCall(kept.database, ErasedPeople(kept.database, Digests(["A" * 43 + "="])))
    numbers = [f"+1415555010{n}" for n in range(5)]
    leads = [await kept.lead(contact_phone=number) for number in numbers]
    unreadable = await kept.lead(contact_phone="call the desk")
    lists = [await kept.list_of(*leads, unreadable, running=running) for running in (True, False)]
    in_call = (await kept.entries.list(lists[0])).items[4].id
    await kept.claim(lists[0], in_call)

    assert await suppressed.add([numbers[0], "+442079460000"], reason="letter", source="import", now=LATER) == 2
    await kept.leads.patch(leads[1], {"opted_out_at": LATER}, now=LATER)
    await kept.leads.patch(unreadable, {"opted_out_at": LATER}, now=LATER)
    await kept.leads.patch(leads[2], {"contact_phone": numbers[0]}, now=LATER)
    await suppressed.add([numbers[4]], reason="said so", source="operator", now=LATER)
    results = [[entry.result for entry in (await kept.entries.list(each)).items] for each in lists]
    assert results == [
        ["do_not_call", "do_not_call", "do_not_call", None, None, "do_not_call"],
        ["do_not_call", "do_not_call", "do_not_call", None, "do_not_call", "do_not_call"],
    ]
    (calling,) = (await kept.entries.list(lists[0], status="calling")).items
    assert calling.id == in_call, "who is being called is decided on when the call is over"
    (listed,) = await kept.entries.to_settle(now=NOW + HOUR, talked_before=NOW, rows=9)
    await kept.entries.put_off(listed, NOW, now=LATER)
    assert (await kept.entries.list(lists[0], status="calling")).items == ()
    assert (await kept.lists.get(lists[0])).counts == {"waiting": 1, "done": 5}  # type: ignore[union-attr]

    later = await kept.list_of(*leads, running=False)
    assert (await kept.lists.get(later)).left_out == {"do_not_call": 3, "opted_out": 1}  # type: ignore[union-attr]


async def test_who_was_left_out_is_taken_in_and_a_number_is_called_for_one_person(kept: Kept) -> None:
    number = "+14155550132"
    one, other = [await kept.lead(contact_phone=number) for _ in range(2)]
    list_id = await kept.list_of(one, other)
    first, second = (await kept.entries.list(list_id)).items
    await kept.database.execute(LEFT_OUT)
    assert await kept.lists.take_in(list_id, first.id, now=LATER)
    assert not await kept.lists.take_in(list_id, first.id, now=LATER), "they wait"
    with pytest.raises(StorageError) as same:
        await kept.lists.take_in(list_id, second.id, now=LATER)
    assert same.value.code == "same_number"
    assert await kept.claim(list_id, first.id) == 1
    await kept.lists.move(list_id, "stopped", now=LATER)
    with pytest.raises(StorageError) as over:
        await kept.lists.take_in(list_id, second.id, now=LATER)
    assert over.value.code == "call_list_state"


async def test_a_list_that_is_over_goes_and_its_calls_stay(kept: Kept) -> None:
    lead = await kept.lead(contact_phone="+14155550132")
    list_id = await kept.list_of(lead)
    (entry,) = (await kept.entries.list(list_id)).items
    with pytest.raises(StorageError) as running:
        await kept.lists.delete(list_id)
    assert running.value.code == "call_list_state"
    number = await kept.claim(list_id, entry.id)
    assert number is not None
    await kept.call(entry.id, number)
    await kept.lists.move(list_id, "stopped", now=LATER)
    with pytest.raises(StorageError, match="under way"):
        await kept.lists.delete(list_id)
    await kept.database.execute(OVER)
    assert await kept.lists.delete(list_id)
    assert (await kept.lists.get(list_id), await kept.lists.delete(list_id)) == (None, False)
    call = await OutboundCalls(kept.database).get(f"call_{entry.id}_{number}")
    assert call is not None and call.list_entry_id is None
    draft = await kept.list_of(lead, running=False)
    assert await kept.lists.delete(draft)


async def test_a_call_is_known_with_what_was_said_in_it_last(kept: Kept) -> None:
    list_id = await kept.list_of(await kept.lead(contact_phone="+14155550132"))
    (entry,) = await kept.entries.to_call(list_id, now=LATER, rows=9)
    await kept.call(entry.id, 1, "completed")
    moments = iter((LATER, LATER + timedelta(seconds=1)))
    outcomes = Outcomes(kept.database, now=lambda: next(moments))
    conversation = f"conv_{entry.id}_1"
    await outcomes.record("k1", conversation, "lead_update", {"outcome": "not_interested"})
    wanted = {"outcome": "call_back", "call_back_at": "2026-03-05T15:00:00+01:00"}
    await outcomes.record("k2", conversation, "lead_update", wanted)
    ((call,),) = (await kept.entries.calls_of([entry.id])).values()
    assert (call.kinds, call.outcome) == (["lead_update"], "call_back")
    assert call.call_back_at == datetime(2026, 3, 5, 14, tzinfo=UTC)


async def test_two_leads_that_are_one_person_have_one_place_and_all_their_calls(kept: Kept) -> None:
    one, other = await kept.lead(contact_email="a@one.test"), await kept.lead(contact_email="b@one.test")
    both, alone = await kept.list_of(one, other), await kept.list_of(other)
    mine, theirs = (await kept.entries.to_call(both, now=LATER, rows=2))[:2]
    await kept.claim(both, theirs.id)
    await kept.call(theirs.id, 1, "busy")
    await kept.database.execute(MERGE, gone=other, kept=one)
    entries = {entry.id: entry for entry in (await kept.entries.list(both)).items}
    assert (entries[theirs.id].lead_id, len(entries[theirs.id].calls)) == (one, 1), "the one that is further stays"
    assert (entries[mine.id].lead_id, entries[mine.id].status, entries[mine.id].reason) == (None, "left_out", "merged")
    assert [entry.lead_id for entry in (await kept.entries.list(alone)).items] == [one]


async def test_whatever_has_a_lead_goes_along_when_two_are_merged(database: Database) -> None:
    merging = await database.fetch_value(MERGING)
    tables = {row["name"] for row in await database.fetch_all(TABLES_OF_LEADS)}
    assert {table for table in tables if f" {table} " not in merging} == set(), "write merge_leads anew, with these"
