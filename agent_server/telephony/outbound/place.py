"""By which clocks a called person may live."""

from functools import partial
from zoneinfo import ZoneInfo

from pipelines.calendar.rules import read_zone
from pipelines.calendar.zones import named_zone
from pipelines.loading import loaded


async def zones_of(number: str, told: str | None) -> tuple[ZoneInfo, ...]:
    """The zone that is known of the lead, else every one the number may be in; none: nothing tells."""
    return told_zone(told) or await zones_of_number(number)


def told_zone(told: str | None) -> tuple[ZoneInfo, ...]:
    """That is known of the lead, if it is one."""
    if told is None:
        return ()
    try:
        return (read_zone(told),)
    except ValueError:
        named = named_zone(told)
        return (named,) if named is not None else ()


async def zones_of_number(number: str) -> tuple[ZoneInfo, ...]:
    """Waits for what else is being imported: ask before anything is locked."""
    return await loaded(partial(_of_number, number))


def _of_number(number: str) -> tuple[ZoneInfo, ...]:
    from pipelines.calendar.whereabouts import zones_of_number  # noqa: PLC0415 - slow to import

    return zones_of_number(number)
