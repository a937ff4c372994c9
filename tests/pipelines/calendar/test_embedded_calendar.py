"""The calendar on the real database: one time, one meeting, whoever asks how often from where."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.port import BookingRequest, CalendarError
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.conversations.outcomes import Outcomes
from storage.leads.leads import Leads, lock_lead
from storage.meetings.bookings import Bookings
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WAITS = Query("waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
BOOKINGS_LOCK = Query("bookings_lock", "SELECT pg_advisory_xact_lock(5274, 0)")
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def calendar(database: Database, *, buffer_minutes: int = 0, now: datetime = NOW) -> EmbeddedCalendar:
    rules = CalendarRules(
        zone=ZoneInfo("Europe/Berlin"), hours=read_hours("mon-fri 09:00-17:00"), buffer_minutes=buffer_minutes
    )
    return EmbeddedCalendar(Bookings(database), rules, now=lambda: now)


def request(start: datetime = NINE, **more: object) -> BookingRequest:
    given = {"email": "jane@acme.com", "company": "Acme", "conversation_id": "conv_a", **more}
    return BookingRequest(start=start, **given)  # type: ignore[arg-type]


async def test_a_booking_takes_its_time_and_leaves_its_traces(database: Database) -> None:
    meetings = calendar(database)
    booking = await meetings.book(request(), idempotency_key="k1")
    free = await meetings.free_slots(earliest=NOW, latest=NOW + timedelta(days=3), limit=100)
    assert booking.slot not in free
    assert free[0].start == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    (outcome,) = await Outcomes(database).of_conversation("conv_a")
    assert (outcome.kind, outcome.data["start"]) == ("meeting", "2026-11-24T08:00:00+00:00")
    lead = await Leads(database).find(email="jane@acme.com")
    assert lead is not None
    row = await Bookings(database).get(booking.id)
    assert row is not None
    assert (row.lead_id, row.status) == (lead.id, "booked")


async def test_the_same_key_is_the_same_booking_even_when_its_time_has_come(database: Database) -> None:
    first = await calendar(database).book(request(), idempotency_key="k1")
    later = calendar(database, now=NINE + timedelta(minutes=5))
    assert await later.book(request(), idempotency_key="k1") == first
    assert len(await Outcomes(database).of_conversation("conv_a")) == 1


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (NINE - timedelta(days=2), "slot_in_the_past"),
        (NINE.replace(hour=8), "outside_working_hours"),
        (NINE.replace(hour=16, minute=45), "outside_working_hours"),
    ],
)
async def test_times_nobody_can_have(database: Database, start: datetime, code: str) -> None:
    with pytest.raises(CalendarError) as refused:
        await calendar(database).book(request(start), idempotency_key="k1")
    assert refused.value.code == code
    assert not await Outcomes(database).of_conversation("conv_a")


async def test_overlaps_and_the_buffer_are_refused(database: Database) -> None:
    meetings = calendar(database, buffer_minutes=15)
    await meetings.book(request(), idempotency_key="k1")
    for minutes in (0, 15, 30, 40):
        with pytest.raises(CalendarError) as refused:
            await meetings.book(
                request(NINE + timedelta(minutes=minutes), conversation_id="conv_b"),
                idempotency_key=f"k{minutes}",
            )
        assert refused.value.code == "slot_taken"
    assert await meetings.book(request(NINE + timedelta(minutes=45), conversation_id="conv_b"), idempotency_key="free")


async def test_of_callers_who_race_for_one_time_one_gets_it(dsn: str) -> None:
    """Each with a pool of its own, as in processes of their own."""
    pools = [await open_database(dsn, max_connections=2) for _ in range(2)]
    try:
        results = await asyncio.gather(
            *(
                calendar(pools[number % 2]).book(
                    request(email=f"caller{number}@acme.com", conversation_id=f"conv_{number}"),
                    idempotency_key=f"k{number}",
                )
                for number in range(8)
            ),
            return_exceptions=True,
        )
        won = [result for result in results if not isinstance(result, BaseException)]
        lost = [result for result in results if isinstance(result, CalendarError)]
        assert (len(won), {error.code for error in lost}) == (1, {"slot_taken"})
        assert len(lost) == 7
        recorded = [await Outcomes(pools[0]).of_conversation(f"conv_{number}") for number in range(8)]
        assert sum(map(len, recorded)) == 1
    finally:
        for pool in pools:
            await pool.aclose()


async def test_a_cancelled_meeting_gives_its_time_back_once(database: Database) -> None:
    meetings = calendar(database)
    booking = await meetings.book(request(), idempotency_key="k1")
    cancelled = await meetings.cancel(booking.id)
    assert (cancelled.status, (await meetings.cancel(booking.id)).status) == ("cancelled", "cancelled")
    row = await Bookings(database).get(booking.id)
    assert row is not None
    assert row.sequence == 1
    other = await meetings.book(request(conversation_id="conv_b"), idempotency_key="k2")
    assert other.id != booking.id
    with pytest.raises(CalendarError) as unknown:
        await meetings.cancel("bkg_none")
    assert unknown.value.code == "unknown_booking"


async def test_without_a_conversation_it_is_the_leads(database: Database) -> None:
    lead = await Leads(database).create({"contact_email": "kay@acme.com"}, now=NOW)
    booking = await calendar(database).book(
        request(email=None, conversation_id=None, lead_id=lead.id), idempotency_key="k1"
    )
    page = await Bookings(database).list(earliest=NOW, lead_id=lead.id)
    assert [row.id for row in page.items] == [booking.id]
    (outcome,) = await Outcomes(database).of_conversation(booking.id)
    assert outcome.kind == "meeting"


async def test_a_booking_is_made_though_somebody_was_in_the_way(database: Database) -> None:
    lead = await Leads(database).create({"contact_email": "jane@acme.com"}, now=NOW)
    async with asyncio.timeout(10):
        async with database.transaction() as other:
            await lock_lead(other, lead.id)
            booking = asyncio.create_task(calendar(database).book(request(), idempotency_key="k1"))
            while not await database.fetch_value(WAITS):
                await asyncio.sleep(0.01)
            # Each has what the other wants. PostgreSQL breaks off who has waited longer.
            await other.fetch_value(BOOKINGS_LOCK)
        assert (await booking).slot.start == NINE


async def test_a_list_pages_soonest_first(database: Database) -> None:
    meetings = calendar(database)
    for minutes in (60, 0, 30):
        await meetings.book(request(NINE + timedelta(minutes=minutes)), idempotency_key=f"k{minutes}")
    first = await Bookings(database).list(earliest=NOW, limit=2)
    second = await Bookings(database).list(earliest=NOW, limit=2, cursor=first.next_cursor)
    starts = [row.starts_at for row in (*first.items, *second.items)]
    assert starts == [NINE, NINE + timedelta(minutes=30), NINE + timedelta(minutes=60)]
    assert second.next_cursor is None
