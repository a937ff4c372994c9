"""Days and hours as people say them, seen from a Monday morning."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.playbook.extract.times import Moment, find_moment

MONDAY = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - any zone


@pytest.mark.parametrize(
    ("text", "bare", "day", "at", "part"),
    [
        ("tomorrow at two", False, 24, "14:00", None),
        ("tomorrow afternoon", False, 24, None, "afternoon"),
        ("noon tomorrow", False, 24, "12:00", None),
        ("the day after tomorrow around three", False, 25, "15:00", None),
        ("this afternoon at four", False, 23, "16:00", "afternoon"),
        ("tuesday at half past two", False, 24, "14:30", None),
        ("friday 10 am", False, 27, "10:00", None),
        ("let's do 3 p.m. friday", False, 27, "15:00", None),
        ("wednesday in the afternoon", False, 25, None, "afternoon"),
        ("after lunch on thursday", False, 26, None, "afternoon"),
        ("monday", False, 30, None, None),
        ("at ten thirty on thursday", False, 26, "10:30", None),
        ("ten thirty on thursday", True, 26, "10:30", None),
        ("thursday ten", True, 26, "10:00", None),
        ("two o'clock", False, None, "14:00", None),
        ("quarter to three", False, None, "14:45", None),
        ("14:00", False, None, "14:00", None),
        ("9:30 am", False, None, "09:30", None),
        ("twelve thirty pm", False, None, "12:30", None),
        ("at seven in the evening", False, None, "19:00", "evening"),
        ("ten", True, None, "10:00", None),
        ("two works", True, None, "14:00", None),
        ("Tuesday, November 24th at 10 AM", False, 24, "10:00", None),
        ("2026-11-30", False, 30, None, None),
        ("on the 25th", False, 25, None, None),
    ],
)
def test_moments(text: str, bare: bool, day: int | None, at: str | None, part: str | None) -> None:
    moment = find_moment(text, MONDAY, bare_hour=bare)
    assert moment.day == (date(2026, 11, day) if day else None)
    assert moment.at == (time.fromisoformat(at) if at else None)
    assert moment.part == part


def test_dates_that_have_passed_are_next_months_or_next_years() -> None:
    assert find_moment("the 14th at 4pm", MONDAY).day == date(2026, 12, 14)
    assert find_moment("march third", MONDAY).day == date(2027, 3, 3)
    assert find_moment("3rd of december", MONDAY).day == date(2026, 12, 3)


def test_next_week_is_a_week_and_next_tuesday_a_day_in_it() -> None:
    assert find_moment("next week sometime", MONDAY).span == (date(2026, 11, 30), date(2026, 12, 6))
    assert find_moment("next tuesday", MONDAY).day == date(2026, 12, 1)
    assert find_moment("tuesday", MONDAY).day == date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "we have 25 people",
        "the second one",
        "jane at ten dot com",
        "may I ask",
        "march",
        "five hundred",
        "",
    ],
)
def test_no_moment(text: str) -> None:
    assert find_moment(text, MONDAY) == Moment()
    assert not find_moment(text, MONDAY)


@given(st.text(max_size=120), st.booleans())
def test_any_text_has_a_moment(text: str, bare: bool) -> None:
    find_moment(text, MONDAY, bare_hour=bare)
