"""A meeting whose attendee is to be invited, and the mail server it goes through."""

import asyncio
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from icalendar import Calendar

from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.port import BookingRequest
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
US = Organiser("Northwind", "sales@northwind.example")


class Inbox:
    """What the server took. ``answer`` refuses instead."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"
        self.takes_s = 0.0
        self.together: asyncio.Barrier | None = None

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            content: bytes = envelope.content  # type: ignore[attr-defined]
            self.messages.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        await asyncio.sleep(self.takes_s)
        if self.together is not None:
            await self.together.wait()
        return self.answer


class Taking:
    """Takes every mail."""

    async def send(self, _message: EmailMessage) -> None: ...


async def book(database: Database) -> tuple[EmbeddedCalendar, Bookings, str]:
    bookings = Bookings(database)
    rules = CalendarRules(zone=ZoneInfo("UTC"), hours=read_hours("mon-fri 09:00-17:00"))
    calendar = EmbeddedCalendar(bookings, rules, invites=True, now=lambda: NOW)
    made = await calendar.book(
        BookingRequest(start=START, email="jane@acme.com", name="Jane", conversation_id="conv_j"), idempotency_key="k1"
    )
    return calendar, bookings, made.id


def event_of(mail: EmailMessage) -> Calendar:
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(part.get_content())
