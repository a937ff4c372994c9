"""Invitations to an address that is given up, and mail of which nobody knows whether it went out."""

from collections.abc import Coroutine
from datetime import timedelta
from email.message import EmailMessage

import pytest
from invited import NOW, START, US, Inbox, Taking, book, event_of
from msgspec import structs

from agent_server.api.bookings import shown_booking
from pipelines.calendar import smtp
from pipelines.calendar.inviting import Inviting
from pipelines.calendar.mail import MailError
from pipelines.calendar.port import BookingRequest
from pipelines.calendar.smtp import SmtpMail
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database


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
    assert await Inviting(bookings, Taking(), US, now=lambda: NOW).invite_one()
    for key, email in (("k3", "jane@acme.com"), ("k4", "Jane@home.example")):
        await calendar.book(structs.replace(request, email=email), idempotency_key=key, if_booked="refuse")
    assert await bookings.withdrawals.claim(now=NOW, for_s=60.0) is None


async def test_an_address_that_is_refused_too_late_keeps_nobody_from_being_invited(database: Database) -> None:
    calendar, bookings, booking_id = await book(database)
    inviting = Inviting(bookings, mail := _Refusing(), US, now=lambda: NOW)
    request = BookingRequest(start=START, email="jane@home.example", conversation_id="conv_j")
    mail.meanwhile = calendar.book(request, idempotency_key="k2", if_booked="refuse")
    assert await inviting.invite_one()
    taking = Inviting(bookings, Taking(), US, now=lambda: NOW)
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


async def test_a_server_that_is_slow_to_take_a_mail_is_waited_for(
    database: Database, inbox: tuple[Inbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    received, url = inbox
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.2)
    received.takes_s = 0.5
    _, bookings, booking_id = await book(database)
    assert await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one()
    row = await bookings.get(booking_id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after, len(received.messages)) == (0, None, 1)


async def test_a_mail_that_may_have_been_taken_goes_once_more_and_then_a_person_is_told(
    database: Database, inbox: tuple[Inbox, str]
) -> None:
    received, url = inbox
    received.takes_s = 5.0
    calendar, bookings, booking_id = await book(database)
    clock, states = [NOW], []
    inviting = Inviting(bookings, SmtpMail(url, taking_s=0.1), US, now=lambda: clock[0])
    for _ in range(3):
        states.append((await inviting.invite_one(), await invitation_of(bookings, booking_id)))
        clock[0] += timedelta(hours=1)
    assert states == [(True, "waiting"), (True, "unknown"), (False, "unknown")]
    first, again = received.messages
    assert first["Message-ID"] == again["Message-ID"]
    received.takes_s = 0.0
    await calendar.cancel(booking_id)
    assert await inviting.invite_one(), "who may have been invited is told of the end"
    assert await invitation_of(bookings, booking_id) == "sent"


async def test_it_is_told_that_an_invitation_does_not_go_out(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    received.answer = "554 no"
    calendar, bookings, booking_id = await book(database)
    assert await invitation_of(bookings, booking_id) == "waiting"
    assert await Inviting(bookings, SmtpMail(url), US, now=lambda: NOW).invite_one()
    assert await invitation_of(bookings, booking_id) == "failed"
    await calendar.cancel(booking_id)
    assert await invitation_of(bookings, booking_id) == "none"


async def invitation_of(bookings: Bookings, booking_id: str) -> str:
    row = await bookings.get(booking_id)
    assert row is not None
    return shown_booking(row).invitation
