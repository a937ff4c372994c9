"""Invitations: the file, the mail, and that each change is told once, over a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP
from icalendar import Calendar
from msgspec import structs

from pipelines.calendar.embedded import EmbeddedCalendar, booking_of
from pipelines.calendar.invitation import calendar_object, icalendar_file
from pipelines.calendar.inviting import MOST_ATTEMPTS, Inviting, wait_s
from pipelines.calendar.mail import MailError, invitation_mail
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.port import Booking, BookingRequest, Slot
from pipelines.calendar.rules import CalendarRules, read_hours
from pipelines.calendar.smtp import SmtpMail
from storage.agent_profiles import AgentProfiles, ProfileFacts
from storage.bookings import Bookings
from storage.conversations import Conversations
from storage.database import Database
from storage.records import ConversationRecord

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
US = Organiser("Northwind", "sales@northwind.example")


class Inbox:
    """What the server took. ``answer`` refuses instead."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            content: bytes = envelope.content  # type: ignore[attr-defined]
            self.messages.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(inbox), "127.0.0.1", 0)
    try:
        yield inbox, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


def booking(**request: object) -> Booking:
    given = {"email": "jane@acme.com", "name": "Jane", "time_zone": "Europe/Berlin", **request}
    return Booking(
        id="bkg_1", uid="bkg_1@sales-agent", slot=Slot(START, START + timedelta(minutes=30)), status="booked",
        request=BookingRequest(start=START, **given),  # type: ignore[arg-type]
    )  # fmt: skip


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


def test_the_file_is_a_request_that_mail_programs_act_on() -> None:
    event = Calendar.from_ical(icalendar_file(booking(), US, sequence=2, now=NOW))
    assert (str(event["METHOD"]), str(event["VERSION"])) == ("REQUEST", "2.0")
    (meeting,) = event.walk("VEVENT")
    assert (str(meeting["UID"]), meeting["SEQUENCE"], meeting.decoded("dtstart")) == ("bkg_1@sales-agent", 2, START)
    assert str(meeting["ORGANIZER"]) == "mailto:sales@northwind.example"
    assert (str(meeting["ATTENDEE"]), meeting["ATTENDEE"].params["RSVP"]) == ("mailto:jane@acme.com", "TRUE")


def test_without_both_parties_it_only_tells() -> None:
    for event in (icalendar_file(booking(email=None), US, sequence=0, now=NOW),
                  icalendar_file(booking(), Organiser("Northwind"), sequence=0, now=NOW)):  # fmt: skip
        assert b"METHOD:PUBLISH" in event
        assert b"ATTENDEE" not in event


def test_nothing_said_by_a_caller_becomes_a_header_or_a_property() -> None:
    evil = "Jane\r\nBcc: all@acme.com\r\nATTENDEE:mailto:x@y.z"
    mail = invitation_mail(booking(name=evil, company=evil), US, sequence=0, now=NOW)
    assert mail["Bcc"] is None
    lines = icalendar_file(booking(name=evil, company=evil), US, sequence=0, now=NOW).splitlines()
    assert sum(line.startswith(b"ATTENDEE") for line in lines) == 1


def test_an_address_that_is_none_breaks_no_file() -> None:
    for write in (icalendar_file, calendar_object):
        told = [write(booking(email=email), US, sequence=0, now=NOW) for email in ("jane@acme.com\n", "jane\n@acme")]
        assert [b"ATTENDEE" in file for file in told] == [True, False]


def test_the_mail_says_the_time_as_the_attendee_thinks_of_it() -> None:
    mail = invitation_mail(booking(), US, sequence=0, now=NOW)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Tuesday, November 24, 2026 at 10:00 (Europe/Berlin)" in body.get_content()
    assert [part.get_content_type() for part in mail.walk()].count("text/calendar") == 1


