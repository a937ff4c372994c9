"""Which times are free: rules, busy times and the present moment in, slots out. Pure.

Opening hours are local, everything else is counted in UTC: on the day a clock goes forward the night is an hour shorter
and holds fewer meetings, on the day it goes back more, and no meeting begins at a time that does not exist.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from pipelines.calendar.port import Slot
from pipelines.calendar.rules import CalendarRules


def free_slots(
    rules: CalendarRules,
    busy: Sequence[Slot],
    now: datetime,
    *,
    earliest: datetime,
    latest: datetime,
    duration_minutes: int,
    limit: int,
) -> list[Slot]:
    """Soonest first. ``busy`` in any order; times may overlap. Slots begin within [earliest, latest]."""
    length = timedelta(minutes=duration_minutes)
    first = max(earliest, now + timedelta(minutes=rules.notice_minutes)).astimezone(UTC)
    last = min(latest, now + timedelta(days=rules.days_ahead)).astimezone(UTC)
    blocked = _Blocked(busy, timedelta(minutes=rules.buffer_minutes))
    found: list[Slot] = []
    for opens, closes in _open_hours(rules, first, last):
        for start in _starts(rules, opens):
            if len(found) >= limit or start > last or start + length > closes:
                break
            if start >= first and not blocked.meets(start, start + length):
                found.append(Slot(start, start + length))
        if len(found) >= limit:
            break
    return found


ANSWER_TIME = timedelta(minutes=15)
"""A time that is offered at the last moment may still be taken so long after."""


def why_not(rules: CalendarRules, slot: Slot, now: datetime) -> str | None:
    """The code of why a meeting cannot be then, whatever else is in the calendar; None: it can."""
    if slot.start <= now:
        return "slot_in_the_past"
    if slot.start < now + timedelta(minutes=rules.notice_minutes) - ANSWER_TIME:
        return "slot_too_soon"
    within = any(
        opens <= slot.start and slot.end <= closes for opens, closes in _open_hours(rules, slot.start, slot.start)
    )
    return None if within else "outside_working_hours"


def _open_hours(rules: CalendarRules, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The opening hours, in UTC, of every local day from that of ``first`` to that of ``last``."""
    day = first.astimezone(rules.zone).date()
    until = last.astimezone(rules.zone).date()
    while day <= until:
        if day not in rules.days_off:
            for opens, closes in rules.hours[day.weekday()]:
                yield _moment(rules, day, opens), _moment(rules, day, closes)
        day += timedelta(days=1)


def _moment(rules: CalendarRules, day: date, at: time) -> datetime:
    """A local time that a clock skips stands for the moment it is moved to; of one that comes twice the first counts.

    The last moment of a day stands for the midnight behind it.
    """
    if at == time.max:
        day, at = day + timedelta(days=1), time(0)
    return datetime.combine(day, at, tzinfo=rules.zone).astimezone(UTC)


def _starts(rules: CalendarRules, opens: datetime) -> Iterator[datetime]:
    start = opens
    while True:
        yield start
        start += timedelta(minutes=rules.step_minutes)


class _Blocked:
    """Busy times and the buffer around them, joined where they touch, so that one look answers."""

    def __init__(self, busy: Sequence[Slot], buffer: timedelta) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        for slot in sorted(busy):
            start, end = slot.start - buffer, slot.end + buffer
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether any of [start, end) is taken."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start
