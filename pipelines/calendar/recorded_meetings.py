"""The calendar of an installation that has no other: the meetings that conversations have booked, in office hours.

One truth with ``book_meeting``: both write the same outcomes, and the database gives a time to one of them alone.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pipelines.calendar.port import Booking, BookingRequest, CalendarError, Slot
from pipelines.playbook.slots import business_slots
from storage.errors import InvalidData, StorageError
from storage.outcomes import Outcomes


class RecordedMeetings:
    """Implements Calendar. Times are those the playbook offers."""

    def __init__(
        self, outcomes: Outcomes, *, now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    ) -> None:
        """``now`` with the zone of the office."""
        self._outcomes = outcomes
        self._now = now

    async def free_slots(
        self, *, earliest: datetime, latest: datetime, duration_minutes: int = 30, limit: int = 20
    ) -> Sequence[Slot]:
        now = self._now()
        try:
            taken = await self._outcomes.meeting_starts(earliest, latest)
        except StorageError as error:
            raise _unavailable(error) from error
        starts = (start.astimezone(UTC) for start in business_slots(now) if earliest <= start <= latest)
        length = timedelta(minutes=duration_minutes)
        return [Slot(start, start + length) for start in starts if start not in taken][:limit]

    async def book(self, request: BookingRequest, *, idempotency_key: str) -> Booking:
        start = request.start.astimezone(UTC)
        if start <= self._now():
            raise CalendarError("slot_in_the_past", "That time has passed.")
        told = {
            "start": start.isoformat(),
            "duration_minutes": request.duration_minutes,
            "email": request.email,
            "name": request.name,
            "company": request.company,
            "notes": request.notes,
        }
        data: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        try:
            await self._outcomes.record(idempotency_key, request.conversation_id or idempotency_key, "meeting", data)
        except InvalidData as error:
            raise CalendarError("slot_taken", "Somebody has just taken that time.") from error
        except StorageError as error:
            raise _unavailable(error) from error
        slot = Slot(start, start + timedelta(minutes=request.duration_minutes))
        uid = f"{uuid5(NAMESPACE_URL, idempotency_key)}@sales-agent"
        return Booking(id=idempotency_key, uid=uid, slot=slot, status="booked", request=request)

    async def cancel(self, booking_id: str) -> Booking:
        raise CalendarError("unknown_booking", "Meetings kept with their conversations cannot be cancelled here.")


def _unavailable(error: StorageError) -> CalendarError:
    return CalendarError("calendar_unavailable", "The calendar cannot be reached.", retryable=error.retryable)
