"""What is done next with somebody on a call list: dialled, later, or no more. Pure.

Whoever was reached is not dialled again, unless they asked to be called back. Busy lines, calls that nobody answers and
voicemails are tried again at another time of day. What the law says (``permission``) is asked with the rest, and again
by the dialler in the moment of dialling.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from agent_server.telephony.outbound.permission import CallingRules, Refused
from agent_server.telephony.outbound.progress import is_machine
from pipelines.calendar.opening import opens_at
from pipelines.calendar.rules import WEEKDAYS, Hours
from storage.calls.list_entries import CallOfEntry, EntryResult, Listed

APART: Final = timedelta(hours=2)
"""So far from the times of day at which nobody answered, or as far as calls are apart anyway."""

IN_CALL_AGAIN: Final = timedelta(minutes=10)
"""They are talking with us."""

DAY: Final = timedelta(days=1)
_DAYS_AHEAD: Final = 8
"""In which another time of day is looked for."""

_LATEST_WISH: Final = timedelta(days=90)
"""To be called back; what is later was misunderstood."""

NO_ATTEMPT: Final = frozenset(
    {"lines_busy", "server_stopping", "not_dialled", "carrier_unreachable", "carrier_unauthorised"}
)
"""Codes of calls for which nobody's telephone rang."""


class Terms(Struct, frozen=True):
    """``hours``: of each weekday, Monday first, by the called person's clock, within what the law allows."""

    attempts: int
    retry_after: timedelta
    hours: tuple[Hours, ...]


class Dial(Struct, frozen=True):
    """Now."""


class UnderWay(Struct, frozen=True):
    """A call to them is not over, or nobody knows whether it is: nothing is done meanwhile."""


class Later(Struct, frozen=True):
    """They are looked at again at ``at``."""

    at: datetime


class Ended(Struct, frozen=True):
    """They are called no more. ``reason``: a stable code."""

    result: EntryResult
    reason: str | None = None


DIAL: Final = Dial()
UNDER_WAY: Final = UnderWay()

Decision = Dial | UnderWay | Later | Ended


def decide(
    entry: Listed,
    calls: Sequence[CallOfEntry],
    refusal: Refused | None,
    zones: Sequence[ZoneInfo],
    *,
    terms: Terms,
    now: datetime,
) -> Decision:
    """``calls``: to them for this list, oldest first · ``refusal``: what the law says of a call now; None: nothing ·
    ``zones``: all they may be in. ``now`` has its zone."""
    if any(call.is_open for call in calls):
        return UNDER_WAY
    if refusal is not None and refusal.code == "do_not_call":
        return Ended("do_not_call")  # also where they said so in a call, and no tool was told
    reached = next((call for call in reversed(calls) if is_reached(call)), None)
    if reached is not None and (result := _came_of(reached)) != "call_back":
        return Ended(result)
    if (ended := _for_good(entry, calls, refusal)) is not None:
        return ended
    tried = [call for call in calls if is_attempt(call)]
    if len(tried) >= terms.attempts:
        return Ended("call_back") if reached is not None else _not_reached(tried)
    at = _next_try(calls, tried, zones, terms, now)
    if at is None:
        return Ended("refused", "no_hours")
    if at > now:
        return Later(at)
    return DIAL if refusal is None else _put_off(refusal, zones, terms, now)


def is_attempt(call: CallOfEntry) -> bool:
    """Whether their telephone rang, or may have."""
    return call.dialled_at is not None and call.code not in NO_ATTEMPT


def is_reached(call: CallOfEntry) -> bool:
    """Whether a person answered."""
    machine = is_machine(call.answered_by) or call.answered_by == "fax"
    return call.status == "completed" and not machine


def hours_within(hours: Sequence[Hours] | None, rules: CallingRules) -> tuple[Hours, ...]:
    """Those of a list, no wider than the law; None: as wide."""
    whole: Hours = ((rules.opens, rules.closes),)
    return tuple(_clipped(day, rules.opens, rules.closes) for day in hours or [whole] * len(WEEKDAYS))


def _clipped(day: Hours, earliest: time, latest: time) -> Hours:
    clipped = ((max(opens, earliest), min(closes, latest)) for opens, closes in day)
    return tuple((opens, closes) for opens, closes in clipped if opens < closes)


def _came_of(call: CallOfEntry) -> EntryResult:
    """Of a call that a person answered."""
    if "opt_out" in call.kinds:
        return "do_not_call"
    if "meeting" in call.kinds:
        return "booked"
    match call.outcome:
        case "call_back" | "not_interested":
            return call.outcome
    return "reached"


def _for_good(entry: Listed, calls: Sequence[CallOfEntry], refusal: Refused | None) -> Ended | None:
    if entry.lead_id is None:
        return Ended("refused", "erased")
    if entry.booked:
        return Ended("booked")
    if entry.lead_status == "not_interested":
        return Ended("not_interested")
    if entry.contact_phone is None:
        return Ended("refused", "no_phone")
    if refusal is not None and refusal.code == "no_consent":
        return Ended("refused", "no_consent")
    if calls and calls[-1].answered_by == "fax":
        return Ended("not_reached", "fax")
    if calls and (calls[-1].code == "number_invalid" or calls[-1].status == "canceled"):
        return Ended("not_reached", calls[-1].code or "canceled")
    return None


def _not_reached(tried: Sequence[CallOfEntry]) -> Ended:
    if any(call.status == "voicemail" for call in tried):
        return Ended("voicemail")
    if any(call.status in ("no_answer", "busy") for call in tried):
        return Ended("no_answer")
    return Ended("not_reached", tried[-1].code or tried[-1].status)


def _next_try(
    calls: Sequence[CallOfEntry], tried: Sequence[CallOfEntry], zones: Sequence[ZoneInfo], terms: Terms, now: datetime
) -> datetime | None:
    """From ``now`` on. None: hours never come."""
    if not tried or tried[-1] is not calls[-1]:
        return opens_at(zones, terms.hours, now)  # the last one was none: what put it off is over, or is told anew
    ended_at, wanted_at = tried[-1].ended_at or now, tried[-1].call_back_at
    if wanted_at is not None and is_reached(tried[-1]) and wanted_at < ended_at + _LATEST_WISH:
        return opens_at(zones, terms.hours, max(now, wanted_at))
    after = max(now, ended_at + terms.retry_after)
    apart = min(APART, terms.retry_after)
    before = [call.dialled_at for call in tried if call.dialled_at is not None and not is_reached(call)]
    beside = (at + days * DAY + apart for at in before for days in range((after - at).days + _DAYS_AHEAD))
    for at in sorted({after, *(each for each in beside if each > after)}):
        opens = opens_at(zones, terms.hours, at)
        if opens is not None and all(_apart(opens, each) >= apart for each in before):
            return opens
    return opens_at(zones, terms.hours, after)


def _apart(one: datetime, other: datetime) -> timedelta:
    """By the clock, whatever the day."""
    ahead = (one - other) % DAY
    return min(ahead, DAY - ahead)


def _put_off(refusal: Refused, zones: Sequence[ZoneInfo], terms: Terms, now: datetime) -> Decision:
    if refusal.code == "already_in_call":
        return Later(now + IN_CALL_AGAIN)
    if refusal.code == "outside_calling_hours" and refusal.retry_at is None:
        return Ended("refused", "time_zone_unknown")
    at = opens_at(zones, terms.hours, max(refusal.retry_at or now + DAY, now))
    return Later(at if at is not None and at > now else now + DAY)
