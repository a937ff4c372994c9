"""The calendar of an installation that has no other: rules and the bookings in the database."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pipelines.calendar.availability import free_slots, why_not
from pipelines.calendar.elsewhere import Elsewhere, NothingElsewhere
from pipelines.calendar.port import AlreadyBooked, Booking, BookingRequest, CalendarError, IfBooked, Slot
from pipelines.calendar.rules import CalendarRules
from storage.errors import InvalidData, StorageError
from storage.keys.secret_tokens import utc_now
from storage.meetings.bookings import AddressHasMeeting, Bookings, TooManyMeetings, UnknownBooking
from storage.meetings.bookings import AlreadyBooked as AlreadyStored
from storage.meetings.records import BookingRow, Claimant, NewBooking

DEADLINE_S = 3.0
_FARTHEST = timedelta(days=3660)
"""Beyond, a time may have no form in another zone, or no end."""

_REASONS = {
    "slot_in_the_past": "That time has passed.",
    "slot_too_soon": "That is too soon for anybody to be there.",
    "outside_working_hours": "Nobody is there at that time.",
}


class EmbeddedCalendar:
    """Implements Calendar."""

    def __init__(
        self,
        bookings: Bookings,
        rules: CalendarRules,
        *,
        invites: bool = False,
        elsewhere: Elsewhere | None = None,
        on_change: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """``invites``: invitations can be sent · ``elsewhere``: whose times count too · ``on_change``: hears that
        other times are free now."""
        self.rules = rules
        self.invites = invites
        self.on_change = on_change
        self._bookings = bookings
        self._elsewhere = elsewhere or NothingElsewhere()
        self._now = now

    async def free_slots(
        self, *, earliest: datetime, latest: datetime, duration_minutes: int = 30, limit: int = 20
    ) -> Sequence[Slot]:
        now = self._now()
        also = await self._elsewhere.busy(now, self.rules.days_ahead)
        try:
            async with asyncio.timeout(DEADLINE_S):
                taken = await self._bookings.busy(earliest - timedelta(days=1), latest + timedelta(days=1))
        except (StorageError, TimeoutError) as error:
            raise _unavailable(error) from error
        return free_slots(
            self.rules,
            [*(Slot(start, end) for start, end in taken), *also],
            now,
            earliest=earliest,
            latest=latest,
            duration_minutes=duration_minutes,
            limit=limit,
        )

    async def book(self, request: BookingRequest, *, idempotency_key: str, if_booked: IfBooked = "add") -> Booking:
        now = self._now()
        if abs(request.start - now) > _FARTHEST:
            raise _refused("slot_in_the_past" if request.start < now else "outside_working_hours")
        new = _new(request, invite=self.invites)
        buffer = timedelta(minutes=self.rules.buffer_minutes)
        theirs = await self.coming(new.whose) if if_booked != "add" else None
        around = Slot(new.starts_at - buffer, new.ends_at + buffer)
        free = not await self._elsewhere.taken(around, now, but=theirs.uid if theirs else None)
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._book(new, idempotency_key, now, free=free, if_booked=if_booked)
        except AlreadyStored as error:
            raise AlreadyBooked(booking_of(error.row)) from error
        except (AddressHasMeeting, TooManyMeetings, UnknownBooking) as error:
            raise CalendarError(error.code, str(error)) from error
        except InvalidData as error:
            if error.code != "overlaps":
                raise CalendarError("invalid_booking", "The meeting cannot be written down like that.") from error
            raise self._taken() from error
        except (StorageError, TimeoutError) as error:
            raise _unavailable(error) from error

    async def coming(self, claimant: Claimant) -> Booking | None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                row = await self._bookings.coming(claimant, now=self._now())
        except (StorageError, TimeoutError) as error:
            raise _unavailable(error) from error
        return booking_of(row) if row else None

    async def theirs(self, start: datetime, claimant: Claimant) -> Booking | None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                row = await self._bookings.theirs(start, claimant)
        except (StorageError, TimeoutError) as error:
            raise _unavailable(error) from error
        return booking_of(row) if row else None

    async def cancel(self, booking_id: str) -> Booking:
        try:
            row = await self._bookings.cancel(booking_id, now=self._now())
        except StorageError as error:
            raise _unavailable(error) from error
        if row is None:
            raise CalendarError("unknown_booking", "There is no such meeting.")
        self.on_change()
        return booking_of(row)

    async def _book(
        self, new: NewBooking, idempotency_key: str, now: datetime, *, free: bool, if_booked: IfBooked
    ) -> Booking:
        reason = why_not(self.rules, Slot(new.starts_at, new.ends_at), now)
        if reason is not None or not free:
            # A call that runs again may do so when its meeting has begun, or finds its own meeting there.
            made = await self._bookings.under(idempotency_key)
            if made is None:
                raise self._taken() if reason is None else _refused(reason)
            return booking_of(made)
        row, is_new = await self._bookings.book(
            new,
            idempotency_key=idempotency_key,
            buffer_minutes=self.rules.buffer_minutes,
            now=now,
            if_booked=if_booked,
            bounds=self.rules.bounds,
        )
        if is_new:
            self.on_change()
        return booking_of(row)

    def _taken(self) -> CalendarError:
        self.on_change()
        return CalendarError("slot_taken", "Somebody has just taken that time.")


def _new(request: BookingRequest, *, invite: bool) -> NewBooking:
    start = request.start.astimezone(UTC)
    return NewBooking(
        starts_at=start,
        ends_at=start + timedelta(minutes=request.duration_minutes),
        time_zone=request.time_zone,
        email=request.email,
        name=request.name,
        company=request.company,
        notes=request.notes,
        lead_id=request.lead_id,
        conversation_id=request.conversation_id,
        invite=invite,
        claimant=request.claimant,
    )


def booking_of(row: BookingRow) -> Booking:
    return Booking(
        id=row.id,
        uid=row.uid,
        slot=Slot(row.starts_at, row.ends_at),
        status=row.status,
        request=BookingRequest(
            start=row.starts_at,
            duration_minutes=int((row.ends_at - row.starts_at).total_seconds() // 60),
            time_zone=row.time_zone,
            email=row.email,
            name=row.name,
            company=row.company,
            notes=row.notes,
            lead_id=row.lead_id,
            conversation_id=row.conversation_id,
        ),
    )


def _refused(reason: str) -> CalendarError:
    return CalendarError(reason, _REASONS[reason])


def _unavailable(error: Exception) -> CalendarError:
    retryable = getattr(error, "retryable", True)
    return CalendarError("calendar_unavailable", "The calendar cannot be reached.", retryable=retryable)
