"""A cancelled meeting, wherever it was booked and whoever cancels, is told of at Close once, beside its booking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sync_world import SyncWorld

from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord
from storage.leads.leads import Leads
from storage.meetings.bookings import Bookings
from storage.meetings.records import NewBooking
from storage.postgres.database import Database

START = datetime(2030, 2, 1, 10, tzinfo=UTC)


class Desk:
    """Where meetings are booked and cancelled."""

    def __init__(self, sync: SyncWorld, database: Database) -> None:
        self.sync = sync
        self.database = database
        self.bookings = Bookings(database)

    async def call(self, conversation_id: str = "conv_1") -> None:
        now = self.sync.now()
        about: dict[str, Any] = {"id": conversation_id, "channel": "phone", "created_at": now, "updated_at": now}
        await Conversations(self.database).create(ConversationRecord(**about))

    async def book(self, key: str = "call_1", *, start: datetime = START, **about: Any) -> str:
        new = NewBooking(starts_at=start, ends_at=start + timedelta(minutes=30), time_zone="UTC", **about)
        row, _ = await self.bookings.book(
            new, idempotency_key=key, buffer_minutes=0, now=self.sync.now(), if_booked="move"
        )
        return row.id

    async def cancel(self, booking_id: str) -> None:
        await self.bookings.cancel(booking_id, now=self.sync.now())

    async def polls(self, times: int = 3) -> None:
        for _ in range(times):
            self.sync.pass_time(130)
            await self.sync.poll()

    def notes(self) -> list[dict[str, Any]]:
        """In the order they were entered."""
        store = self.sync.close.store
        return sorted(store.activities.values(), key=lambda note: note["date_created"])

    def noted(self) -> list[str]:
        return [str(note["note"]).splitlines()[0] for note in self.notes()]


@pytest.fixture
def desk(sync: SyncWorld, database: Database) -> Desk:
    return Desk(sync, database)


async def test_a_cancelled_meeting_is_told_of_beside_its_booking(desk: Desk) -> None:
    await desk.call()
    booking = await desk.book(conversation_id="conv_1", email="ada@acme.example", name="Ada Byron")
    await desk.polls()
    assert desk.noted() == ["Meeting booked"]
    for _ in range(2):
        await desk.cancel(booking)
        await desk.polls(2)
    booked, cancelled = desk.notes()
    assert (booked["contact_id"], booked["lead_id"]) == (cancelled["contact_id"], cancelled["lead_id"])
    assert cancelled["note"].splitlines()[0] == "Meeting cancelled"
    assert "start: 2030-02-01T10:00:00+00:00" in cancelled["note"]


async def test_one_that_was_moved_is_cancelled_at_its_last_time(desk: Desk) -> None:
    await desk.call()
    await desk.book(conversation_id="conv_1", email="ada@acme.example")
    later = START + timedelta(days=1)
    booking = await desk.book("call_2", start=later, conversation_id="conv_1", email="ada@acme.example")
    await desk.cancel(booking)
    await desk.polls()
    assert desk.noted() == ["Meeting booked", "Meeting booked", "Meeting cancelled"]
    assert f"start: {later.isoformat()}" in desk.notes()[-1]["note"]


async def test_one_that_no_conversation_booked_is_told_of_with_its_lead(desk: Desk, database: Database) -> None:
    """From ``/api/bookings``, or an agent's thread: for a lead, or for an address alone."""
    lead = await Leads(database).create({"contact_email": "ada@acme.example"}, now=desk.sync.now())
    await desk.cancel(await desk.book("api_1", lead_id=lead.id))
    await desk.cancel(await desk.book("api_2", email="grace@navy.example"))
    await desk.polls()
    people = {str(contact["id"]): contact["emails"][0]["email"] for contact in desk.sync.close.store.contacts.values()}
    told = [people[note["contact_id"]] for note in desk.notes() if note["note"].startswith("Meeting cancelled")]
    assert sorted(told) == ["ada@acme.example", "grace@navy.example"]


@pytest.mark.parametrize("killed_at", range(0, 12, 3))
async def test_a_worker_killed_at_any_write_tells_of_it_once(desk: Desk, killed_at: int) -> None:
    await desk.call()
    booking = await desk.book(conversation_id="conv_1", email="ada@acme.example")
    await desk.polls()
    await desk.cancel(booking)
    desk.sync.pass_time(10)
    await desk.sync.poll_killed(killed_at)
    await desk.polls()
    assert desk.noted() == ["Meeting booked", "Meeting cancelled"]


async def test_an_answer_that_is_lost_tells_nobody_twice(desk: Desk) -> None:
    await desk.call()
    booking = await desk.book(conversation_id="conv_1", email="ada@acme.example")
    await desk.polls()
    await desk.cancel(booking)
    desk.sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and "/activity/" in request.url else None
    )
    await desk.polls(1)
    desk.sync.transport.choose = lambda request: None
    await desk.polls()
    assert desk.noted() == ["Meeting booked", "Meeting cancelled"]
