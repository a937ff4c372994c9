"""When a team takes meetings: working hours, buffers, notice, days off. Frozen values, checked when built."""

import re
from datetime import date, time
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from storage.meetings.bounds import Bounds

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_PART: Final = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<start>\d{1,2}:\d{2})-(?P<end>\d{1,2}:\d{2})"
)

Hours = tuple[tuple[time, time], ...]


class CalendarRules(Struct, frozen=True, kw_only=True):
    """``hours``: of each weekday, Monday first, as local times of ``zone`` · ``step_minutes``: meetings begin at the
    opening time and every so often after it · ``buffer_minutes``: free time kept between two meetings ·
    ``notice_minutes``: no meeting begins sooner than that · ``days_off``: without meetings whatever the weekday ·
    ``bounds``: how many lie ahead at most of who books by talking."""

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    step_minutes: int = 30
    buffer_minutes: int = 0
    notice_minutes: int = 60
    days_ahead: int = 30
    days_off: frozenset[date] = frozenset()
    bounds: Bounds = Bounds()


def read_hours(text: str) -> tuple[Hours, ...]:
    """``mon-fri 09:00-12:00, mon-thu 13:00-17:00, sat 10:00-12:00`` as the hours of each weekday; ``24:00`` ends a day.

    Raises ValueError that says what is wrong.
    """
    days: list[list[tuple[time, time]]] = [[] for _ in WEEKDAYS]
    for part in filter(None, (part.strip() for part in text.lower().split(","))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not of the form mon-fri 09:00-17:00")
        opens, closes = _time(match["start"]), _time(match["end"])
        if opens >= closes:
            raise ValueError(f"{part!r} ends before it begins")
        for day in _days(match["first"], match["last"] or match["first"]):
            days[day].append((opens, closes))
    for of_day in days:
        of_day.sort()
        if any(before[1] > after[0] for before, after in pairwise(of_day)):
            raise ValueError("hours of one day overlap")
    if not any(days):
        raise ValueError("no hours are given")
    return tuple(tuple(of_day) for of_day in days)


def read_zone(name: str) -> ZoneInfo:
    """Raises ValueError for what is no IANA time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None


def _days(first: str, last: str) -> list[int]:
    """Round the weekend too: ``sat-mon`` are three days."""
    if first not in WEEKDAYS or last not in WEEKDAYS:
        raise ValueError(f"days are {', '.join(WEEKDAYS)}")
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last) - start) % len(WEEKDAYS) + 1
    return [(start + ahead) % len(WEEKDAYS) for ahead in range(length)]


def _time(text: str) -> time:
    """``24:00`` is the last moment of the day."""
    if text == "24:00":
        return time.max
    hour, _, minute = text.partition(":")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{text} is no time of day")
    return time(int(hour), int(minute))
