"""Whether somebody may be called now. Pure.

The rules are those of the United States where they are strictest: no call without consent, none to a number on the
do-not-call list, none outside 8:00 to 21:00 where the called person is (47 CFR 64.1200(c)(1)), and no more than a few a
day (three in 24 hours in Florida and Oklahoma). What is not known counts against the call.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from storage.calls.consents import ConsentKind

RefusalCode = Literal[
    "list_not_running", "do_not_call", "no_consent", "already_in_call", "too_many_attempts", "outside_calling_hours"
]

DAY: Final = timedelta(hours=24)
_DAYS_AHEAD: Final = 3
"""Hours come again every day; across the date line and a change of clocks it may take two."""


class CallingRules(Struct, frozen=True, kw_only=True):
    """``opens`` and ``closes``: local time of the called person, the end not included · ``consents``: the kinds that
    are enough; to sell with an artificial voice takes a written one (47 CFR 64.1200(a)(2) and (3)) ·
    ``attempts_a_day``: in any 24 hours."""

    opens: time = time(8)
    closes: time = time(21)
    consents: frozenset[ConsentKind] = frozenset({"express_written"})
    attempts_a_day: int = 3


class CallFacts(Struct, frozen=True, kw_only=True):
    """What is known of a number at one moment. ``suppressed``: it, or whom it belongs to, is not to be called ·
    ``consent`` None: there is no record · ``attempts``: when it, or any number of the same lead, was dialled before ·
    ``zones``: all it may be in; none: not known · ``called_off``: the call list it is called for was paused or stopped,
    or has done with them."""

    suppressed: bool = False
    consent: ConsentKind | None = None
    consent_until: datetime | None = None
    in_call: bool = False
    attempts: tuple[datetime, ...] = ()
    zones: tuple[ZoneInfo, ...] = ()
    called_off: bool = False


class Permitted(Struct, frozen=True):
    """Dial."""


class Refused(Struct, frozen=True):
    """``retry_at``: when it would be permitted, as things stand; None: not by waiting, or nobody knows."""

    code: RefusalCode
    message: str
    retry_at: datetime | None = None


PERMITTED: Final = Permitted()


def may_call(facts: CallFacts, rules: CallingRules, now: datetime) -> Permitted | Refused:
    """``now`` has its zone."""
    if facts.called_off:
        return Refused("list_not_running", "The call list was paused or stopped, or has done with them.")
    if facts.suppressed:
        return Refused("do_not_call", "This number, or the person, is on the do-not-call list.")
    if not _consents(facts, rules, now):
        return Refused("no_consent", _missing_consent(facts, rules))
    if facts.in_call:
        return Refused("already_in_call", "A call to this number or person is under way.")
    free_at = _attempts_allow(facts.attempts, rules, now)
    if free_at > now:
        often = f"{rules.attempts_a_day} times within 24 hours"
        message = f"This number or person was dialled {often}, as often as is allowed."
        return Refused("too_many_attempts", message, _next_within_hours(facts.zones, rules, free_at))
    if not facts.zones:
        message = "It is not known what time it is there; give the lead its time_zone."
        return Refused("outside_calling_hours", message)
    if not is_within_hours(facts.zones, rules, now):
        opens, closes = (f"{moment:%H:%M}" for moment in (rules.opens, rules.closes))
        message = f"Where this number may be, it is not between {opens} and {closes} now."
        return Refused("outside_calling_hours", message, _next_within_hours(facts.zones, rules, now))
    return PERMITTED


def is_within_hours(zones: Iterable[ZoneInfo], rules: CallingRules, at: datetime) -> bool:
    """Everywhere the person may be."""
    return all(rules.opens <= at.astimezone(zone).time() < rules.closes for zone in zones)


def _consents(facts: CallFacts, rules: CallingRules, now: datetime) -> bool:
    is_kind = facts.consent is not None and facts.consent != "none" and facts.consent in rules.consents
    return is_kind and (facts.consent_until is None or now < facts.consent_until)


def _missing_consent(facts: CallFacts, rules: CallingRules) -> str:
    if facts.consent is None:
        return "There is no record that this person agreed to be called; PUT /api/consents/{number} makes one."
    if facts.consent == "none":
        return "This person does not agree to be called."
    if facts.consent not in rules.consents:
        return f"Consent of the kind {facts.consent} is not enough here (CALL_CONSENT)."
    return "This person's consent has ended."


def _attempts_allow(attempts: Iterable[datetime], rules: CallingRules, now: datetime) -> datetime:
    """From when on one more is allowed."""
    recent = sorted(at for at in attempts if at > now - DAY)
    if len(recent) < rules.attempts_a_day:
        return now
    return recent[-rules.attempts_a_day] + DAY


def _next_within_hours(zones: tuple[ZoneInfo, ...], rules: CallingRules, after: datetime) -> datetime | None:
    """The first moment from ``after`` on. None: the zones have no hour in common, or there are none."""
    if not zones:
        return None
    openings = {_opening(zone, rules, after, days) for zone in zones for days in range(-1, _DAYS_AHEAD + 1)}
    candidates = sorted({after, *(at for at in openings if at > after)})
    return next((at for at in candidates if is_within_hours(zones, rules, at)), None)


def _opening(zone: ZoneInfo, rules: CallingRules, after: datetime, days: int) -> datetime:
    """In UTC, through the zone: an hour that a change of clocks leaves out opens when it is over."""
    day = after.astimezone(zone).date() + timedelta(days=days)
    local = datetime.combine(day, rules.opens, zone)
    return local.astimezone(after.tzinfo)
