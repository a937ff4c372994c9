"""Meeting times: which are free, which to offer, how to say them, and how to read them back out of a sentence."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from pipelines.calendar.zones import spoken_zone
from pipelines.playbook.extract.times import Moment, find_moment

FreeSlots = Callable[[datetime], Sequence[datetime]]
"""Free starting times after a moment, soonest first, in the moment's time zone. Must not block."""

BUSINESS_DAYS: Final = 10
HOURS: Final = (10, 14, 16)
APART: Final = timedelta(hours=2)
OFFERED: Final = 2
"""Times offered at once: as many as one keeps in mind on the telephone."""

_SPOKEN_TIME: Final = re.compile(
    r"\b\d{1,2}(?::\d{2})? ?(?:am|pm|a\.m\.|p\.m\.)|\bnoon\b|\b\d{1,2} o'clock", re.IGNORECASE
)


def business_slots(now: datetime) -> tuple[datetime, ...]:
    """Ten, two and four o'clock on the business days after today: what is offered when no calendar is connected."""
    return _business_slots(now.date(), now)


@lru_cache(maxsize=64)
def _business_slots(today: date, now: datetime) -> tuple[datetime, ...]:
    days = (today + timedelta(days=ahead) for ahead in range(1, BUSINESS_DAYS * 2))
    working = [day for day in days if day.weekday() < 5][:BUSINESS_DAYS]
    return tuple(datetime.combine(day, time(hour), tzinfo=now.tzinfo) for day in working for hour in HOURS)


class Choice(Struct, frozen=True):
    """What a caller's words choose: a free time, or else the nearest free ones to offer instead."""

    chosen: datetime | None = None
    alternatives: tuple[datetime, ...] = ()
    fitting: bool = False
    """The alternatives are all within what was said ("tomorrow afternoon")."""


def choose(
    moment: Moment,
    choice: int | None,
    offered: Sequence[datetime],
    free: Sequence[datetime],
    *,
    rather: time | None = None,
) -> Choice:
    """The time that is meant by "the second one", "tuesday", "two o'clock" or "friday at ten". ``rather``: the time of
    day that suited before, offered first where it is free."""
    if not moment and choice is not None and offered:
        return Choice(chosen=offered[min(choice, len(offered) - 1)])
    if not moment:
        return Choice()
    for times in (offered, free):
        fitting = [slot for slot in times if fits(slot, moment)]
        if len(fitting) == 1 or (fitting and (moment.first or (moment.at is not None and moment.bound is None))):
            return Choice(chosen=fitting[0])
        if fitting:
            fitting.sort(key=lambda slot: slot.time() != rather)
            return Choice(alternatives=spread(fitting), fitting=True)
    return Choice(alternatives=nearest(moment, free))


def either(first: Choice, other: Choice) -> Choice:
    """Of two that would suit, neither settled by the first: the other's time, or one of each to choose from."""
    if other.chosen is not None:
        return other
    if first.fitting != other.fitting:
        return first if first.fitting else other
    return Choice(
        alternatives=tuple(dict.fromkeys((*first.alternatives[:1], *other.alternatives[:1]))), fitting=first.fitting
    )


def fits(slot: datetime, moment: Moment) -> bool:
    """Whether a time is within what was said of day, hour, part of day or week."""
    if moment.day is not None and slot.date() != moment.day:
        return False
    if moment.span is not None and not moment.span[0] <= slot.date() <= moment.span[1]:
        return False
    if slot.date() == moment.without:
        return False
    if moment.at is not None:
        at = slot.time()
        return at == moment.at if moment.bound is None else (at >= moment.at) == (moment.bound == "after")
    return moment.part is None or (slot.hour < 12) == (moment.part == "morning")


def nearest(moment: Moment, free: Sequence[datetime]) -> tuple[datetime, ...]:
    """Free times closest to what was asked: the same day first, then the following ones, or the last there are."""
    if not free:
        return ()
    zone = free[0].tzinfo
    wanted = datetime.combine(moment.first_day or free[0].date(), moment.at or time(12), tzinfo=zone)
    same_day = [slot for slot in free if slot.date() == wanted.date()]
    later = [slot for slot in free if slot.date() > wanted.date()]
    ranked = sorted(same_day, key=lambda slot: abs(slot - wanted)) + (later or list(reversed(free)))
    return tuple(sorted(dict.fromkeys(ranked[:OFFERED])))


def spread(times: Sequence[datetime]) -> tuple[datetime, ...]:
    """Two times that differ: another day and another hour where there is one, else some hours apart."""
    if len(times) <= OFFERED:
        return tuple(times)
    first = times[0]
    elsewhen = (slot for slot in times[1:] if slot.date() != first.date() and slot.hour != first.hour)
    apart = (slot for slot in times[1:] if abs(slot - first) >= APART)
    return (first, next(elsewhen, None) or next(apart, times[1]))


def spoken_slot(slot: datetime) -> str:
    """A time as one says it, with its date so that it means the same tomorrow: "Tuesday, November 24th at 10 AM"."""
    day = slot.day
    ending = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{slot:%A}, {slot:%B} {day}{ending} at {spoken_hour(slot)}"


def spoken_hour(slot: datetime) -> str:
    """The time of day alone, for a second time on a day already named."""
    minutes = f":{slot.minute:02}" if slot.minute else ""
    return f"{slot.hour % 12 or 12}{minutes} {'AM' if slot.hour < 12 else 'PM'}"


def spoken_clock(now: datetime) -> str:
    """By which clock times are said: "Berlin time"."""
    return spoken_zone(now.tzinfo) if isinstance(now.tzinfo, ZoneInfo) else f"{now:%Z}" or "local time"


@lru_cache(maxsize=1024)
def read_slots(sentence: str, now: datetime) -> tuple[datetime, ...]:
    """The times a sentence of the agent names; a time without a day is on the day named before it."""
    found: list[datetime] = []
    day: date | None = None
    start = 0
    for match in _SPOKEN_TIME.finditer(sentence):
        moment = find_moment(sentence[start : match.end()], now)
        day = moment.day or day
        start = match.end()
        if day is not None and moment.at is not None:
            found.append(datetime.combine(day, moment.at, tzinfo=now.tzinfo))
    return tuple(dict.fromkeys(found))
