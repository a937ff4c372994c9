"""Every call, qualification and booking of a conversation becomes one activity at Close."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sync_world import SyncWorld

from crm.contact import ContactFields
from crm.sync.activities import note_text
from storage.calls.recordings import CallRecordings
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord, ItemRecord
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database


async def held_conversation(database: Database, sync: SyncWorld, contact_id: str, **metadata: str) -> None:
    """A call of two minutes, as the log writes it, and what it led to."""
    began = sync.now()
    log = ConversationLog(database)
    log.start()
    about: dict[str, Any] = {"id": "conv_1", "channel": "phone", "metadata": {"contact_id": contact_id, **metadata}}
    log.conversation(ConversationRecord(**about, created_at=began, updated_at=began))
    said = {"created_at": began, "updated_at": began, "heard_text": "Yes, <b>Tuesday</b> suits me."}
    log.item("conv_1", ItemRecord(id="item_1", position=1.0, role="user", **said))
    await log.aclose()
    await sync.store.conversations.end("conv_1", "closed", now=began + timedelta(seconds=120))
    outcomes = Outcomes(database, now=sync.now)
    assert await outcomes.record("call_1", "conv_1", "meeting", {"start": "2030-02-01T10:00:00Z"})
    assert not await outcomes.record("call_1", "conv_1", "meeting", {"start": "2030-02-01T10:00:00Z"})


def activities(sync: SyncWorld) -> list[dict[str, Any]]:
    return sorted(sync.close.store.activities.values(), key=lambda row: str(row["_type"]))


async def test_a_conversation_is_entered_once(sync: SyncWorld, database: Database) -> None:
    row = await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    await held_conversation(database, sync, row.id)
    for _ in range(3):
        sync.pass_time(130)
        await sync.poll()
    call, note = activities(sync)
    assert (call["_type"], call["duration"], call["direction"]) == ("Call", 120, "inbound")
    assert "Tuesday" in call["note"]
    assert note["note"].startswith("Meeting booked")
    (contact,) = sync.close.store.contacts.values()
    assert call["contact_id"] == note["contact_id"] == contact["id"]


@pytest.mark.parametrize("recorded", [True, False])
async def test_a_call_that_was_recorded_carries_its_link(sync: SyncWorld, database: Database, recorded: bool) -> None:
    row = await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    link = "https://agent.example.com/api/recordings/audio?key=k"
    await held_conversation(database, sync, row.id, recording_url=link)
    recordings = CallRecordings(database)
    await recordings.began("rec_1", "conv_1", started_at=sync.now(), now=sync.now())
    if not recorded:
        await recordings.deleted(["rec_1"], now=sync.now())
    for _ in range(3):
        sync.pass_time(130)
        await sync.poll()
    assert activities(sync)[0].get("recording_url") == (link if recorded else None)


async def test_an_entry_without_an_answer_is_looked_for(sync: SyncWorld, database: Database) -> None:
    row = await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    await sync.poll()
    await held_conversation(database, sync, row.id)
    sync.pass_time(130)
    sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and "/activity/" in request.url else None
    )
    await sync.poll()
    assert len(activities(sync)) == 2, "applied, though nobody heard"
    sync.transport.choose = lambda request: None
    for _ in range(2):
        sync.pass_time(600)
        await sync.poll()
    assert len(activities(sync)) == 2
    assert (await sync.outbox_states())["done"] >= 2


async def test_it_follows_a_merged_lead(sync: SyncWorld, database: Database) -> None:
    old, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    new, _ = sync.make("Acme Inc", name="Charles Babbage", email="charles@example.com")
    await sync.poll()
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    await held_conversation(database, sync, row.id)
    sync.close.store.merge_leads(old, new)
    sync.pass_time(130)
    await sync.poll("export")
    assert {activity["lead_id"] for activity in activities(sync)} == {new}
    assert len(activities(sync)) == 2


async def test_an_entry_without_an_answer_is_looked_for_where_it_was_tried(sync: SyncWorld, database: Database) -> None:
    """Its contact was deleted there meanwhile, and is made anew, in a lead of its own."""
    lead, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    await held_conversation(database, sync, row.id)
    sync.pass_time(130)
    sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and "/activity/" in request.url else None
    )
    await sync.poll("export")
    sync.transport.choose = lambda request: None
    sync.close.store.delete_contact(contact_id)
    await sync.edits.edit(row.id, {"title": "Countess"})
    await sync.poll()
    (conflict,) = (await sync.store.conflicts.list(state="open")).items
    await sync.edits.resolve(conflict.id, "local")
    for _ in range(3):
        sync.pass_time(600)
        await sync.poll()
    assert contact_id not in sync.theirs()
    assert {fields.title for fields in sync.theirs().values()} == {"Countess"}
    assert [activity["lead_id"] for activity in activities(sync)] == [lead, lead]
    assert not await sync.waiting_out()


async def test_outcomes_of_nobody_known_are_passed_over(sync: SyncWorld, database: Database) -> None:
    outcomes = Outcomes(database, now=sync.now)
    await outcomes.record("call_9", "conv_unknown", "handoff", {})
    assert await sync.poll() == "completed"
    assert await sync.outbox_states() == {"pending": 1}, "it may turn out who it was"
    sync.pass_time(3600)
    assert await sync.poll() == "completed"
    assert await sync.outbox_states() == {"skipped": 1}


def test_a_note_in_plain_words() -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC).isoformat()
    text = note_text({"outcome": "lead_update", "data": {"team_size": 12, "noted_at": at}})
    assert text.splitlines() == ["Learned in conversation", "team size: 12", f"noted at: {at}"]
