"""Meetings that were booked, and times that are free."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.leads import Email
from agent_server.web.errors import Problem
from pipelines.calendar.embedded import booking_of
from pipelines.calendar.organiser import method_of
from pipelines.calendar.port import BookingRequest, CalendarError, IfBooked
from pipelines.loading import loaded
from storage.keys.secret_tokens import new_id
from storage.meetings.records import BookingRow, BookingStatus, Claimant
from storage.postgres.cursor import MAX_LIMIT, Page

bookings = Resource("bookings", "Meetings: free times, bookings and their invitations.")

Minutes = Annotated[int, Meta(ge=5, le=240)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]

_STATUSES = {"unknown_booking": 404, "calendar_unavailable": 503, "slot_taken": 409, "already_booked": 409}


Invitation = Literal["none", "waiting", "sent", "unknown", "failed"]


class Booking(Struct, frozen=True, kw_only=True):
    """A meeting. `invitation`: whether the mail about its last change went out. `waiting`: it is tried, again after an
    `invitation_error`; `unknown`: the mail server did not say whether it took it, twice, and it is not sent again: ask
    the attendee; `failed`: `invitation_error` says why; `none`: there is nobody to tell. `invited_at_sequence` is the
    last change the attendee was told of by e-mail, or may have been; null: none."""

    id: str
    uid: str
    status: BookingStatus
    start: datetime
    end: datetime
    time_zone: str
    email: str | None
    name: str | None
    company: str | None
    notes: str | None
    lead_id: UUID | None
    conversation_id: str | None
    sequence: int
    invited_at_sequence: int | None
    invitation: Invitation
    invitation_error: str | None
    created_at: datetime
    updated_at: datetime


class BookingQuery(Struct, frozen=True):
    """All filters given apply. Without `from` the list begins now."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    from_: datetime | None = msgspec.field(default=None, name="from")
    to: datetime | None = None
    status: BookingStatus | None = None
    lead_id: UUID | None = None
    conversation_id: str | None = None


class FreeQuery(Struct, frozen=True):
    """`from` and `to` bound the beginning of the meeting; two weeks from now without them."""

    from_: datetime | None = msgspec.field(default=None, name="from")
    to: datetime | None = None
    duration_minutes: Minutes = 30
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class FreeTime(Struct, frozen=True):
    start: datetime
    end: datetime


class FreeTimes(Struct, frozen=True):
    """`time_zone`: the office's; times are in UTC."""

    time_zone: str
    items: tuple[FreeTime, ...]


class NewBooking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`start` with its zone. The same `idempotency_key` again gives the booking made before. `if_booked`: when the lead
    or the address has a meeting coming, `refuse` (409 `already_booked`), `move` that one, or `add` a second.
    `moves`: the id of the meeting that is moved, whosever it is; of two of one person it need not be the next."""

    start: datetime
    duration_minutes: Minutes = 30
    email: Email | None = None
    name: Text | None = None
    company: Text | None = None
    notes: Annotated[str, Meta(max_length=2000)] | None = None
    lead_id: UUID | None = None
    idempotency_key: Annotated[str, Meta(min_length=8, max_length=100)] | None = None
    if_booked: IfBooked = "add"
    moves: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


@bookings.get("/api/bookings/free", scope="read", summary="Times a meeting can begin at", errors=(422, 503))
async def list_free_times(call: Call, query: FreeQuery) -> FreeTimes:
    """Soonest first, within the office's hours, with the notice and the free time around meetings it keeps."""
    meetings, now = call.services.meetings, call.services.utc_now()
    # What is asked for beyond what can be booked at all may be years that no calendar has.
    end = now + timedelta(days=meetings.rules.days_ahead)
    earliest = min(max(_aware(query.from_, "from") or now, now), end)
    latest = min(max(_aware(query.to, "to") or earliest + timedelta(days=14), now), end)
    try:
        slots = await meetings.calendar.free_slots(
            earliest=earliest, latest=latest, duration_minutes=query.duration_minutes, limit=query.limit
        )
    except CalendarError as error:
        raise _problem(error) from error
    return FreeTimes(meetings.rules.zone.key, tuple(FreeTime(slot.start, slot.end) for slot in slots))


