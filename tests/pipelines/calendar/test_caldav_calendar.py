"""Meetings and a real CalDAV server: its times count, ours are put there, and its absence stops nobody."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from icalendar import Calendar
from msgspec import structs

from pipelines.calendar.caldav_calendar import FRESH_S, KNOWN_S, CaldavCalendar
from pipelines.calendar.caldav_server import CaldavError, CaldavServer
from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.keeping import CLAIM_S, Keeping, wait_s
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.port import AlreadyBooked, BookingRequest, CalendarError, Slot
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)
AUTH = {"Authorization": aiohttp.encode_basic_auth("sales", "secret")}
US = Organiser("Northwind", "sales@northwind.example")


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on this machine that knows one user."""
    folder: Path = tmp_path_factory.mktemp("radicale")
    (folder / "users").write_text("sales:secret\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {
        "--server-hosts": f"127.0.0.1:{port}", "--auth-type": "htpasswd", "--auth-htpasswd-filename": folder / "users",
        "--auth-htpasswd-encryption": "plain", "--auth-delay": "0", "--storage-filesystem-folder": folder / "data",
    }  # fmt: skip
    arguments = [str(part) for option in options.items() for part in option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", os.devnull, *arguments], stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/sales/"
        finally:
            server.kill()
            server.wait()


class Elsewhere:
    """The calendar as somebody who works with it sees it."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def put(self, uid: str, *lines: str) -> None:
        body = "\r\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z",
             *lines, "END:VEVENT", "END:VCALENDAR", ""]
        )  # fmt: skip
        headers = {"Content-Type": "text/calendar"}
        async with self.http.put(f"{self.url}{uid}.ics", data=body, headers=headers) as reply:
            assert reply.status == 201, await reply.text()

    async def get(self, name: str) -> Calendar:
        async with self.http.get(f"{self.url}{name}.ics") as reply:
            assert reply.status == 200
            return Calendar.from_ical(await reply.text())

    async def count(self) -> int:
        async with self.http.get(self.url) as reply:
            return (await reply.text()).count("BEGIN:VEVENT")


@pytest.fixture
async def elsewhere(radicale: str, request: pytest.FixtureRequest) -> AsyncIterator[Elsewhere]:
    url = f"{radicale}{abs(hash(request.node.name))}/"
    async with aiohttp.ClientSession(headers=AUTH) as http:
        async with http.request("MKCALENDAR", url) as reply:
            assert reply.status == 201
        yield Elsewhere(http, url)


@pytest.fixture
async def server(elsewhere: Elsewhere) -> AsyncIterator[CaldavServer]:
    server = CaldavServer(elsewhere.url, "sales", "secret")
    yield server
    await server.close()


def calendars(
    database: Database, server: CaldavServer, clock: list[float], *, buffer_minutes: int = 0
) -> tuple[EmbeddedCalendar, CaldavCalendar]:
    rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-11:00"), buffer_minutes=buffer_minutes)
    bookings = Bookings(database)
    theirs = CaldavCalendar(server, BERLIN, bookings.elsewhere.outdated_uids, clock=lambda: clock[0])
    return EmbeddedCalendar(bookings, rules, elsewhere=theirs, now=lambda: NOW), theirs


async def free_on(calendar: EmbeddedCalendar, day: int) -> list[str]:
    start = datetime(2026, 11, day, tzinfo=BERLIN)
    slots = await calendar.free_slots(earliest=start, latest=start + timedelta(days=1))
    return [f"{slot.start.astimezone(BERLIN):%H:%M}" for slot in slots]


async def test_what_is_in_the_calendar_elsewhere_is_not_offered(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    await elsewhere.put("once", "DTSTART:20261124T080000Z", "DTEND:20261124T083000Z")
    await elsewhere.put(
        "weekly", "DTSTART;TZID=Europe/Berlin:20261007T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Europe/Berlin:20261202T100000",
    )  # fmt: skip
    await elsewhere.put("holiday", "DTSTART;VALUE=DATE:20261126", "DTEND;VALUE=DATE:20261127")
    await elsewhere.put("free", "DTSTART:20261127T080000Z", "DTEND:20261127T100000Z", "TRANSP:TRANSPARENT")
    await elsewhere.put("off", "DTSTART:20261127T080000Z", "DTEND:20261127T100000Z", "STATUS:CANCELLED")
    calendar, theirs = calendars(database, server, [0.0])
    whole = ["09:00", "09:30", "10:00", "10:30"]
    assert await free_on(calendar, 23) == whole
    assert await free_on(calendar, 24) == whole[1:]
    assert await free_on(calendar, 25) == whole[:2]  # the clocks were put back since the series began
    assert await free_on(calendar, 26) == []
    assert await free_on(calendar, 27) == whole
    assert theirs.problem is None


async def test_a_time_that_became_busy_there_is_refused(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    calendar, _ = calendars(database, server, [0.0], buffer_minutes=15)
    assert "09:00" in await free_on(calendar, 24)
    await elsewhere.put("meanwhile", "DTSTART:20261124T084000Z", "DTEND:20261124T090000Z")  # within the buffer
    with pytest.raises(CalendarError) as refused:
        await calendar.book(BookingRequest(start=NINE), idempotency_key="k1")
    assert refused.value.code == "slot_taken"
    await calendar.book(BookingRequest(start=NINE + timedelta(days=1)), idempotency_key="k1")


async def test_each_change_is_there_once_as_the_same_event(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    clock = [0.0]
    calendar, _ = calendars(database, server, clock)
    keeping = Keeping(Bookings(database), server, US, now=lambda: NOW)
    request = BookingRequest(start=NINE, email="jane@acme.com", company="Acme")
    made = await calendar.book(request, idempotency_key="k1")
    assert [await keeping.keep_one() for _ in range(2)] == [True, False]
    file = await elsewhere.get(made.id)
    (event,) = file.walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"], event.decoded("dtstart")) == (made.uid, 0, made.slot.start)
    assert "METHOD" not in file
    assert event["ATTENDEE"].params["SCHEDULE-AGENT"] == "CLIENT"
    assert await calendar.book(request, idempotency_key="k1") == made  # though it is there by now
    await calendar.cancel(made.id)
    clock[0] += FRESH_S
    assert "09:00" in await free_on(calendar, 24)  # before the calendar elsewhere has heard of it
    again = await calendar.book(request, idempotency_key="k2")
    assert [await keeping.keep_one() for _ in range(3)] == [True, True, False]
    (event,) = (await elsewhere.get(made.id)).walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (made.uid, 1, "CANCELLED")
    assert (await elsewhere.get(again.id)).walk("VEVENT")[0]["STATUS"] == "CONFIRMED"
    assert await elsewhere.count() == 2


async def test_a_meeting_moved_here_is_moved_there_and_is_not_in_its_own_way(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    clock = [0.0]
    calendar, _ = calendars(database, server, clock, buffer_minutes=15)
    keeping = Keeping(Bookings(database), server, US, now=lambda: NOW)
    request = BookingRequest(start=NINE, email="jane@acme.com")
    made = await calendar.book(request, idempotency_key="k1")
    assert await keeping.keep_one()
    half_past = structs.replace(request, start=NINE + timedelta(minutes=30))  # within the buffer of itself
    moved = await calendar.book(half_past, idempotency_key="k2", if_booked="move")
    clock[0] += FRESH_S
    assert await free_on(calendar, 24) == ["10:30"]  # its old time, before the calendar elsewhere has heard of it, too
    assert [await keeping.keep_one() for _ in range(2)] == [True, False]
    (event,) = (await elsewhere.get(made.id)).walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"], event.decoded("dtstart")) == (made.uid, 1, moved.slot.start)


async def test_a_meeting_that_is_there_is_its_own_persons_who_asks_for_it_again(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    calendar, _ = calendars(database, server, [0.0], buffer_minutes=15)
    request = BookingRequest(start=NINE, email="jane@acme.com")
    made = await calendar.book(request, idempotency_key="k1")
    assert await Keeping(Bookings(database), server, US, now=lambda: NOW).keep_one()
    assert await calendar.book(request, idempotency_key="k2", if_booked="refuse") == made
    half_past = structs.replace(request, start=NINE + timedelta(minutes=30))
    with pytest.raises(AlreadyBooked):
        await calendar.book(half_past, idempotency_key="k3", if_booked="refuse")


async def test_a_meeting_moved_there_takes_its_new_time(
    database: Database, server: CaldavServer, elsewhere: Elsewhere
) -> None:
    calendar, _ = calendars(database, server, [0.0])
    made = await calendar.book(BookingRequest(start=NINE), idempotency_key="k1")
    await elsewhere.put(made.uid, "DTSTART:20261125T080000Z", "DTEND:20261125T083000Z")
    assert "09:00" not in await free_on(calendar, 25)


async def test_a_server_that_is_away_stops_nobody_and_is_caught_up_with(
    database: Database, server: CaldavServer, elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    await elsewhere.put("once", "DTSTART:20261124T080000Z", "DTEND:20261124T083000Z")
    clock, now = [0.0], [NOW]
    calendar, theirs = calendars(database, server, clock)
    assert "09:00" not in await free_on(calendar, 24)
    there, server._url = server._url, "http://127.0.0.1:1/"
    clock[0] = KNOWN_S - 1
    assert "09:00" not in await free_on(calendar, 24)  # what was read last
    with pytest.raises(CalendarError, match="just taken"):
        await calendar.book(BookingRequest(start=NINE), idempotency_key="k1")
    assert theirs.problem == "caldav_unreachable"
    clock[0] = KNOWN_S + 1
    made = await calendar.book(BookingRequest(start=NINE), idempotency_key="k2")
    assert "booking goes without the calendar elsewhere" in caplog.text
    keeping = Keeping(Bookings(database), server, US, now=lambda: now[0])
    assert [await keeping.keep_one() for _ in range(2)] == [True, False]
    assert keeping.problem == "caldav_unreachable"
    server._url = there
    now[0] += timedelta(seconds=wait_s(1))
    assert [await keeping.keep_one() for _ in range(2)] == [True, False]
    assert keeping.problem is None
    assert await elsewhere.get(made.id)
    clock[0] += KNOWN_S
    assert await free_on(calendar, 24) == ["09:30", "10:00", "10:30"]
    assert theirs.problem is None


async def test_a_change_waits_for_the_one_under_way_and_a_dead_one_is_followed(database: Database) -> None:
    bookings = Bookings(database)
    rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-11:00"))
    calendar = EmbeddedCalendar(bookings, rules, now=lambda: NOW)
    made = await calendar.book(BookingRequest(start=NINE), idempotency_key="k1")
    first = await bookings.elsewhere.claim(now=NOW, for_s=CLAIM_S)
    assert first is not None
    await calendar.cancel(made.id)
    assert await bookings.elsewhere.claim(now=NOW, for_s=CLAIM_S) is None
    await bookings.elsewhere.kept(first)
    second = await bookings.elsewhere.claim(now=NOW, for_s=CLAIM_S)
    assert second is not None and (second.sequence, second.status) == (1, "cancelled")
    dead = NOW + timedelta(seconds=CLAIM_S)
    assert await bookings.elsewhere.claim(now=dead, for_s=CLAIM_S) == structs.replace(second, keep_attempts=3)


async def test_what_was_never_there_is_not_put_there_to_be_cancelled(database: Database) -> None:
    bookings = Bookings(database)
    rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-11:00"))
    calendar = EmbeddedCalendar(bookings, rules, now=lambda: NOW)
    made = await calendar.book(BookingRequest(start=NINE), idempotency_key="k1")
    await calendar.cancel(made.id)
    assert await bookings.elsewhere.claim(now=NOW, for_s=CLAIM_S) is None


async def test_what_is_wrong_with_an_address_is_told(elsewhere: Elsewhere, server: CaldavServer) -> None:
    await server.check()
    home = elsewhere.url.rstrip("/").rsplit("/", 1)[0]
    for url, password, code in (
        (elsewhere.url, "wrong", "caldav_unauthorised"),
        (f"{home}/nothing/", "secret", "caldav_not_found"),
        (home, "secret", "caldav_no_calendar"),
        ("http://127.0.0.1:1/", "secret", "caldav_unreachable"),
    ):
        other = CaldavServer(url, "sales", password)
        with pytest.raises(CaldavError) as wrong:
            await other.check()
        await other.close()
        assert wrong.value.code == code


async def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.calendar.caldav_server.READ_DEADLINE_S", 0.2)
    callers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _reader, writer: callers.append(writer), "127.0.0.1", 0)
    server = CaldavServer(f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/", "sales", "secret")
    await server.load()
    began = time.monotonic()
    with pytest.raises(CaldavError, match="caldav_timeout"):
        await server.events(Slot(NOW, NOW + timedelta(days=1)))
    assert time.monotonic() - began < 2
    await server.close()
    silent.close()
    for caller in callers:
        caller.close()
        await caller.wait_closed()
