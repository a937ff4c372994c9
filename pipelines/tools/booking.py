"""The tools that find a time for a meeting and book it."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import UNSET, Meta, UnsetType, structs

from pipelines.calendar.port import AlreadyBooked, BookingRequest, Calendar, CalendarError, Slot
from pipelines.calendar.zones import spoken_zone
from pipelines.playbook.slots import spoken_slot, spread
from pipelines.playbook.tools import BOOK_MEETING, CANCEL_MEETING, BookMeeting, CancelMeeting
from pipelines.tools.arguments import Arguments, checking, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from storage import email_address
from storage.keys.secret_tokens import utc_now
from storage.meetings.records import Claimant

DURATION_MINUTES = 30
DAYS_AHEAD = 14
MOST_TIMES = 6
_LISTED = 100
_NOT_THEIRS = (
    "No meeting at that time is known to be the caller's, so it cannot be cancelled here; declining its invitation"
    " cancels it."
)
_UNDISCLOSED = (
    "It is not known whether it is the caller's, so it can be neither told nor moved here; answering its invitation"
    ' changes it. Ask whether to book this time as well; if so, book again with if_booked "add".'
)
_A_PERSONS = "Offer no other time: say that a colleague can arrange more, and offer to hand over to one."


class FindMeetingTimes(Arguments, frozen=True, kw_only=True):
    day: (
        Annotated[
            date,
            Meta(description="The day the caller asked for, such as 2026-11-24; leave out for the soonest times."),
        ]
        | UnsetType
    ) = UNSET
    duration_minutes: Annotated[int, Meta(description="Length in minutes.", ge=5, le=240)] | UnsetType = UNSET


def booking_tools(
    calendar: Calendar, zone: ZoneInfo, *, invites: bool = False, now: Callable[[], datetime] = utc_now
) -> Mapping[str, Tool]:
    """By name. ``zone``: the office's, in which times are told · ``invites``: invitations go out by e-mail."""
    booking = _Booking(calendar, zone, invites=invites, now=now)
    tools = (
        typed_tool(
            "find_meeting_times",
            "Times at which a specialist is free for a meeting, and the meeting the caller has already, if any."
            " Offer two of the times, and only times found here; say the time zone where the caller's may be another.",
            FindMeetingTimes,
            booking.find,
            ToolPolicy(deadline_s=5.0, filler="One moment, I'm looking at the calendar."),
        ),
        checking(
            BOOK_MEETING,
            BookMeeting,
            booking.book,
            ToolPolicy(deadline_s=10.0, filler="Let me put that in the calendar.", has_effect=True),
        ),
        checking(
            CANCEL_MEETING,
            CancelMeeting,
            booking.cancel,
            ToolPolicy(deadline_s=10.0, filler="Let me take that off the calendar.", has_effect=True),
        ),
    )
    return {tool.spec.name: tool for tool in tools}