@bookings.get("/api/bookings", scope="read", summary="List meetings, soonest first", errors=(422,))
async def list_bookings(call: Call, query: BookingQuery) -> Page[Booking]:
    page = await call.services.meetings.bookings.list(
        earliest=_aware(query.from_, "from") or call.services.utc_now(),
        latest=_aware(query.to, "to"),
        status=query.status,
        lead_id=query.lead_id,
        conversation_id=query.conversation_id,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Page(items=tuple(map(shown_booking, page.items)), next_cursor=page.next_cursor)


@bookings.post("/api/bookings", scope="write", summary="Book a meeting", status=201, errors=(404, 409, 422, 503))
async def book(call: Call, body: NewBooking) -> Booking:
    """Of two who want one time, one gets it; the other is answered 409 `slot_taken`. A meeting that is moved stays the
    same meeting, and its attendee is told of the change."""
    _aware(body.start, "start")
    meetings = call.services.meetings
    request = BookingRequest(
        start=body.start,
        duration_minutes=body.duration_minutes,
        time_zone=meetings.rules.zone.key,
        email=body.email,
        name=body.name,
        company=body.company,
        notes=body.notes,
        lead_id=body.lead_id,
        claimant=Claimant(booking_id=body.moves) if body.moves is not None else None,
    )
    key = f"api:{body.idempotency_key}" if body.idempotency_key else new_id("book")
    if_booked = "move" if body.moves is not None else body.if_booked
    try:
        booking = await meetings.calendar.book(request, idempotency_key=key, if_booked=if_booked)
    except CalendarError as error:
        raise _problem(error, param="start") from error
    return shown_booking(await _row(call, booking.id))


@bookings.get("/api/bookings/{id}", scope="read", summary="One meeting", errors=(404,))
async def get_booking(call: Call) -> Booking:
    return shown_booking(await _row(call, call.path("id")))


@bookings.post("/api/bookings/{id}/cancel", scope="write", summary="Cancel a meeting", errors=(404, 503))
async def cancel_booking(call: Call) -> Booking:
    """Its time is free again; an attendee who was invited by e-mail is told so."""
    try:
        booking = await call.services.meetings.calendar.cancel(call.path("id"))
    except CalendarError as error:
        raise _problem(error, param="id") from error
    return shown_booking(await _row(call, booking.id))


@bookings.get(
    "/api/bookings/{id}/invitation.ics",
    scope="read",
    summary="The meeting as an iCalendar file",
    produces="text/calendar",
    errors=(404,),
)
async def get_invitation(call: Call) -> web.Response:
    """For mail programs and calendars (RFC 5545)."""
    row = await _row(call, call.path("id"))
    event = booking_of(row)
    icalendar_file = await loaded(_writer)
    meetings = call.services.meetings
    organiser = meetings.organiser.as_agent(await meetings.bookings.agent_of(row.conversation_id))
    file = icalendar_file(event, organiser, sequence=row.sequence, now=call.services.utc_now())
    return web.Response(
        body=file,
        headers={
            "Content-Type": f'text/calendar; charset="utf-8"; method={method_of(event, organiser)}',
            "Content-Disposition": 'attachment; filename="invitation.ics"',
        },
    )


def _writer() -> Callable[..., bytes]:
    from pipelines.calendar.invitation import icalendar_file  # noqa: PLC0415 - slow to import

    return icalendar_file


async def _row(call: Call, booking_id: str) -> BookingRow:
    row = await call.services.meetings.bookings.get(booking_id)
    if row is None:
        raise Problem(404, "unknown_booking", "There is no such meeting.", param="id")
    return row


def _aware(moment: datetime | None, param: str) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Problem(422, "invalid_value", f"{param} needs a time zone, such as 2026-11-24T10:00:00Z.", param=param)
    return moment


def _problem(error: CalendarError, *, param: str | None = None) -> Problem:
    return Problem(_STATUSES.get(error.code, 422), error.code, str(error), param=param)


def _invitation(row: BookingRow) -> Invitation:
    if row.invite_after is not None:
        return "waiting"
    if row.invite_error is not None:
        return "unknown" if row.invited_sequence == row.sequence else "failed"
    return "sent" if row.invited_sequence == row.sequence else "none"


def shown_booking(row: BookingRow) -> Booking:
    return Booking(
        id=row.id,
        uid=row.uid,
        status=row.status,
        start=row.starts_at,
        end=row.ends_at,
        time_zone=row.time_zone,
        email=row.email,
        name=row.name,
        company=row.company,
        notes=row.notes,
        lead_id=row.lead_id,
        conversation_id=row.conversation_id,
        sequence=row.sequence,
        invited_at_sequence=row.invited_sequence,
        invitation=_invitation(row),
        invitation_error=row.invite_error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
