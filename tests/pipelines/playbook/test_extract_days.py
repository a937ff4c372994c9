"""Days and stretches of days as people say them, seen from a Monday morning."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from pipelines.playbook.extract.days import find_day, find_span
from pipelines.playbook.extract.times import Moment, find_moment

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = MONDAY.date()


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("a week from tuesday", date(2026, 12, 1)),
        ("tuesday week", date(2026, 12, 1)),
        ("a week from tomorrow", date(2026, 12, 1)),
        ("two weeks from friday", date(2026, 12, 11)),
        ("in two weeks on tuesday", date(2026, 12, 8)),
        ("friday after next", date(2026, 12, 4)),
        ("in three days", date(2026, 11, 26)),
        ("wed 10", date(2026, 11, 25)),
        ("thurs at 2", date(2026, 11, 26)),
        ("how about yesterday at 3", date(2026, 11, 22)),
        ("last friday", date(2026, 11, 20)),
        ("we spoke last friday so how about tuesday", date(2026, 11, 24)),
        ("i told your colleague yesterday thursdays are good", date(2026, 11, 26)),
        ("christmas eve", date(2026, 12, 24)),
        ("the thirty first", date(2026, 12, 31)),
        ("we need it by christmas", None),
        ("wed love to", None),
        ("in two weeks", None),
        ("the first week", None),
    ],
)
def test_days(said: str, day: date | None) -> None:
    assert find_day(said, TODAY) == day


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("next week", date(2026, 11, 30), date(2026, 12, 6)),
        ("in a fortnight", date(2026, 12, 7), date(2026, 12, 13)),
        ("in two weeks", date(2026, 12, 7), date(2026, 12, 13)),
        ("the week after next", date(2026, 12, 7), date(2026, 12, 13)),
        ("end of the week works", date(2026, 11, 26), date(2026, 11, 27)),
        ("later this week", date(2026, 11, 26), date(2026, 11, 27)),
        ("next month", date(2026, 12, 1), date(2026, 12, 31)),
        ("early next month", date(2026, 12, 1), date(2026, 12, 10)),
        ("mid next month", date(2026, 12, 11), date(2026, 12, 21)),
        ("at the end of the month", date(2026, 11, 21), date(2026, 11, 30)),
    ],
)
def test_spans(said: str, first: date, last: date) -> None:
    assert find_span(said, TODAY) == (first, last)


def test_the_end_of_a_week_that_is_over_is_the_next_ones() -> None:
    assert find_span("end of the week", date(2026, 11, 28)) == (date(2026, 12, 3), date(2026, 12, 4))


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("not friday", Moment(without=date(2026, 11, 27))),
        ("friday doesn't work for me", Moment(without=date(2026, 11, 27))),
        ("I can't do tomorrow", Moment(without=date(2026, 11, 24))),
        ("not in the morning", Moment(part="afternoon")),
        ("mornings are bad", Moment(part="afternoon")),
        ("tuesday doesn't work, what about wednesday", Moment(day=date(2026, 11, 25))),
        ("thursday instead of tuesday", Moment(day=date(2026, 11, 26))),
        ("no, friday", Moment(day=date(2026, 11, 27))),
        ("tomorrow first thing", Moment(day=date(2026, 11, 24), first=True)),
    ],
)
def test_what_is_left_out(said: str, moment: Moment) -> None:
    assert find_moment(said, MONDAY) == moment


@pytest.mark.parametrize(
    ("said", "day", "at"),
    [
        ("noon eastern on thursday", 26, "18:00"),
        ("thursday at 3 pm london time", 26, "16:00"),
        ("thursday at 10 am PST", 26, "19:00"),
        ("tuesday at 8 pm pacific", 25, "05:00"),
        ("tuesday at 3 your time", 24, "15:00"),
        ("tuesday at 10, same time", 24, "10:00"),
    ],
)
def test_another_clock(said: str, day: int, at: str) -> None:
    moment = find_moment(said, MONDAY)
    assert (moment.day, moment.at) == (date(2026, 11, day), time.fromisoformat(at))


@pytest.mark.parametrize(
    ("said", "at"),
    [("fourteen o'clock", "14:00"), ("half three", "15:30"), ("thursday tenish", "10:00"), ("wed 10", "10:00")],
)
def test_hours(said: str, at: str) -> None:
    assert find_moment(said, MONDAY).at == time.fromisoformat(at)


@pytest.mark.parametrize("said", ["right now", "in an hour"])
def test_at_once_is_today_where_a_time_is_asked_for(said: str) -> None:
    assert find_moment(said, MONDAY, bare_hour=True).day == TODAY
    assert not find_moment(said, MONDAY)
