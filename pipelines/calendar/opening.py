"""When it is within hours wherever somebody may be. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.calendar.rules import Hours

_DAYS_AHEAD: Final = 8
"""Some weekday within has hours."""


def opens_at(zones: Sequence[ZoneInfo], hours: Sequence[Hours], after: datetime) -> datetime | None:
    """The first moment from ``after`` on within hours in all zones. None: they have none in common. ``hours``: of each
    weekday, Monday first."""
    openings = {
        datetime.combine(day, opens, zone).astimezone(after.tzinfo)
        for zone in zones
        for day in (after.astimezone(zone).date() + timedelta(days=days) for days in range(-1, _DAYS_AHEAD + 1))
        for opens, _ in hours[day.weekday()]
    }
    candidates = sorted({after, *(at for at in openings if at > after)})
    return next((at for at in candidates if all(_is_open(zone, hours, at) for zone in zones)), None)


def _is_open(zone: ZoneInfo, hours: Sequence[Hours], at: datetime) -> bool:
    local = at.astimezone(zone)
    return any(opens <= local.time() < closes for opens, closes in hours[local.weekday()])
