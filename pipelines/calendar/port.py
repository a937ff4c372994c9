"""The port every calendar implements. Moments are aware datetimes; zones are IANA names (``Europe/Berlin``)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from storage.meetings.records import Claimant

IfBooked = Literal["refuse", "move", "add"]
"""What becomes of a wish for a meeting when its person has one coming: it is refused, that one is moved, or there are
two."""


class Slot(Struct, frozen=True, order=True):
    """A time a meeting can have, in UTC."""

    start: datetime
    end: datetime


class BookingRequest(Struct, frozen=True, kw_only=True):
    """A meeting somebody has agreed to. ``time_zone``: in which the attendee thinks of it · ``claimant``: who they are;
    None: whom it names. Where that is not identified, a meeting under the address is neither told nor moved."""

    start: datetime
    duration_minutes: int = 30
    time_zone: str = "UTC"
    email: str | None = None
    name: str | None = None
    company: str | None = None
    notes: str | None = None
    lead_id: UUID | None = None
    conversation_id: str | None = None
    claimant: Claimant | None = None


class Booking(Struct, frozen=True, kw_only=True):
    """A meeting in the calendar. ``uid``: of its iCalendar event, the same for every later change of it."""

    id: str
    uid: str
    slot: Slot
    status: Literal["booked", "cancelled"]
    request: BookingRequest


class CalendarError(Exception):
    """``slot_taken``, ``slot_in_the_past``, ``slot_too_soon``, ``outside_working_hours``, ``address_has_meeting``,
    ``too_many_meetings``, ``calendar_unavailable``, ..."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class AlreadyBooked(CalendarError):  # noqa: N818 - names the fact
    """``already_booked``: the person has a meeting coming, ``booking``."""

    def __init__(self, booking: Booking) -> None:
        super().__init__("already_booked", f"There is a meeting already, at {booking.slot.start.isoformat()}.")
        self.booking = booking


class Calendar(Protocol):
    """One team's calendar."""

    async def free_slots(
        self, *, earliest: datetime, latest: datetime, duration_minutes: int = 30, limit: int = 20
    ) -> Sequence[Slot]:
        """Times that are free now, soonest first. Raises CalendarError."""

    async def book(self, request: BookingRequest, *, idempotency_key: str, if_booked: IfBooked = "add") -> Booking:
        """Book once under the key: the same key again gives the booking made before. Of two who want one slot, one
        gets it; of two wishes of one person that are to be refused when there is a meeting, one is. Raises
        CalendarError."""

    async def coming(self, claimant: Claimant) -> Booking | None:
        """Their next meeting. Raises CalendarError."""

    async def theirs(self, start: datetime, claimant: Claimant) -> Booking | None:
        """The lead's or the conversation's own meeting that begins then, cancelled or not. Raises CalendarError."""

    async def cancel(self, booking_id: str) -> Booking:
        """Raises CalendarError ``unknown_booking``."""
