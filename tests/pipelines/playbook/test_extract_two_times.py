"""Two times in one breath: either will do."""

from datetime import date, datetime, time

import pytest
from playbook_talk import Talk

from pipelines.playbook.extract.times import Moment, find_moments

MONDAY = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - any zone
TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (24, 25, 26))


@pytest.mark.parametrize(
    ("text", "first", "other"),
    [
        ("thursday at three or wednesday morning", Moment(THURSDAY, time(15)), Moment(WEDNESDAY, part="morning")),
        ("tuesday or wednesday at ten", Moment(TUESDAY, time(10)), Moment(WEDNESDAY, time(10))),
        ("tuesday at two or three", Moment(TUESDAY, time(14)), Moment(TUESDAY, time(15))),
        ("tuesday or wednesday morning", Moment(TUESDAY, part="morning"), Moment(WEDNESDAY, part="morning")),
        ("next thursday or friday", Moment(date(2026, 12, 3)), Moment(date(2026, 12, 4))),
        ("tuesday at two", Moment(TUESDAY, time(14)), Moment()),
        ("tea or coffee", Moment(), Moment()),
        ("ten or twelve people", Moment(), Moment()),
    ],
)
def test_both_are_found(text: str, first: Moment, other: Moment) -> None:
    assert find_moments(text, MONDAY) == (first, other)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("can we meet thursday at three or friday morning", "Friday, November 27th at 10 AM"),
        ("can we meet thursday at four or friday morning", "Thursday, November 26th at 4 PM"),
        ("can we meet tuesday at eleven or wednesday at two", "Wednesday, November 25th at 2 PM"),
    ],
)
def test_the_one_that_is_free_is_taken(said: str, answer: str) -> None:
    assert answer in Talk().script(said)[1]


def test_of_two_open_days_one_time_of_each_is_offered() -> None:
    said = Talk().script("can we meet tuesday or thursday")[1]
    assert "Tuesday, November 24th" in said
    assert "Thursday, November 26th" in said
