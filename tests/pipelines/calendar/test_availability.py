"""Free times, by example where clocks change and by rule everywhere else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.calendar.availability import free_slots, why_not
from pipelines.calendar.port import Slot
from pipelines.calendar.rules import CalendarRules, read_hours, read_zone

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def rules(zone: ZoneInfo = BERLIN, hours: str = "mon-fri 09:00-17:00", **more: object) -> CalendarRules:
    return CalendarRules(zone=zone, hours=read_hours(hours), **{"notice_minutes": 0, **more})  # type: ignore[arg-type]


def local_starts(
    of: CalendarRules, now: datetime, *, busy: tuple[Slot, ...] = (), days: int = 1, minutes: int = 30
) -> list[str]:
    slots = free_slots(
        of, busy, now, earliest=now, latest=now + timedelta(days=days), duration_minutes=minutes, limit=1000
    )
    return [f"{slot.start.astimezone(of.zone):%a %H:%M}" for slot in slots]


def slot(text: str, minutes: int = 30) -> Slot:
    start = datetime.fromisoformat(text).astimezone(UTC)
    return Slot(start, start + timedelta(minutes=minutes))


def test_meetings_fit_into_the_hours() -> None:
    assert local_starts(rules(hours="mon 09:00-10:00, mon 14:00-15:15"), MONDAY) == [
        "Mon 09:00", "Mon 09:30", "Mon 14:00", "Mon 14:30",
    ]  # fmt: skip
    assert local_starts(rules(hours="mon 09:00-10:00"), MONDAY, minutes=90) == []


def test_what_is_taken_is_not_free_nor_the_buffer_around_it() -> None:
    busy = (slot("2026-11-23T10:00:00+01:00"),)
    assert local_starts(rules(hours="mon 09:00-12:00"), MONDAY, busy=busy) == [
        "Mon 09:00", "Mon 09:30", "Mon 10:30", "Mon 11:00", "Mon 11:30",
    ]  # fmt: skip
    assert local_starts(rules(hours="mon 09:00-12:00", buffer_minutes=15), MONDAY, busy=busy) == [
        "Mon 09:00", "Mon 11:00", "Mon 11:30",
    ]  # fmt: skip


def test_notice_days_off_and_the_farthest_day() -> None:
    at_nine = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
    assert local_starts(rules(hours="mon 09:00-12:00", notice_minutes=120), at_nine)[0] == "Mon 11:00"
    off = rules(hours="mon-tue 09:00-09:30", days_off=frozenset({date(2026, 11, 24)}))
    assert local_starts(off, MONDAY, days=9) == ["Mon 09:00", "Mon 09:00", "Tue 09:00"]
    assert local_starts(rules(hours="mon-tue 09:00-09:30", days_ahead=3), MONDAY, days=30) == ["Mon 09:00", "Tue 09:00"]


def test_a_skipped_hour_holds_no_meeting_and_a_repeated_one_two() -> None:
    """New York 2026: 02:00 becomes 03:00 on March 8th, 02:00 becomes 01:00 on November 1st."""
    night = rules(NEW_YORK, "sun 01:00-04:00")
    spring = local_starts(night, datetime(2026, 3, 8, 5, 0, tzinfo=UTC), minutes=60)
    assert spring == ["Sun 01:00", "Sun 01:30", "Sun 03:00"]
    autumn = local_starts(night, datetime(2026, 11, 1, 4, 0, tzinfo=UTC), minutes=60)
    assert autumn == ["Sun 01:00", "Sun 01:30", "Sun 01:00", "Sun 01:30", "Sun 02:00", "Sun 02:30", "Sun 03:00"]


def test_the_same_hour_of_the_office_is_another_in_utc_after_the_clock_changed() -> None:
    nine = rules(hours="mon 09:00-09:30")
    before = free_slots(
        nine, (), MONDAY, earliest=datetime(2027, 3, 22, tzinfo=UTC), latest=datetime(2027, 3, 23, tzinfo=UTC),
        duration_minutes=30, limit=9,
    )  # fmt: skip
    assert before == []  # beyond the farthest day
    far = rules(hours="mon 09:00-09:30", days_ahead=365)
    starts = [
        found.start.hour
        for found in free_slots(
            far, (), MONDAY, earliest=datetime(2027, 3, 22, tzinfo=UTC), latest=datetime(2027, 4, 1, tzinfo=UTC),
            duration_minutes=30, limit=9,
        )
    ]  # fmt: skip
    assert starts == [8, 7]


def test_why_a_time_cannot_be() -> None:
    office = rules()
    assert why_not(office, slot("2026-11-23T09:00:00+01:00"), MONDAY) is None
    assert why_not(office, slot("2026-11-23T16:30:00+01:00"), MONDAY) is None
    assert why_not(office, slot("2026-11-23T16:45:00+01:00"), MONDAY) == "outside_working_hours"
    assert why_not(office, slot("2026-11-22T09:00:00+01:00"), MONDAY) == "slot_in_the_past"
    assert why_not(office, slot("2026-11-28T10:00:00+01:00"), MONDAY) == "outside_working_hours"


def test_between_two_meetings_there_is_time() -> None:
    taken = (slot("2026-11-23T10:30:00+01:00", 30), slot("2026-11-23T09:30:00+01:00", 30))
    assert local_starts(rules(hours="mon 09:00-11:30"), MONDAY, busy=taken) == ["Mon 09:00", "Mon 10:00", "Mon 11:00"]


def test_a_day_may_last_until_midnight() -> None:
    of = rules(hours="mon 23:00-24:00")
    assert local_starts(of, MONDAY) == ["Mon 23:00", "Mon 23:30"]
    assert why_not(of, slot("2026-11-23T23:30:00+01:00"), MONDAY) is None


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-11-23T10:00:00+01:00", "slot_in_the_past"),
        ("2026-11-23T10:01:00+01:00", "slot_too_soon"),
        ("2026-11-23T11:44:00+01:00", "slot_too_soon"),
        ("2026-11-23T11:45:00+01:00", None),  # it was offered in time, and answering takes a while
    ],
)
def test_with_notice_nobody_is_taken_at_once(start: str, code: str | None) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert why_not(rules(notice_minutes=120), slot(start), now) == code


def test_no_more_are_told_than_are_asked_for() -> None:
    of = rules(hours="mon-fri 09:00-10:00")
    found = free_slots(of, (), MONDAY, earliest=MONDAY, latest=MONDAY + timedelta(days=7), duration_minutes=30, limit=3)
    assert [f"{one.start.astimezone(BERLIN):%a %H:%M}" for one in found] == ["Mon 09:00", "Mon 09:30", "Tue 09:00"]
    until = MONDAY + timedelta(hours=1)
    last = free_slots(of, (), MONDAY, earliest=MONDAY, latest=until, duration_minutes=30, limit=3)
    assert [one.start for one in last] == [until], "the last moment that is asked for counts"


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC"]


@given(
    zone=st.sampled_from(ZONES),
    now=st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    ),
    busy=st.lists(st.tuples(st.integers(0, 14 * 24 * 4), st.integers(5, 300)), max_size=20),
    minutes=st.integers(5, 240),
    buffer=st.integers(0, 60),
    hours=st.sampled_from(["mon-fri 09:00-17:00", "mon-sun 00:00-24:00", "sat-mon 01:15-03:45, wed 20:00-24:00"]),
)
def test_every_slot_keeps_every_rule(
    zone: str, now: datetime, busy: list[tuple[int, int]], minutes: int, buffer: int, hours: str
) -> None:
    of = rules(ZoneInfo(zone), hours, buffer_minutes=buffer, notice_minutes=45)
    taken = tuple(
        Slot(now + timedelta(minutes=15 * quarter), now + timedelta(minutes=15 * quarter + length))
        for quarter, length in busy
    )
    found = free_slots(
        of, taken, now, earliest=now, latest=now + timedelta(days=14), duration_minutes=minutes, limit=500
    )
    assert found == sorted(set(found))
    space = timedelta(minutes=buffer)
    for one in found:
        assert one.end - one.start == timedelta(minutes=minutes)
        assert one.start >= now + timedelta(minutes=45)
        assert all(one.end + space <= other.start or other.end + space <= one.start for other in taken)
        assert why_not(of, one, now) is None
        # The time exists on the wall's clock: there and back it is the same moment.
        assert one.start.astimezone(of.zone).astimezone(UTC) == one.start


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mon",
        "mon 9-17",
        "mon 10:00-09:00",
        "moon 09:00-10:00",
        "mon 09:00-25:00",
        "mon 9:00-11:00, mon 10:00-12:00",
    ],
)
def test_hours_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_hours(text)


def test_hours_go_round_the_weekend_and_end_a_day_at_midnight() -> None:
    hours = read_hours("sat-mon 20:00-24:00")
    assert [len(of_day) for of_day in hours] == [1, 0, 0, 0, 0, 1, 1]
    assert hours[0] == ((time(20), time.max),)


def test_a_zone_that_is_none() -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        read_zone("Mars/Olympus")