async def test_each_change_is_told_once(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    calendar, bookings, booking_id = await book(database)
    inviting = Inviting(bookings, SmtpMail(url), US, now=lambda: NOW)
    assert [await inviting.invite_one() for _ in range(3)] == [True, False, False]
    await calendar.cancel(booking_id)
    assert [await inviting.invite_one() for _ in range(2)] == [True, False]
    first, second = received.messages
    assert (first["To"], second["Subject"]) == ("Jane <jane@acme.com>", "Cancelled: Northwind and Jane")
    assert first["Message-ID"] != second["Message-ID"]


async def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    database: Database, inbox: tuple[Inbox, str]
) -> None:
    received, url = inbox
    _, bookings, booking_id = await book(database)
    clock = [NOW]
    inviting = Inviting(bookings, SmtpMail(url), US, now=lambda: clock[0])
    received.answer = "451 later"
    assert await inviting.invite_one()
    assert not await inviting.invite_one()
    clock[0] += timedelta(seconds=wait_s(1))
    received.answer = "550 no"
    assert await inviting.invite_one()
    clock[0] += timedelta(hours=2)
    assert not await inviting.invite_one()
    row = await bookings.get(booking_id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after, received.messages) == (None, None, [])


async def test_a_server_that_is_away_is_given_up_in_the_end(database: Database) -> None:
    _, bookings, booking_id = await book(database)
    clock = [NOW]
    inviting = Inviting(bookings, SmtpMail("smtp://127.0.0.1:1"), US, now=lambda: clock[0])
    attempts = 0
    while await inviting.invite_one():
        attempts += 1
        clock[0] += timedelta(seconds=wait_s(attempts))
    assert attempts == MOST_ATTEMPTS
    row = await bookings.get(booking_id)
    assert row is not None
    assert row.invited_sequence is None


@pytest.mark.parametrize("address", ["jane@acme.com.", "jane@acme..com", "jane@[acme.com", "jane at acme.com"])
async def test_an_address_that_is_none_is_given_up_and_stops_no_other(database: Database, address: str) -> None:
    calendar, bookings, _ = await book(database)
    request = BookingRequest(start=START + timedelta(days=1), email=address)
    made = await calendar.book(request, idempotency_key="k2")
    inviting = Inviting(bookings, _Taking(), US, now=lambda: NOW)
    assert [await inviting.invite_one() for _ in range(3)] == [True, True, False]
    row = await bookings.get(made.id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after) == (None, None)


class _Taking:
    """Takes every mail."""

    async def send(self, _message: EmailMessage) -> None: ...


