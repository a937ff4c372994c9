"""Which of the free times to offer a lead. Times are in the lead's time zone. Pure."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from pipelines.playbook.extract.times import Moment
from pipelines.playbook.slots import choose, spread

OFFERED: Final = 3
DAYTIME: Final = range(8, 18)
"""Hours that suit a lead in another time zone than the office; when none is free, those nearest to them are offered."""

NEARLY_MINUTES: Final = 60
"""So much farther from the day than the nearest is as good."""


def beginning(wanted: Moment, zone: tzinfo) -> datetime | None:
    """Of the day, week or month they would rather have, in UTC; None: they named none."""
    day = wanted.first_day
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) if day is not None else None


def various(free: Sequence[datetime], seen: Collection[datetime]) -> list[datetime]:
    """Up to three times on different days and hours: by day where the lead is, and those not offered before first."""
    nearest = min(map(_minutes_from_day, free), default=0)
    by_day = [start for start in free if _minutes_from_day(start) <= (nearest and nearest + NEARLY_MINUTES)]
    fresh = [start for start in by_day if start not in seen] or by_day
    chosen: list[datetime] = []
    while fresh and len(chosen) < OFFERED:
        pair = spread(fresh)
        chosen += pair[: OFFERED - len(chosen)]
        last = max(pair)
        fresh = [start for start in fresh if start > last and start.date() != last.date()]
    return sorted(dict.fromkeys(chosen))


def _minutes_from_day(start: datetime) -> int:
    """How long before the day begins, or after it ends, by the clock on the wall; 0: within it."""
    if start.hour in DAYTIME:
        return 0
    minutes, day = start.hour * 60 + start.minute, 24 * 60
    return min((DAYTIME.start * 60 - minutes) % day, (minutes - DAYTIME.stop * 60 + 1) % day)


def instead(free: Sequence[datetime], wanted: Moment) -> tuple[list[datetime], bool]:
    """The time they would rather have, or those nearest to it; and whether these are within what was said."""
    found = choose(wanted, None, (), free)
    if found.chosen is not None:
        return [found.chosen], True
    return list(found.alternatives), found.fitting
