"""Mails that take long: others go out beside them, nobody else sends them meanwhile, and who dies is soon replaced."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from invited import NOW, US, Inbox, Taking, book

from agent_server.meetings.meeting_calendar import meeting_calendar
from agent_server.settings import read_settings
from pipelines.calendar import claimed_mail
from pipelines.calendar.inviting import Inviting
from pipelines.calendar.port import BookingRequest
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database
from storage.postgres.named_query import Query

ANOTHERS = Query("anothers", "UPDATE bookings SET mails_begun = mails_begun + 1")


class Slow:
    """Takes a mail once it is let."""

    def __init__(self) -> None:
        self.begun, self.let = asyncio.Event(), asyncio.Event()
        self.taken = self.broken_off = 0

    async def send(self, _message: EmailMessage) -> None:
        self.begun.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        self.taken += 1


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], datetime]:
    """Claims are short, and time goes by."""
    monkeypatch.setattr("pipelines.calendar.inviting.CLAIM_S", 0.6)
    monkeypatch.setattr(claimed_mail, "CLAIM_S", 0.6)
    monkeypatch.setattr(claimed_mail, "HOLD_EVERY_S", 0.1)
    monkeypatch.setattr(claimed_mail, "_NOTE_EVERY_S", 0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: NOW + timedelta(seconds=loop.time() - began)


@asynccontextmanager
async def under_way(inviting: Inviting, mail: Slow) -> AsyncIterator[asyncio.Task[bool]]:
    sending = asyncio.create_task(inviting.invite_one())
    async with asyncio.timeout(10):
        await mail.begun.wait()
        yield sending
        await sending


async def test_a_mail_that_takes_long_holds_up_no_other(database: Database, inbox: tuple[Inbox, str]) -> None:
    received, url = inbox
    received.together = asyncio.Barrier(3)  # none is taken before all are there
    given = {"CALENDAR_HOURS": "mon-sun 00:00-24:00", "SMTP_URL": url, "INVITATION_FROM": "sales@northwind.example"}
    meetings = meeting_calendar(read_settings(given, {}, {}), database)
    now = utc_now()
    for number in range(3):
        start = (now + timedelta(days=2, hours=number)).replace(minute=0, second=0, microsecond=0)
        request = BookingRequest(start=start, email=f"p{number}@acme.com")
        await meetings.calendar.book(request, idempotency_key=f"p{number}")
    works = [asyncio.create_task(work()) for name, work in meetings.work().items() if name.startswith("invitations")]
    try:
        async with asyncio.timeout(10):
            while not all(row.invited_sequence == 0 for row in (await meetings.bookings.list(earliest=now)).items):
                await asyncio.sleep(0.02)
    finally:
        for work in works:
            work.cancel()
    assert len(received.messages) == 3


async def test_nobody_else_sends_it_meanwhile(database: Database, clock: Callable[[], datetime]) -> None:
    _, bookings, booking_id = await book(database)
    mail = Slow()
    async with under_way(Inviting(bookings, mail, US, now=clock), mail):
        other = Inviting(bookings, Taking(), US, now=clock)
        while clock() < NOW + timedelta(seconds=1.5):
            assert not await other.invite_one()
        mail.let.set()
    row = await bookings.get(booking_id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after, mail.taken) == (0, None, 1)


async def test_whose_claim_is_lost_breaks_off(database: Database, clock: Callable[[], datetime]) -> None:
    _, bookings, booking_id = await book(database)
    mail = Slow()
    async with under_way(Inviting(bookings, mail, US, now=clock), mail):
        await database.execute(ANOTHERS)
    row = await bookings.get(booking_id)
    assert row is not None
    assert (row.invite_error, row.invite_after, mail.broken_off) == (None, NOW, 1), "it is another's to tell of"


async def test_a_change_waits_for_the_mail_before_it(database: Database, clock: Callable[[], datetime]) -> None:
    calendar, bookings, booking_id = await book(database)
    mail, told = Slow(), Taking()
    async with under_way(Inviting(bookings, mail, US, now=clock), mail):
        await calendar.cancel(booking_id)
        assert not await Inviting(bookings, told, US, now=clock).invite_one()
        mail.let.set()
    assert [await Inviting(bookings, told, US, now=clock).invite_one() for _ in range(2)] == [True, False]


async def test_a_mail_that_went_out_is_noted_once_storage_is_back(
    database: Database, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bookings, booking_id = await book(database)
    noting, away = bookings.invitations.sent, [1, 2]

    async def sent(*args: Any, **given: Any) -> None:
        if away.pop() if away else None:
            raise StorageError("storage_unavailable", "It is away.", retryable=True)
        await noting(*args, **given)

    monkeypatch.setattr(bookings.invitations, "sent", sent)
    assert await Inviting(bookings, Taking(), US, now=clock).invite_one()
    row = await Bookings(database).get(booking_id)
    assert row is not None
    assert (row.invited_sequence, row.invite_after, away) == (0, None, [])


async def test_who_dies_is_soon_replaced(database: Database) -> None:
    _, bookings, _ = await book(database)
    assert await bookings.invitations.claim(now=NOW, for_s=claimed_mail.CLAIM_S)
    later = NOW + timedelta(minutes=1)
    assert await Inviting(bookings, Taking(), US, now=lambda: later).invite_one()
