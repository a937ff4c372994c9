"""By which clocks a called person may live."""

from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.calendar.rules import read_zone
from pipelines.calendar.zones import named_zone
from pipelines.loading import loaded

_NOT_ALL_YEAR: Final = frozenset({"EST", "MST", "GMT"})
"""Zones of the tz database that stand still when the clocks of whoever says so go forward: an hour more in the
evening."""

_NOBODYS: Final = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"})
"""Clocks of machines, left where nothing is known of a person."""


async def zones_of(number: str, told: str | None) -> tuple[ZoneInfo, ...]:
    """The zone that is known of the lead, else every one the number may be in; none: nothing tells."""
    return told_zone(told) or await zones_of_number(number)


def told_zone(told: str | None) -> tuple[ZoneInfo, ...]:
    """That is known of the lead, if it is one that somebody lives by."""
    if told is None:
        return ()
    try:
        zone = read_zone(told) if told not in _NOT_ALL_YEAR else named_zone(told)
    except ValueError:
        zone = named_zone(told)
    return (zone,) if zone is not None and zone.key not in _NOBODYS else ()


async def zones_of_number(number: str) -> tuple[ZoneInfo, ...]:
    """Waits for what else is being imported: ask before anything is locked."""
    return await loaded(partial(_of_number, number))


def _of_number(number: str) -> tuple[ZoneInfo, ...]:
    from pipelines.calendar.whereabouts import zones_of_number  # noqa: PLC0415 - slow to import

    return zones_of_number(number)
