"""A calendar in memory that keeps the port's promises."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from pipelines.calendar.port import AlreadyBooked, Booking, BookingRequest, CalendarError, IfBooked, Slot
from storage.meetings.records import Claimant

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
"""A Monday."""


class FakeCalendar:
    """Ten and two o'clock UTC on the days after ``now``."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self.bookings: dict[str, Booking] = {}
        self.calls = 0

    async def free_slots(
        self, *, earliest: datetime, latest: datetime, duration_minutes: int = 30, limit: int = 20
    ) -> Sequence[Slot]:
        days = (self.now.replace(hour=0) + timedelta(days=ahead) for ahead in range(1, 15))
        starts = (day.replace(hour=hour) for day in days for hour in (10, 14))
        taken = {booking.slot.start for booking in self.bookings.values()}
        free = [start for start in starts if earliest <= start <= latest and start not in taken]
        return [Slot(start, start + timedelta(minutes=duration_minutes)) for start in free[:limit]]

    async def coming(self, claimant: Claimant) -> Booking | None:
        assert claimant.identified, "an agent is asked by who holds a key"
        whose = (claimant.lead_id, claimant.email, claimant.conversation_id)
        for booking in self.bookings.values():
            of = (booking.request.lead_id, booking.request.email, booking.request.conversation_id)
            if any(one is not None and one == other for one, other in zip(whose, of, strict=True)):
                return booking
        return None

    async def theirs(self, start: datetime, claimant: Claimant) -> Booking | None:
        raise NotImplementedError("no agent asks")

    async def book(self, request: BookingRequest, *, idempotency_key: str, if_booked: IfBooked = "add") -> Booking:
        self.calls += 1
        if idempotency_key in self.bookings:
            return self.bookings[idempotency_key]
        whose = Claimant(lead_id=request.lead_id, email=request.email, conversation_id=request.conversation_id)
        coming = await self.coming(whose)
        if coming is not None and if_booked == "refuse":
            raise AlreadyBooked(coming)
        if any(booking.slot.start == request.start for booking in self.bookings.values()):
            raise CalendarError("slot_taken", "Somebody has just taken that time.")
        slot = Slot(request.start, request.start + timedelta(minutes=request.duration_minutes))
        number = len(self.bookings) + 1
        booking = Booking(id=f"booking_{number}", uid=f"{number}@test", slot=slot, status="booked", request=request)
        self.bookings[idempotency_key] = booking
        return booking

    async def cancel(self, booking_id: str) -> Booking:
        booking = next(booking for booking in self.bookings.values() if booking.id == booking_id)
        return structs.replace(booking, status="cancelled")
