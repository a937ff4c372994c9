"""Invitations: the file, the mail, and that each change is told once, over a real SMTP server."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from invited import NOW, START, US, Inbox, Taking, book
from msgspec import structs

from pipelines.calendar.embedded import booking_of
from pipelines.calendar.invitation import calendar_object, icalendar_file
from pipelines.calendar.inviting import MOST_ATTEMPTS, Inviting, wait_s
from pipelines.calendar.mail import invitation_mail
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.port import Booking, BookingRequest, Slot
from pipelines.calendar.smtp import SmtpMail
from storage.agents.profiles import AgentProfiles, ProfileFacts
from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database


def booking(**request: object) -> Booking:
    given = {"email": "jane@acme.com", "name": "Jane", "time_zone": "Europe/Berlin", **request}
    return Booking(
        id="bkg_1", uid="bkg_1@sales-agent", slot=Slot(START, START + timedelta(minutes=30)), status="booked",
        request=BookingRequest(start=START, **given),  # type: ignore[arg-type]
    )  # fmt: skip


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


@pytest.mark.parametrize(
    "message", ["Your account is locked: http://evil.example", "Win at www.evil.example", "a" * 61, "a@evil.example"]
)
def test_nobody_has_a_message_of_theirs_sent_in_our_name(message: str) -> None:
    """Who books names an address, which may be anybody's, and what they are called."""
    mail = invitation_mail(booking(name=message, company=message), US, sequence=0, now=NOW)
    assert (mail["Subject"], mail["To"]) == ("Meeting with Northwind", "jane@acme.com")
    assert message.encode() not in icalendar_file(booking(name=message), US, sequence=0, now=NOW)


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


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("de-CH", "Northwind und Jane", "am Dienstag, 24. November 2026, 10:00 (Europe/Berlin)."),
        ("fr", "Northwind et Jane", "le mardi 24 novembre 2026, 10:00 (Europe/Berlin)."),
        ("es", "Northwind y Jane", "el martes, 24 de noviembre de 2026, 10:00 (Europe/Berlin)."),
        ("it", "Northwind e Jane", "martedì 24 novembre 2026, 10:00 (Europe/Berlin)."),
        ("nl", "Northwind en Jane", "op dinsdag 24 november 2026, 10:00 (Europe/Berlin)."),
        ("pt", "Northwind e Jane", "terça-feira, 24 de novembro de 2026, 10:00 (Europe/Berlin)."),
        ("pl", "Northwind and Jane", "on Tuesday, November 24, 2026 at 10:00 (Europe/Berlin)."),
    ],
)
def test_it_is_in_the_language_that_was_talked(language: str, subject: str, words: str) -> None:
    mail = invitation_mail(booking(), structs.replace(US, language=language), sequence=0, now=NOW)
    assert mail["Subject"] == subject
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert words in text
    assert text.count("\n\n") == 1


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
    inviting = Inviting(bookings, Taking(), US, now=lambda: NOW)
    assert [await inviting.invite_one() for _ in range(3)] == [True, True, False]
    row = await bookings.get(made.id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after) == (None, None)


async def test_who_may_have_been_invited_is_told_of_the_end(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    calendar, bookings, booking_id = await book(database)
    assert await bookings.invitations.claim(now=NOW, for_s=60.0)  # its mail went out, and its sender died
    await calendar.cancel(booking_id)
    assert not await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one(), "it may be under way"
    assert await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW + timedelta(seconds=61)).invite_one()
    assert [message["Subject"] for message in received.messages] == ["Cancelled: Northwind and Jane"]


async def test_an_invitation_whose_sender_died_goes_to_the_next(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    _, bookings, _ = await book(database)
    assert await bookings.invitations.claim(now=NOW, for_s=60.0)
    later = Inviting(bookings, SmtpMail(url), US, now=lambda: NOW + timedelta(seconds=61))
    assert not await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one()
    assert await later.invite_one()
    assert len(received.messages) == 1


async def test_a_change_made_while_the_mail_was_under_way_is_told_too(database: Database) -> None:
    calendar, bookings, booking_id = await book(database)
    claimed = await bookings.invitations.claim(now=NOW, for_s=60.0)
    assert claimed is not None
    await calendar.cancel(booking_id)
    await bookings.invitations.sent(claimed, now=NOW)
    again = await bookings.invitations.claim(now=NOW, for_s=60.0)
    assert again is not None
    assert (booking_of(again).status, again.sequence) == ("cancelled", 1)


async def test_whoever_talked_with_them_invites(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    profiles = AgentProfiles(database)
    await profiles.create("bikes", ProfileFacts(company="Bol Bikes", language="nl"), by=None, now=NOW)
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
        subjects.update(str(mail["Subject"]) for mail in received.messages)
        received.messages.clear()
        return found

    subjects: set[str] = set()
    assert await inviters() == {
        "Jane <jane@acme.com>": "Northwind",
        "bikes@acme.com": "Bol Bikes",
        "silent@acme.com": "Northwind",
    }
    assert subjects == {"Northwind and Jane", "Afspraak met Bol Bikes", "Meeting with Northwind"}
    await profiles.create("default", ProfileFacts(company="Initech"), by=None, now=NOW)
    await profiles.delete("bikes")
    for row in (await bookings.list(earliest=NOW)).items:
        await calendar.cancel(row.id)
    assert set((await inviters()).values()) == {"Initech"}
