"""What happens is written down for whoever wants to hear of it, in the transaction in which it happens, and once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from webhook_world import an_endpoint, kinds, told

from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.port import BookingRequest
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.calls.outbound import OutboundCall, OutboundCalls, insert_call
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord
from storage.leads.leads import Leads
from storage.log.conversation_log import ConversationLog
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query
from storage.webhooks.deliveries import WebhookDeliveries

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
RECORD = ConversationRecord(id="conv_1", channel="phone", created_at=NOW, updated_at=NOW)


async def run(database: Database, statement: str, **values: object) -> None:
    await database.execute(Query("fact", statement), **values)


async def test_nothing_is_written_of_what_nobody_wants(database: Database) -> None:
    leads = Leads(database)
    await leads.create({"contact_name": "Ann"}, now=NOW)
    await an_endpoint(database, "call.ended", "lead.qualified")
    await an_endpoint(database, endpoint_id="whe_2", enabled=False)
    lead = await leads.create({"contact_name": "Bea"}, now=NOW)
    await leads.patch(lead.id, {"contact_name": "Bea B.", "opted_out_at": NOW}, now=NOW)
    assert await told(database) == []


async def test_a_lead_is_told_of_with_what_has_changed(database: Database) -> None:
    await an_endpoint(database)
    await an_endpoint(database, "lead.updated", endpoint_id="whe_2")
    leads = Leads(database)
    lead = await leads.create({"contact_email": "ann@one.test", "need": "a secret need"}, now=NOW)
    await leads.patch(lead.id, {"need": "another", "contact_name": "Ann"}, now=NOW + timedelta(seconds=1))
    await leads.patch(lead.id, {"contact_name": "Ann"}, now=NOW + timedelta(seconds=2))
    rows = await told(database)
    assert kinds(rows) == ["lead.created", "lead.updated", "lead.updated"]
    created, one, other = rows
    assert (created["occurred_at"], created["lead_id"]) == (NOW, lead.id)
    assert created["data"]["lead"]["contact_email"] == "ann@one.test"
    assert one["data"]["changed"] == ["contact_name", "need"]
    assert one["data"]["lead"]["updated_at"] == "2026-11-23T07:00:01.000000Z"
    assert (one["event_id"], one["data"]) == (other["event_id"], other["data"]), "one event for two endpoints"
    assert {one["endpoint_id"], other["endpoint_id"]} == {"whe_1", "whe_2"}
    assert "secret need" not in str(rows)


async def test_a_judgement_of_a_lead_is_no_mere_change(database: Database) -> None:
    await an_endpoint(database)
    lead = await Leads(database).create({"contact_name": "Ann"}, now=NOW)
    for number, score in enumerate((40, 82)):
        await run(
            database,
            "INSERT INTO qualification_results (execution_id, lead_id, score, tier, reasoning, created_at)"
            " VALUES (%(id)s, %(lead)s, %(score)s, 'hot', 'because of words', %(at)s)",
            id=f"e{number}", lead=lead.id, score=score, at=NOW + timedelta(minutes=number),
        )  # fmt: skip
    rows = await told(database)
    judged = [row["data"] for row in rows if row["type"] == "lead.qualified"]
    assert [(data["score"], data["tier"], data["lead"]["qualification_score"]) for data in judged] == [
        (40, "hot", 40),
        (82, "hot", 82),
    ]
    assert [row["data"]["changed"] for row in rows if row["type"] == "lead.updated"] == [["status"]]
    assert "because" not in str(rows)


async def test_what_is_undone_did_not_happen(database: Database) -> None:
    await an_endpoint(database)
    one = Query("one", "INSERT INTO leads (id, created_at, updated_at) VALUES (gen_random_uuid(), now(), now())")

    async def undone() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(one)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    assert await told(database) == []


async def test_a_conversation_is_told_of_at_its_end_with_all_its_turns(dsn: str, database: Database) -> None:
    await an_endpoint(database)
    said = ItemRecord(id="i1", position=1.0, role="user", heard_text="a secret word", created_at=NOW, updated_at=NOW)
    ended = NOW + timedelta(seconds=90)
    async with await open_database(dsn, max_connections=2) as own, ConversationLog(own) as log:
        log.conversation(RECORD)
        await log.flush("conv_1", 10)
        await Outcomes(database, now=lambda: NOW).record("k1", "conv_1", "lead_update", {"name": "Ann"})
        log.status("conv_1", "closed", now=ended)  # what is written together is told of together, in whatever order
        log.item("conv_1", said)
        log.turn("conv_1", TurnRecord(item_id="i1", response_latency_ms=384.5, timings={}, created_at=NOW))
        await log.flush("conv_1", 10)
    rows = await told(database)
    lead = (await Leads(database).list()).items[0]
    row = rows[-1]
    assert kinds(rows) == ["lead.created", "conversation.ended"]
    assert (row["conversation_id"], row["lead_id"], row["occurred_at"]) == ("conv_1", lead.id, ended)
    assert row["data"] == {
        "conversation_id": "conv_1",
        "channel": "phone",
        "lead_id": str(lead.id),
        "status": "closed",
        "started_at": "2026-11-23T07:00:00.000000Z",
        "ended_at": "2026-11-23T07:01:30.000000Z",
        "duration_ms": 90_000,
        "turns": 1,
        "outcomes": ["lead_update"],
    }
    words = await WebhookDeliveries(database).words_of_conversation("conv_1")
    assert [(one.role, one.text) for one in words] == [("user", "a secret word")]


async def test_who_wants_peace_and_who_wants_a_person_are_told_of_with_the_conversation(database: Database) -> None:
    await an_endpoint(database, "caller.opted_out", "handoff.requested")
    outcomes = Outcomes(database, now=lambda: NOW)
    await Conversations(database).create(RECORD)
    asked = {"reason": "wants to complain", "summary": "about the bill"}
    await outcomes.record("k1", "conv_1", "handoff", asked)
    await outcomes.record("k2", "conv_1", "opt_out", {"reason": "no time"})
    await outcomes.record("k3", "conv_1", "opt_out", {"reason": "no time"})
    handoff, opted_out = await told(database)
    assert (handoff["type"], handoff["data"]["channel"]) == ("handoff.requested", "phone")
    assert opted_out["type"] == "caller.opted_out"
    assert {row["data"]["conversation_id"] for row in (handoff, opted_out)} == {"conv_1"}
    assert "complain" not in str(handoff["data"])
    assert await WebhookDeliveries(database).words_of_outcome(handoff["subject"]) == asked
    other = await Leads(database).create({"contact_phone": "+14155550132", "opted_out_at": NOW}, now=NOW)
    row = (await told(database))[-1]
    assert (row["data"]["lead_id"], row["data"]["conversation_id"]) == (str(other.id), None)


async def test_a_meeting_is_told_of_with_whose_it_is(database: Database) -> None:
    await an_endpoint(database, "meeting.booked", "meeting.moved", "meeting.cancelled")
    rules = CalendarRules(zone=ZoneInfo("Europe/Berlin"), hours=read_hours("mon-fri 09:00-17:00"), buffer_minutes=0)
    meetings = EmbeddedCalendar(Bookings(database), rules, now=lambda: NOW)
    asked = BookingRequest(start=NINE, email="jane@acme.com", company="Acme", conversation_id="conv_a")
    booking = await meetings.book(asked, idempotency_key="k1")
    assert await meetings.book(asked, idempotency_key="k1") == booking
    await meetings.book(replace(asked, start=NINE + timedelta(hours=1)), idempotency_key="k2", if_booked="move")
    await meetings.cancel(booking.id)
    rows = await told(database)
    lead = await Leads(database).find(email="jane@acme.com")
    assert kinds(rows) == ["meeting.booked", "meeting.moved", "meeting.cancelled"]
    assert {row["subject"] for row in rows} == {booking.id}
    assert lead is not None and {row["data"]["lead_id"] for row in rows} == {str(lead.id)}
    starts = [(row["data"]["starts_at"][11:16], (row["data"]["moved_from"] or "")[11:16]) for row in rows]
    assert starts == [("08:00", ""), ("09:00", "08:00"), ("09:00", "")]


async def test_a_call_is_told_of_once_however_it_ends(database: Database) -> None:
    await an_endpoint(database, "call.ended")
    calls = OutboundCalls(database)
    for name, status, ended in (("a", "ringing", None), ("b", "refused", NOW)):
        call = OutboundCall(
            id=f"call_{name}", number=f"+1415555010{ord(name) - 90}", conversation_id=f"conv_{name}", status=status,
            code="no_consent" if ended else None, created_at=NOW, ended_at=ended, updated_at=NOW,
        )  # fmt: skip
        async with database.transaction() as transaction:
            await insert_call(transaction, call)
    over = {"answered_at": NOW, "ended_at": NOW + timedelta(minutes=1)}
    await calls.change("call_a", lambda call: replace(call, status="completed", **over))
    await calls.change("call_a", lambda call: replace(call, left_message=True))
    refused, completed = await told(database)
    assert (refused["data"]["status"], refused["data"]["code"]) == ("refused", "no_consent")
    assert (refused["data"]["conversation_id"], refused["data"]["duration_ms"]) == (None, None)
    assert (completed["data"]["conversation_id"], completed["data"]["duration_ms"]) == ("conv_a", 60_000)


async def test_results_recordings_and_erasures_are_told_of(database: Database) -> None:
    await an_endpoint(database, "campaign.replied", "campaign.bounced", "recording.ready", "erasure.completed")
    leads, campaign = Leads(database), uuid4()
    kept, gone = [(await leads.create({"contact_name": name}, now=NOW)).id for name in ("Ann", "Ann A.")]
    await run(
        database,
        "INSERT INTO campaigns (id, name, channel, goal, audience, budget_usd, status, created_at, updated_at)"
        " VALUES (%(id)s, 'c', 'email', 'g', '{}', 1, 'ready', now(), now())",
        id=campaign,
    )
    result = "INSERT INTO campaign_results (campaign_id, lead_id, kind, at) VALUES (%(c)s, %(lead)s, %(kind)s, %(at)s)"
    for kind in ("replied", "booked"):
        await run(database, result, c=campaign, lead=gone, kind=kind, at=NOW)
    recording = (
        "INSERT INTO call_recordings (id, conversation_id, state, started_at, duration_ms, created_at, updated_at)"
        " VALUES ('rec_1', 'conv_1', %(state)s, now(), 900, now(), now())"
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, duration_ms = 900"
    )
    for state in ("processing", "ready", "ready", "deleted"):
        await run(database, recording, state=state)
    await run(
        database,
        "INSERT INTO erasures (id, status, source, crm, counts, due_at, created_at, updated_at)"
        " VALUES ('erasure_1', 'running', 'operator', 'keep', '{\"leads\": 1}', now(), now(), now())",
    )
    await run(database, "UPDATE erasures SET status = 'finished', finished_at = now()")
    rows = await told(database)
    assert kinds(rows) == ["campaign.replied", "recording.ready", "erasure.completed"]
    assert rows[1]["data"]["audio"] == "/api/conversations/conv_1/audio"
    assert rows[2]["data"]["counts"] == {"leads": 1}
    await run(database, "SELECT merge_leads(%(gone)s, %(kept)s)", gone=gone, kept=kept)
    rows = await told(database)
    assert kinds(rows) == ["campaign.replied", "recording.ready", "erasure.completed"], "no news when two are one"
    assert rows[0]["lead_id"] == kept, "and what was told of the one is found with the other"


async def test_an_endpoint_that_goes_undoes_no_fact(database: Database) -> None:
    await an_endpoint(database)

    async def create(number: int) -> UUID:
        return (await Leads(database).create({"contact_name": f"Ann {number}"}, now=NOW)).id

    async def delete() -> None:
        await run(database, "DELETE FROM webhook_endpoints")

    await asyncio.gather(*map(create, range(8)), delete(), *map(create, range(8)))
    assert len((await Leads(database).list()).items) == 16
