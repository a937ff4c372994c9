"""A meeting of somebody who has one coming: refused, moved or added, on the real database."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.port import AlreadyBooked, BookingRequest, CalendarError
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.conversations.outcomes import Outcomes, record_outcome
from storage.leads.leads import Leads
from storage.leads.of_outcomes import lock_conversation
from storage.meetings.bookings import Bookings
from storage.meetings.records import Claimant
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)
LATER = NINE + timedelta(minutes=15)
"""Overlaps the meeting at nine."""


def calendar(database: Database, now: datetime = NOW) -> EmbeddedCalendar:
    rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-17:00"), step_minutes=15)
    return EmbeddedCalendar(Bookings(database), rules, invites=True, now=lambda: now)


def request(
    start: datetime = NINE, conversation_id: str | None = "conv_b", email: str = "jane@acme.com"
) -> BookingRequest:
    return BookingRequest(start=start, email=email or None, conversation_id=conversation_id)


async def test_a_second_meeting_is_refused_and_the_first_named(database: Database) -> None:
    made = await calendar(database).book(request(conversation_id="conv_a"), idempotency_key="k1", if_booked="refuse")
    with pytest.raises(AlreadyBooked) as refused:
        await calendar(database).book(request(LATER, email="Jane@Acme.com"), idempotency_key="k2", if_booked="refuse")
    assert (refused.value.code, refused.value.booking) == ("already_booked", made)
    assert not await Outcomes(database).of_conversation("conv_b")


async def test_a_move_keeps_the_event_and_happens_once(database: Database) -> None:
    meetings = calendar(database)
    made = await meetings.book(request(conversation_id="conv_a"), idempotency_key="k1")
    moved = [await meetings.book(request(LATER), idempotency_key="k2", if_booked="move") for _ in range(2)]
    assert {(one.id, one.uid, one.slot.start) for one in moved} == {(made.id, made.uid, LATER.astimezone(UTC))}
    row = await Bookings(database).get(made.id)
    assert row is not None
    assert (row.sequence, row.invite_after) == (1, NOW)
    (told,) = await Outcomes(database).of_conversation("conv_b")
    assert (told.kind, told.data["moved_from"]) == ("meeting", "2026-11-24T08:00:00+00:00")


async def test_a_move_that_runs_again_undoes_no_later_one(database: Database) -> None:
    meetings = calendar(database)
    for key, start in (("k1", NINE), ("k2", LATER), ("k3", NINE + timedelta(hours=3)), ("k2", LATER)):
        last = await meetings.book(request(start), idempotency_key=key, if_booked="move")
    assert last.slot.start == NINE + timedelta(hours=3)


async def test_of_two_meetings_the_one_that_is_named_is_moved(database: Database) -> None:
    meetings = calendar(database)
    first = await meetings.book(request(), idempotency_key="k1")
    second = await meetings.book(request(NINE + timedelta(hours=2)), idempotency_key="k2")
    late = structs.replace(request(NINE + timedelta(hours=4)), claimant=Claimant(booking_id=second.id))
    moved = [await meetings.book(late, idempotency_key="k3", if_booked="move") for _ in range(2)]
    assert {(one.id, one.slot.start) for one in moved} == {(second.id, (NINE + timedelta(hours=4)).astimezone(UTC))}
    assert await meetings.coming(Claimant(email="jane@acme.com")) == first
    await meetings.cancel(first.id)
    for gone in (first.id, "bkg_nobodys"):
        unknown = structs.replace(request(NINE + timedelta(hours=6)), claimant=Claimant(booking_id=gone))
        with pytest.raises(CalendarError) as refused:
            await meetings.book(unknown, idempotency_key=gone, if_booked="move")
        assert refused.value.code == "unknown_booking"


async def test_nobody_is_moved_onto_another(database: Database) -> None:
    meetings = calendar(database)
    await meetings.book(request(email="kim@globex.com", conversation_id="conv_k"), idempotency_key="kim")
    made = await meetings.book(request(NINE + timedelta(hours=2)), idempotency_key="k1")
    with pytest.raises(CalendarError) as refused:
        await meetings.book(request(LATER), idempotency_key="k2", if_booked="move")
    assert refused.value.code == "slot_taken"
    assert await meetings.coming(Claimant(email="jane@acme.com")) == made


async def test_the_time_they_have_is_theirs_already(database: Database) -> None:
    meetings = calendar(database)
    made = await meetings.book(request(conversation_id="conv_a"), idempotency_key="k1")
    assert await meetings.book(request(), idempotency_key="k2", if_booked="refuse") == made


async def test_an_address_told_after_the_booking_is_the_one_that_is_invited(database: Database) -> None:
    meetings, bookings = calendar(database), Bookings(database)
    made = await meetings.book(request(email=""), idempotency_key="k1")
    invited = []
    for key, email in (("k2", "jane@acme.com"), ("k3", "Jane@acme.com"), ("k4", "jane@acme.org"), ("k5", "")):
        booked = await meetings.book(request(email=email), idempotency_key=key, if_booked="refuse")
        assert (booked.id, booked.slot) == (made.id, made.slot)
        if (row := await bookings.invitations.claim(now=NOW, for_s=60.0)) is not None:
            invited.append((key, row.email, row.sequence))
            await bookings.invitations.sent(row, now=NOW)
    assert invited == [("k2", "jane@acme.com", 1), ("k4", "jane@acme.org", 3)]


async def test_only_a_meeting_to_come_is_in_the_way(database: Database) -> None:
    made = await calendar(database).book(request(), idempotency_key="k1")
    await calendar(database).cancel(made.id)
    again = await calendar(database).book(request(), idempotency_key="k2", if_booked="refuse")
    later = calendar(database, NINE + timedelta(hours=1))
    assert await later.coming(Claimant(email="jane@acme.com")) is None
    other = await later.book(request(NINE + timedelta(days=1)), idempotency_key="k3", if_booked="refuse")
    assert len({made.id, again.id, other.id}) == 3


async def test_one_lead_that_races_itself_has_one_meeting(dsn: str) -> None:
    """Each with a pool of its own, as in processes of their own."""
    pools = [await open_database(dsn, max_connections=2) for _ in range(2)]
    try:
        results = await asyncio.gather(
            *(
                calendar(pools[number % 2]).book(
                    request(NINE + timedelta(hours=number), f"conv_{number}"),
                    idempotency_key=f"k{number}",
                    if_booked="refuse",
                )
                for number in range(6)
            ),
            return_exceptions=True,
        )
    finally:
        for pool in pools:
            await pool.aclose()
    assert sum(isinstance(result, AlreadyBooked) for result in results) == 5
    assert len([result for result in results if not isinstance(result, Exception)]) == 1


async def lock_awaited(database: Database) -> None:
    query = Query("waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
    while not await database.fetch_value(query):
        await asyncio.sleep(0.01)


async def test_a_move_does_not_lock_up_what_else_its_conversation_tells(database: Database) -> None:
    meetings = calendar(database)
    made = await meetings.book(request(email=""), idempotency_key="k1")
    known = await Leads(database).create({"contact_email": "jane@acme.com"}, now=NOW)
    later = structs.replace(request(LATER, email=""), claimant=Claimant(conversation_id="conv_b"))
    async with asyncio.timeout(10):
        async with database.transaction() as telling:
            await lock_conversation(telling, "conv_b")
            moving = asyncio.create_task(meetings.book(later, idempotency_key="k2", if_booked="move"))
            await lock_awaited(database)
            # It is somebody known who talks, so the meeting that is being moved becomes theirs.
            said = {"email": "jane@acme.com"}
            await record_outcome(telling, "k3", "conv_b", "lead_update", said, now=NOW)
        assert (await moving).slot.start == LATER.astimezone(UTC)
    row = await Bookings(database).get(made.id)
    assert row is not None
    assert (row.starts_at, row.lead_id) == (LATER, known.id)
