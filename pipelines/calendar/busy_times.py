"""Which times the events of a calendar take: iCalendar texts in, times out. Pure. Slow to import
and to run: not for the event loop."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event
from msgspec import Struct

from pipelines.calendar.port import Slot

TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
"""Repetitions that are no meetings, and millions of them in a month."""


class BusyTimes(Struct, frozen=True):
    """``slots``: in UTC, in no order, each with the event's UID · ``unreadable``: events that could not be read."""

    slots: tuple[tuple[str, Slot], ...] = ()
    unreadable: int = 0


def busy_times(texts: Iterable[str], within: Slot, zone: ZoneInfo) -> BusyTimes:
    """Repeated events at each of their times. ``zone``: of whole days, and of times that name none. Cancelled and
    transparent events take no time (RFC 5545, 3.8.1.11 and 3.8.2.7)."""
    found: list[tuple[str, Slot]] = []
    unreadable = 0
    for text in texts:
        try:
            found += _taken(text, within, zone)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):  # whatever others wrote
            unreadable += 1
    return BusyTimes(tuple(found), unreadable)


def _taken(text: str, within: Slot, zone: ZoneInfo) -> Iterator[tuple[str, Slot]]:
    calendar = Calendar.from_ical(text)
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if TOO_OFTEN & {str(each).upper() for each in rule.get("FREQ", [])}:
                raise ValueError("an event is repeated too often")
    day = timedelta(days=1)  # a day off in one zone begins the day before in another
    for event in recurring_ical_events.of(calendar).between(within.start - day, within.end + day):
        if not _blocks(event):
            continue
        slot = Slot(_moment(event["DTSTART"].dt, zone), _moment(event["DTEND"].dt, zone))
        if slot.start < min(slot.end, within.end) and slot.end > within.start:
            yield str(event.get("UID", "")), slot


def _blocks(event: Event) -> bool:
    transparent = str(event.get("TRANSP", "OPAQUE")).upper() == "TRANSPARENT"
    return not transparent and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _moment(at: date, zone: ZoneInfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(0), tzinfo=zone)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
