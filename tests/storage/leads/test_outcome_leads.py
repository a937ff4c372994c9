"""What conversations learn ends up on their lead, once, whatever the order."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes, record_outcome
from storage.conversations.records import ConversationRecord
from storage.leads.leads import Leads, lock_lead
from storage.leads.of_outcomes import lock_conversation
from storage.ledger.records import ModelCallRecord
from storage.ledger.tracking import TrackingLog
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def leads(database: Database) -> Leads:
    return Leads(database)


@pytest.fixture
def outcomes(database: Database) -> Outcomes:
    moments = iter(range(1_000_000))
    return Outcomes(database, now=lambda: NOW + timedelta(seconds=next(moments)))


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


async def begin(conversations, name="conv_1", lead_id=None):
    about = {"id": name, "channel": "phone", "lead_id": lead_id}
    await conversations.create(ConversationRecord(**about, created_at=NOW, updated_at=NOW))


async def lead_of(conversations, leads, name="conv_1"):
    return await leads.get((await conversations.get(name)).lead_id)


async def test_a_conversation_brings_a_lead_and_fills_it(leads, outcomes, conversations):
    await begin(conversations)
    await outcomes.record("k1", "conv_1", "lead_update", {"need": "fewer missed calls", "team_size": 20})
    await outcomes.record(
        "k2", "conv_1", "lead_update", {"name": "Jane Doe", "email": "Jane@Acme.com", "company": "Acme"}
    )
    assert not await outcomes.record("k2", "conv_1", "lead_update", {"name": "Jane Doe"})
    lead = await lead_of(conversations, leads)
    assert (lead.contact_name, lead.contact_email, lead.company_name) == ("Jane Doe", "jane@acme.com", "Acme")
    assert (lead.need, lead.team_size, lead.source) == ("fewer missed calls", 20, "conversation")
    assert len((await leads.list()).items) == 1


async def waits_for_a_lock(database: Database) -> bool:
    query = Query("waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
    return bool(await database.fetch_value(query))


async def test_a_conversation_that_is_written_while_it_tells_of_its_lead_has_the_lead(database, leads, conversations):
    async with asyncio.timeout(10):
        async with database.transaction() as telling:
            await record_outcome(telling, "k1", "conv_1", "lead_update", {"need": "fewer missed calls"}, now=NOW)
            writing = asyncio.create_task(begin(conversations))
            while not writing.done() and not await waits_for_a_lock(database):
                await asyncio.sleep(0.01)
        await writing
    assert (await lead_of(conversations, leads)).need == "fewer missed calls"


async def test_what_a_conversation_tells_while_it_is_written_waits_for_it(database, leads, conversations, outcomes):
    insert = "INSERT INTO conversations (id, channel, created_at, updated_at) VALUES ('conv_1', 'phone', now(), now())"
    async with asyncio.timeout(10):
        async with database.transaction() as writing:
            await writing.execute(Query("begins", insert))
            telling = asyncio.create_task(outcomes.record("k1", "conv_1", "lead_update", {"need": "fewer calls"}))
            while not telling.done() and not await waits_for_a_lock(database):
                await asyncio.sleep(0.01)
        await telling
    assert (await lead_of(conversations, leads)).need == "fewer calls"


async def test_a_known_address_or_number_finds_the_lead(leads, outcomes, conversations):
    known = await leads.create({"contact_email": "jane@acme.com", "company_name": "Acme Inc"}, now=NOW)
    caller = await leads.create({"contact_phone": "+14155550132"}, now=NOW)
    for name, data in (
        ("conv_1", {"email": "JANE@acme.com", "company": "Acme"}),
        ("conv_2", {"contact_phone": "415 555 0132", "email": "joe@acme.com"}),
    ):
        await begin(conversations, name)
        await outcomes.record(name, name, "lead_update", data)
    first = await lead_of(conversations, leads, "conv_1")
    second = await lead_of(conversations, leads, "conv_2")
    assert (first.id, first.company_name) == (known.id, "Acme Inc")
    assert (second.id, second.contact_email) == (caller.id, "joe@acme.com")


async def test_an_office_number_is_not_a_person(leads, outcomes, conversations):
    boss = await leads.create({"contact_phone": "+14155550132", "contact_email": "boss@acme.com"}, now=NOW)
    await begin(conversations)
    await outcomes.record("k1", "conv_1", "lead_update", {"phone": "+14155550132", "email": "clerk@acme.com"})
    assert (await lead_of(conversations, leads)).id != boss.id


async def test_the_newest_word_of_the_caller_counts_and_what_others_wrote_stays(leads, outcomes, conversations):
    known = await leads.create({"contact_email": "jane@acme.com", "contact_name": "Jane Doe", "budget": "1k"}, now=NOW)
    await begin(conversations)
    for number, data in enumerate(
        (
            {"email": "jane@acme.com", "name": "Jayne", "budget": "5k", "title": "CTO"},
            {"budget": "10k", "title": "CEO"},
        )
    ):
        await outcomes.record(f"k{number}", "conv_1", "lead_update", data)
    lead = await lead_of(conversations, leads)
    assert lead.id == known.id
    assert (lead.contact_name, lead.budget, lead.contact_title) == ("Jane Doe", "10k", "CEO")


async def test_who_turns_out_to_be_known_is_one_lead_with_all_that_was_said_and_cost(
    leads, outcomes, conversations, database
):
    known = await leads.create({"contact_email": "jane@acme.com", "company_name": "Acme"}, now=NOW)
    await begin(conversations)
    async with TrackingLog(database) as log:
        log.record(
            ModelCallRecord(
                id="c",
                provider="p",
                model="m",
                task="conversation",
                conversation_id="conv_1",
                latency_ms=1.0,
                cost_usd=0.5,
                status="success",
                created_at=NOW,
            )
        )
        await log.flush(10.0)
    await outcomes.record("k1", "conv_1", "lead_update", {"need": "fewer calls", "email": "jade@acme.com"})
    await outcomes.record("k2", "conv_1", "opt_out", {"reason": "stop calling"})
    await outcomes.record("k3", "conv_1", "lead_update", {"email": "jane@acme.com"})
    lead = await lead_of(conversations, leads)
    assert lead.id == known.id
    assert (lead.need, lead.contact_email, lead.company_name) == ("fewer calls", "jane@acme.com", "Acme")
    assert lead.opted_out_at is not None
    assert [found.id for found in (await leads.list()).items] == [known.id]
    outcome_leads = {row["lead_id"] for row in await _all(database, "conversation_outcomes")}
    assert outcome_leads == {known.id}
    (cost,) = await _all(database, "lead_costs")
    assert (cost["lead_id"], cost["calls"]) == (known.id, 1)


async def test_a_lead_on_record_does_not_take_the_address_of_another(leads, outcomes, conversations):
    other = await leads.create({"contact_email": "jane@acme.com"}, now=NOW)
    mine = await leads.create({"contact_email": "joe@acme.com"}, now=NOW)
    await begin(conversations, lead_id=mine.id)
    await outcomes.record("k1", "conv_1", "lead_update", {"email": "jane@acme.com", "need": "x"})
    lead = await lead_of(conversations, leads)
    assert (lead.id, lead.contact_email, lead.need) == (mine.id, "joe@acme.com", "x")
    assert (await leads.get(other.id)).need is None


@pytest.mark.parametrize("kind", ["lead_update", "opt_out"])
async def test_the_lead_waits_for_a_conversation_that_is_written_later(leads, outcomes, conversations, kind):
    await outcomes.record("k1", "conv_1", kind, {"email": "jane@acme.com"})
    await outcomes.record("k2", "conv_1", "lead_update", {"company": "Acme"})
    await begin(conversations)
    assert (await lead_of(conversations, leads)).company_name == "Acme"


async def test_meetings_and_ends_move_the_status_and_a_handover_brings_no_lead(leads, outcomes, conversations):
    await begin(conversations, "conv_1")
    await begin(conversations, "conv_2")
    meeting = {"start": "2026-03-02T10:00:00+00:00", "email": "jane@acme.com"}
    await outcomes.record("k1", "conv_1", "meeting", meeting)
    assert (await lead_of(conversations, leads, "conv_1")).status == "meeting_booked"
    await outcomes.record("k3", "conv_2", "handoff", {"reason": "asks for a person"})
    assert (await conversations.get("conv_2")).lead_id is None
    await outcomes.record("k4", "conv_2", "lead_update", {"outcome": "not_interested", "referral": "ask Joe"})
    lead = await lead_of(conversations, leads, "conv_2")
    assert (lead.status, lead.custom) == ("not_interested", {"referral": "ask Joe"})


@pytest.mark.parametrize(
    "data",
    [
        {"email": 5, "team_size": "many", "name": None, "need": ["x"], "company": {"a": 1}, "team_size ": True},
        {"email": "not an address", "team_size": -1, "name": "\0", "need": "x" * 100_000, "id": "1", "status": "lost"},
        {"outcome": ["x"], "referral": 7, "custom": {"a": 1}, "team_size": 10**30},
    ],
)
async def test_what_a_model_makes_up_does_no_harm(leads, outcomes, conversations, data):
    await begin(conversations)
    assert await outcomes.record("k1", "conv_1", "lead_update", data)
    lead = await lead_of(conversations, leads)
    assert (lead.status, lead.contact_email, lead.team_size, lead.custom) == ("pending", None, None, {})
    assert len(lead.need or "") <= 2000


async def test_one_person_in_two_conversations_at_once_is_one_lead(leads, outcomes, conversations):
    names = [f"conv_{number}" for number in range(12)]
    for name in names:
        await begin(conversations, name)
    await asyncio.gather(
        *(outcomes.record(name, name, "lead_update", {"email": "jane@acme.com", "budget": name}) for name in names),
        *(outcomes.record(f"{name} b", name, "lead_update", {"need": name}) for name in names),
    )
    found = {(await conversations.get(name)).lead_id for name in names}
    assert found == {lead.id for lead in (await leads.list()).items}
    assert len(found) == 1


async def _all(database, table):
    return await database.fetch_all(Query("all", f"SELECT * FROM {table}"))


async def test_what_a_caller_says_is_written_down_though_somebody_was_in_the_way(
    database, leads, outcomes, conversations
):
    lead = await leads.create({"contact_email": "jane@acme.com"}, now=NOW)
    await begin(conversations, lead_id=lead.id)
    waits = Query("waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    async with asyncio.timeout(10):
        async with database.transaction() as other:
            await lock_lead(other, lead.id)
            telling = asyncio.create_task(outcomes.record("k1", "conv_1", "opt_out", {}))
            while not await database.fetch_value(waits):
                await asyncio.sleep(0.01)
            # Each has what the other wants. PostgreSQL breaks off who has waited longer.
            await lock_conversation(other, "conv_1")
        assert await telling
    assert (await leads.get(lead.id)).opted_out_at is not None
