"""The calendar on what conversations have booked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.calendar.port import BookingRequest, CalendarError
from pipelines.calendar.recorded_meetings import RecordedMeetings
from storage.database import Database
from storage.outcomes import Outcomes

NOW = datetime(2026, 12, 7, 12, tzinfo=UTC)
"""A Monday."""

NEXT = datetime(2026, 12, 8, 10, tzinfo=UTC)


def calendar(database: Database) -> RecordedMeetings:
    return RecordedMeetings(Outcomes(database), now=lambda: NOW)


async def starts(meetings: RecordedMeetings) -> list[datetime]:
    return [slot.start for slot in await meetings.free_slots(earliest=NOW, latest=NOW + timedelta(days=14))]


async def test_what_is_booked_is_no_longer_free(database: Database) -> None:
    meetings = calendar(database)
    assert (await starts(meetings))[0] == NEXT
    booking = await meetings.book(BookingRequest(start=NEXT, email="sam@acme.test"), idempotency_key="one")
    assert (booking.slot.start, booking.status) == (NEXT, "booked")
    assert NEXT not in await starts(meetings)


async def test_a_meeting_booked_in_conversation_is_taken_here_too(database: Database) -> None:
    await Outcomes(database).record("call_1", "conv_1", "meeting", {"start": NEXT.isoformat()})
    assert NEXT not in await starts(calendar(database))
    with pytest.raises(CalendarError, match="taken"):
        await calendar(database).book(BookingRequest(start=NEXT), idempotency_key="other")


async def test_of_many_one_gets_the_time_and_the_same_key_is_the_same_booking(database: Database) -> None:
    meetings = calendar(database)
    tries = (meetings.book(BookingRequest(start=NEXT), idempotency_key=f"key_{n}") for n in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    [won] = [result for result in results if not isinstance(result, BaseException)]
    again = await meetings.book(won.request, idempotency_key=won.id)
    assert (again.uid, again.slot) == (won.uid, won.slot)


async def test_the_past_cannot_be_booked(database: Database) -> None:
    with pytest.raises(CalendarError) as refused:
        await calendar(database).book(BookingRequest(start=NOW - timedelta(hours=1)), idempotency_key="late")
    assert refused.value.code == "slot_in_the_past"