class _Booking:
    def __init__(self, calendar: Calendar, zone: ZoneInfo, *, invites: bool, now: Callable[[], datetime]) -> None:
        self._calendar = calendar
        self._zone = zone
        self._invites = invites
        self._now = now

    async def find(self, asked: FindMeetingTimes, context: ToolContext) -> dict[str, Any]:
        """Raises ToolError ``calendar_unavailable``."""
        times = {**await self._times(asked), **await self._has_already(context)}
        return {**times, "time_zone": spoken_zone(self._zone)}

    async def _has_already(self, context: ToolContext) -> dict[str, Any]:
        try:
            coming = await self._calendar.coming(_caller(context))
        except CalendarError as error:
            raise ToolError(error.code, str(error), retryable=error.retryable) from error
        return {"already_booked": self._named(coming.slot.start)} if coming is not None else {}

    async def _times(self, asked: FindMeetingTimes) -> dict[str, Any]:
        duration = asked.duration_minutes or DURATION_MINUTES
        if asked.day is UNSET:
            now = self._now()
            return {"times": self._told(await self._free(now, now + timedelta(days=DAYS_AHEAD), duration))}
        morning = datetime.combine(asked.day, time(0), tzinfo=self._zone).astimezone(UTC)
        times = self._told(await self._free(morning, morning + timedelta(days=1), duration))
        if times:
            return {"times": times}
        return {"times": [], "soonest": self._told(await self._free(morning, morning + timedelta(days=8), duration))}

    async def book(self, asked: BookMeeting, context: ToolContext) -> dict[str, Any]:
        """Raises ToolError ``slot_in_the_past``, ``slot_too_soon``, ``slot_taken``, ``outside_working_hours`` or
        ``calendar_unavailable``; the message names other times. ``already_booked``: it names the meeting there is.
        ``address_has_meeting``: anybody can name an address, so the meeting under it is neither told nor moved.
        ``too_many_meetings``: a person may book more."""
        request = BookingRequest(
            start=asked.start,
            duration_minutes=asked.duration_minutes or DURATION_MINUTES,
            time_zone=self._zone.key,
            email=asked.email or None,
            name=asked.name or None,
            company=asked.company or None,
            notes=asked.notes or None,
            conversation_id=context.conversation_id,
            claimant=_caller(context),
        )
        try:
            if asked.if_booked == "move" and asked.moves:
                request = structs.replace(request, claimant=await self._holder_of(asked.moves, context))
            booking = await self._calendar.book(
                request, idempotency_key=context.idempotency_key, if_booked=asked.if_booked or "refuse"
            )
        except AlreadyBooked as error:
            raise ToolError(error.code, self._already(error.booking.slot)) from error
        except CalendarError as error:
            raise ToolError(error.code, await self._with_others(error, request), retryable=error.retryable) from error
        sent = self._invites and email_address.normalised(booking.request.email) is not None
        return {
            "booked": True,
            "start": booking.slot.start.isoformat(),
            "booking_id": booking.id,
            "invitation": "goes out by e-mail" if sent else "none is sent",
        }

    async def _holder_of(self, start: datetime, context: ToolContext) -> Claimant:
        """Of the caller's own meeting at that time; of their next one, where there is none. Raises CalendarError."""
        theirs = await self._calendar.theirs(start, _caller(context))
        if theirs is None or theirs.status != "booked":
            return _caller(context)
        return Claimant(booking_id=theirs.id)

    async def cancel(self, asked: CancelMeeting, context: ToolContext) -> dict[str, Any]:
        """Raises ToolError ``unknown_booking``: no meeting at that time is known to be the caller's; or
        ``calendar_unavailable``. One that is cancelled already stays so."""
        try:
            theirs = await self._calendar.theirs(asked.start, _caller(context))
            if theirs is None:
                raise ToolError("unknown_booking", _NOT_THEIRS)
            cancelled = await self._calendar.cancel(theirs.id)
        except CalendarError as error:
            raise ToolError(error.code, str(error), retryable=error.retryable) from error
        return {"cancelled": True, "booking_id": cancelled.id}

    def _already(self, slot: Slot) -> str:
        at = spoken_slot(slot.start.astimezone(self._zone))
        return f"The caller has a meeting on {at} already. Ask whether to move it; then book again with if_booked."

    async def _with_others(self, error: CalendarError, request: BookingRequest) -> str:
        """What went wrong, and the times nearest to what was wanted."""
        if error.code == "calendar_unavailable":
            return str(error)
        if error.code == "too_many_meetings":
            return f"{error} {_A_PERSONS}"
        if error.code == "address_has_meeting":
            return f"{error} {_UNDISCLOSED}"
        earliest = max(request.start, self._now())
        try:
            slots = await self._free(earliest, earliest + timedelta(days=7), request.duration_minutes)
        except ToolError:
            return str(error)
        offered = " or ".join(spoken_slot(slot.start.astimezone(self._zone)) for slot in slots[:2])
        return f"{error} Offer {offered}." if offered else str(error)

    async def _free(self, earliest: datetime, latest: datetime, duration_minutes: int) -> list[Slot]:
        try:
            slots = await self._calendar.free_slots(
                earliest=earliest, latest=latest, duration_minutes=duration_minutes, limit=_LISTED
            )
        except CalendarError as error:
            raise ToolError(error.code, str(error), retryable=error.retryable) from error
        return list(slots)

    def _told(self, slots: list[Slot]) -> list[dict[str, str]]:
        """A few that differ, the soonest first, as one says them and as ``book_meeting`` takes them."""
        starts = [slot.start.astimezone(self._zone) for slot in slots]
        chosen = list(dict.fromkeys((*spread(starts), *starts[:MOST_TIMES])))[:MOST_TIMES]
        return [self._named(start) for start in sorted(chosen)]

    def _named(self, start: datetime) -> dict[str, str]:
        local = start.astimezone(self._zone)
        return {"start": local.isoformat(), "say": spoken_slot(local)}


def _caller(context: ToolContext) -> Claimant:
    return Claimant(lead_id=context.lead_id, conversation_id=context.conversation_id, identified=False)