async def test_who_may_have_been_invited_is_told_of_the_end(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    calendar, bookings, booking_id = await book(database)
    assert await bookings.claim_invitation(now=NOW, for_s=60.0)  # its mail went out, and its sender died
    await calendar.cancel(booking_id)
    assert await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one()
    assert [message["Subject"] for message in received.messages] == ["Cancelled: Northwind and Jane"]


async def test_an_invitation_whose_sender_died_goes_to_the_next(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    _, bookings, _ = await book(database)
    assert await bookings.claim_invitation(now=NOW, for_s=60.0)
    later = Inviting(bookings, SmtpMail(url), US, now=lambda: NOW + timedelta(seconds=61))
    assert not await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one()
    assert await later.invite_one()
    assert len(received.messages) == 1


async def test_a_change_made_while_the_mail_was_under_way_is_told_too(database: Database) -> None:
    calendar, bookings, booking_id = await book(database)
    claimed = await bookings.claim_invitation(now=NOW, for_s=60.0)
    assert claimed is not None
    await calendar.cancel(booking_id)
    await bookings.invited(claimed, now=NOW)
    again = await bookings.claim_invitation(now=NOW, for_s=60.0)
    assert again is not None
    assert (booking_of(again).status, again.sequence) == ("cancelled", 1)


async def test_whoever_talked_with_them_invites(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    profiles = AgentProfiles(database)
    await profiles.create("bikes", ProfileFacts(company="Bol Bikes"), by=None, now=NOW)
    await profiles.create("silent", ProfileFacts(), by=None, now=NOW)
    bookings, calendar = Bookings(database), (await book(database))[0]
    for number, agent in enumerate(("bikes", "silent"), start=1):
        talk = ConversationRecord(id=f"conv_{number}", channel="phone", agent=agent, created_at=NOW, updated_at=NOW)
        await Conversations(database).create(talk)
        wanted = BookingRequest(
            start=START + timedelta(hours=number), email=f"{agent}@acme.com", conversation_id=talk.id
        )
        await calendar.book(wanted, idempotency_key=agent)
    inviting = Inviting(bookings, SmtpMail(url), US, now=lambda: NOW)

    async def inviters() -> dict[str, str]:
        while await inviting.invite_one():
            pass
        found = {str(mail["To"]): str(mail["From"].addresses[0].display_name) for mail in received.messages}
        received.messages.clear()
        return found

    assert await inviters() == {
        "Jane <jane@acme.com>": "Northwind",
        "bikes@acme.com": "Bol Bikes",
        "silent@acme.com": "Northwind",
    }
    await profiles.create("default", ProfileFacts(company="Initech"), by=None, now=NOW)
    await profiles.delete("bikes")
    for row in (await bookings.list(earliest=NOW)).items:
        await calendar.cancel(row.id)
    assert set((await inviters()).values()) == {"Initech"}


@pytest.mark.parametrize("moved", [True, False])
async def test_an_address_that_is_given_up_for_another_is_told(
    database: Database, inbox: tuple[Inbox, str], moved: bool
) -> None:
    received, url = inbox
    calendar, bookings, booking_id = await book(database)
    inviting = Inviting(bookings, SmtpMail(url), US, now=lambda: NOW)
    assert await inviting.invite_one()
    other = BookingRequest(
        start=START + timedelta(hours=moved), email="jane@home.example", name="Jane D.", conversation_id="conv_j"
    )
    for _ in range(2):
        await calendar.book(other, idempotency_key="k2", if_booked="move")
    while await inviting.invite_one():
        pass
    _, off, on = received.messages
    assert (off["To"], on["To"].addresses[0].addr_spec) == ("Jane <jane@acme.com>", "jane@home.example")
    (gone,), (new,) = event_of(off).walk("VEVENT"), event_of(on).walk("VEVENT")
    assert (str(event_of(off)["METHOD"]), str(event_of(on)["METHOD"])) == ("CANCEL", "REQUEST")
    assert (gone["UID"], gone.decoded("dtstart"), str(gone["ATTENDEE"])) == (new["UID"], START, "mailto:jane@acme.com")
    # Where both addresses lead to one calendar, the new invitation is the later change.
    row = await bookings.get(booking_id)
    assert row is not None
    assert 0 < gone["SEQUENCE"] < new["SEQUENCE"] == row.sequence == row.invited_sequence
    assert len({mail["Message-ID"] for mail in received.messages}) == 3
    body = off.get_body(("plain",))
    assert body is not None
    assert "another address" in body.get_content()
    assert "home.example" not in off.as_string()


async def test_an_address_that_was_never_invited_or_is_given_again_is_told_nothing(database: Database) -> None:
    calendar, bookings, _ = await book(database)
    request = BookingRequest(start=START, email="jane@home.example", conversation_id="conv_j")
    await calendar.book(request, idempotency_key="k2", if_booked="refuse")
    assert await bookings.withdrawals.claim(now=NOW, for_s=60.0) is None
    assert await Inviting(bookings, _Taking(), US, now=lambda: NOW).invite_one()
    for key, email in (("k3", "jane@acme.com"), ("k4", "Jane@home.example")):
        await calendar.book(structs.replace(request, email=email), idempotency_key=key, if_booked="refuse")
    assert await bookings.withdrawals.claim(now=NOW, for_s=60.0) is None


async def test_an_address_that_is_refused_too_late_keeps_nobody_from_being_invited(database: Database) -> None:
    calendar, bookings, booking_id = await book(database)
    inviting = Inviting(bookings, mail := _Refusing(), US, now=lambda: NOW)
    request = BookingRequest(start=START, email="jane@home.example", conversation_id="conv_j")
    mail.meanwhile = calendar.book(request, idempotency_key="k2", if_booked="refuse")
    assert await inviting.invite_one()
    taking = Inviting(bookings, _Taking(), US, now=lambda: NOW)
    while await taking.invite_one():
        pass
    row = await bookings.get(booking_id)
    assert row is not None
    assert (row.email, row.invited_sequence) == ("jane@home.example", row.sequence)


class _Refusing:
    """Refuses a mail, once something has happened."""

    meanwhile: Coroutine[None, None, object]

    async def send(self, _message: EmailMessage) -> None:
        await self.meanwhile
        raise MailError("mail_recipient_refused", refused=True)
