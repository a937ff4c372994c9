"""Every call that was made becomes one activity at Close, also when nobody was talked to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs
from sync_world import SyncWorld

from crm.close.calls import from_outcome
from crm.contact import Unreached
from crm.sync.call_outcomes import SETTLED_WITHIN, is_over, outcome_of
from storage.calls.outbound import CallStatus, OutboundCall, insert_call, update_call
from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord
from storage.leads.leads import Leads
from storage.postgres.database import Database

NUMBER = "+14155550132"
AT = datetime(2030, 1, 1, 12, tzinfo=UTC)


def call(name: str = "1", lead_id: UUID | None = None, at: datetime = AT, **fields: Any) -> OutboundCall:
    known = {"id": f"call_{name}", "conversation_id": f"conv_{name}", "number": NUMBER, "status": "dialling"}
    return OutboundCall(**{**known, "lead_id": lead_id, "created_at": at, "updated_at": at, "dialled_at": at, **fields})


def over(begun: OutboundCall, status: CallStatus, **fields: Any) -> OutboundCall:
    return structs.replace(begun, status=status, ended_at=begun.created_at + timedelta(seconds=20), **fields)


def talk(*, ended: bool = True) -> ConversationRecord:
    ended_at = AT + timedelta(seconds=120) if ended else None
    return ConversationRecord(id="conv_1", channel="phone", created_at=AT, updated_at=AT, ended_at=ended_at)


async def make(database: Database, begun: OutboundCall, ended: OutboundCall | None = None) -> None:
    async with database.transaction() as transaction:
        await insert_call(transaction, begun)
        await update_call(transaction, begun)
    for _ in range(2):  # the carrier tells twice
        if ended is not None:
            async with database.transaction() as transaction:
                await update_call(transaction, ended)


async def lead_of(database: Database, name: str) -> UUID:
    return (await Leads(database).create({"contact_name": name, "contact_phone": NUMBER}, now=AT)).id


async def enter(sync: SyncWorld) -> list[dict[str, Any]]:
    """What is at Close when all is sent, the oldest first."""
    for _ in range(3):
        sync.pass_time(130)
        await sync.poll()
    return sorted(sync.close.store.activities.values(), key=lambda row: str(row["date_created"]))


async def test_each_call_is_entered_once_with_what_became_of_it(sync: SyncWorld, database: Database) -> None:
    lead_id, at = await lead_of(database, "Ada Byron"), sync.now()
    for name, status, fields in (
        ("busy", "busy", {}),
        ("away", "no_answer", {}),
        ("told", "voicemail", {"answered_at": at, "left_message": True}),
        ("wrong", "failed", {"code": "number_invalid", "message": "The carrier cannot call this number."}),
        ("unasked", "failed", {"code": "carrier_unreachable"}),
    ):
        begun = call(name, lead_id, at, purpose="your trial.")
        await make(database, begun, over(begun, status, **fields))
    for name in ("first", "again"):
        refused = call(name, lead_id, at, status="refused", code="no_consent", message="There is no record.")
        await make(database, structs.replace(refused, dialled_at=None, ended_at=at))
    later = call("later", lead_id, at, status="refused", code="outside_calling_hours", message="It is night.")
    await make(database, structs.replace(later, dialled_at=None, ended_at=at))

    entered = await enter(sync)
    assert {entry["_type"] for entry in entered} == {"Call"}
    assert sorted((entry["status"], entry["disposition"]) for entry in entered) == [
        ("busy", "busy"),
        ("cancelled", "blocked"),
        ("cancelled", "blocked"),
        ("completed", "vm-left"),
        ("no-answer", "no-answer"),
    ]
    assert {(entry["direction"], entry["phone"], len(sync.close.store.contacts)) for entry in entered} == {
        ("outbound", NUMBER, 1)
    }
    (told,) = [entry["note"] for entry in entered if entry["disposition"] == "vm-left"]
    assert told.startswith("A voicemail answered; a message was left. It was about your trial.")
    assert not await sync.waiting_out()


async def test_a_call_whose_entry_got_no_answer_is_looked_for(sync: SyncWorld, database: Database) -> None:
    begun = call("busy", await lead_of(database, "Ada Byron"), sync.now())
    await make(database, begun, over(begun, "busy"))
    sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and "/activity/" in request.url else None
    )
    assert len(await enter(sync)) == 1, "applied, though nobody heard"
    sync.transport.choose = lambda request: None
    sync.pass_time(600)
    assert len(await enter(sync)) == 1
    assert not await sync.waiting_out()


async def test_a_call_that_was_talked_is_one_entry_whichever_ends_first(sync: SyncWorld, database: Database) -> None:
    begun = call("1", await lead_of(database, "Ada Byron"), sync.now(), status="in_progress", answered_at=sync.now())
    await make(database, begun)
    conversations = Conversations(database)
    about: dict[str, Any] = {"direction": "outbound", "phone": NUMBER}
    record = ConversationRecord(
        id="conv_1", channel="phone", lead_id=begun.lead_id, metadata=about, created_at=AT, updated_at=AT
    )
    await conversations.create(record)
    await conversations.end("conv_1", "closed", now=sync.now())
    assert await enter(sync) == [], "who answered is not known yet"
    async with database.transaction() as transaction:
        await update_call(transaction, over(begun, "voicemail", left_message=True))
    (entered,) = await enter(sync)
    assert entered["disposition"] == "vm-left"


def test_a_call_is_over_when_it_has_ended_and_so_has_its_conversation_but_is_not_waited_for_for_ever() -> None:
    open_call, ended = call(status="in_progress"), over(call(), "completed")
    later = AT + SETTLED_WITHIN + timedelta(seconds=1)
    talked, talking = talk(), talk(ended=False)
    assert not is_over(open_call, None, since=AT, now=AT)
    assert not is_over(open_call, talked, since=AT, now=AT)
    assert not is_over(ended, talking, since=AT, now=AT)
    assert is_over(ended, talked, since=AT, now=AT)
    assert is_over(ended, None, since=AT, now=AT)
    assert is_over(open_call, talking, since=AT, now=later)


@pytest.mark.parametrize(
    ("status", "fields", "unreached"),
    [
        ("completed", {"answered_at": AT}, None),
        ("voicemail", {"answered_at": AT}, "voicemail"),
        ("voicemail", {"answered_at": AT, "left_message": True}, "message_left"),
        ("failed", {}, "failed"),
        ("failed", {"code": "number_invalid"}, "blocked"),
        ("canceled", {}, "canceled"),
        ("canceled", {"answered_at": AT}, None),
        ("refused", {"code": "do_not_call"}, "blocked"),
    ],
)
def test_what_a_call_came_to(status: CallStatus, fields: dict[str, Any], unreached: Unreached | None) -> None:
    outcome = outcome_of(over(call(), status, **fields), None)
    assert (outcome.unreached, outcome.answered, outcome.direction) == (unreached, unreached is None, "outbound")
    assert outcome.duration_s == (20 if "answered_at" in fields else 0)
    assert outcome.notes or unreached is None
    is_completed = from_outcome(outcome, "", None).status == "completed"
    assert is_completed == (unreached in (None, "message_left"))
