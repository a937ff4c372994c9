"""By which clocks a called person may live."""

from functools import partial
from zoneinfo import ZoneInfo

from pipelines.calendar.rules import read_zone
from pipelines.calendar.zones import named_zone
from pipelines.loading import loaded


async def zones_of(number: str, told: str | None) -> tuple[ZoneInfo, ...]:
    """The zone that is known of the lead, else every one the number may be in; none: nothing tells."""
    if told is not None:
        try:
            return (read_zone(told),)
        except ValueError:
            if (named := named_zone(told)) is not None:
                return (named,)
    return await loaded(partial(_of_number, number))


def _of_number(number: str) -> tuple[ZoneInfo, ...]:
    from pipelines.calendar.whereabouts import zones_of_number  # noqa: PLC0415 - slow to import

    return zones_of_number(number)
