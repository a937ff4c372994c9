"""A meeting as it is kept, and as somebody wants it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

BookingStatus = Literal["booked", "cancelled"]


class BookingRow(Struct, frozen=True, kw_only=True):
    """``uid`` and ``sequence``: of its iCalendar event · ``invited_sequence``: what the attendee was told last, or may
    have been · ``invite_error``: why the last mail did not go out · ``mails_begun``: whose the mail under way is ·
    ``kept_sequence``: what is in the calendar elsewhere."""

    id: str
    uid: str
    idempotency_key: str
    starts_at: datetime
    ends_at: datetime
    status: BookingStatus
    time_zone: str
    email: str | None
    name: str | None
    company: str | None
    notes: str | None
    lead_id: UUID | None
    conversation_id: str | None
    sequence: int
    invited_sequence: int | None
    invite_attempts: int
    invite_after: datetime | None
    invite_error: str | None
    mails_begun: int
    kept_sequence: int | None
    keep_attempts: int
    created_at: datetime
    updated_at: datetime


class MeetingAgent(Struct, frozen=True, kw_only=True):
    """Who talks with people: for which ``company``, in which ``language`` (a BCP 47 tag); None: nobody said."""

    company: str | None = None
    language: str | None = None


class Claimant(Struct, frozen=True, kw_only=True):
    """Whose meeting it is, by what is known of somebody. ``identified``: an address says who it is, and whatever lead
    it leads to. A caller may name anybody's: then the lead the line is known by does, and the conversation ·
    ``booking_id``: the meeting itself, whosever it is."""

    lead_id: UUID | None = None
    email: str | None = None
    conversation_id: str | None = None
    identified: bool = True
    booking_id: str | None = None


class NewBooking(Struct, frozen=True, kw_only=True):
    """``invite``: whether an invitation is to go out · ``claimant``: who wants it; None: whom it names."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    email: str | None = None
    name: str | None = None
    company: str | None = None
    notes: str | None = None
    lead_id: UUID | None = None
    conversation_id: str | None = None
    invite: bool = False
    claimant: Claimant | None = None

    @property
    def whose(self) -> Claimant:
        return self.claimant or Claimant(lead_id=self.lead_id, email=self.email, conversation_id=self.conversation_id)


def read_booking(row: Record) -> BookingRow:
    return BookingRow(**{name: row[name] for name in BookingRow.__struct_fields__})
