"""When a campaign's next message goes out, and to whom. Pure.

Messages are spread evenly: of 60 an hour one goes every minute. Each goes within working hours where its recipient is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from agent_server.campaigns.writing import REFUSED
from pipelines.calendar.opening import opens_at
from pipelines.calendar.rules import Hours
from storage.campaigns.release import Candidate, SendingCampaign

_HOUR: Final = timedelta(hours=1)


class Pace(Struct, frozen=True):
    """``hours``: of each weekday, Monday first, by the recipient's clock · ``per_hour``: messages of all campaigns ·
    ``zone``: where a recipient is of whom it is not known."""

    hours: tuple[Hours, ...]
    per_hour: int
    zone: ZoneInfo


class Go(Struct, frozen=True):
    """It goes out now."""


class Later(Struct, frozen=True):
    """Its turn comes at ``at``."""

    at: datetime


class Never(Struct, frozen=True):
    """It does not go out, nor what was to follow it. ``reason`` is a stable code."""

    reason: str


class Ask(Struct, frozen=True):
    """It does not go out unless a person approves it by itself."""


GO: Final = Go()
ASK: Final = Ask()


def next_turn(campaign: SendingCampaign, last: datetime | None, pace: Pace) -> datetime | None:
    """When this campaign may release its next message. ``last``: the last release of all campaigns. None: at once."""
    turns = [last + _HOUR / pace.per_hour] if last is not None else []
    if campaign.released_at is not None and campaign.per_hour is not None:
        turns.append(campaign.released_at + _HOUR / campaign.per_hour)
    return max(turns, default=None)


def decide(message: Candidate, zones: Sequence[ZoneInfo], pace: Pace, now: datetime) -> Go | Later | Never | Ask:
    """``zones``: all the recipient may be in; none: it is not known. ``now`` has its zone."""
    if (reason := _why_never(message)) is not None:
        return Never(reason)
    if message.in_touch:
        return ASK
    at = opens_at(zones or (pace.zone,), pace.hours, now) or opens_at((pace.zone,), pace.hours, now)
    if at is None:
        return Later(now + timedelta(days=1))
    return GO if at <= now else Later(at)


def _why_never(message: Candidate) -> str | None:
    if message.opted_out_at is not None:
        return "opted_out"
    if message.suppressed:
        return "suppressed"
    if message.results:
        return str(message.results[0])
    if str(message.custom.get("consent", "")).strip().lower() in REFUSED:
        return "no_consent"
    if message.lead_status == "not_interested":
        return "not_interested"
    return None if message.contact_email else "no_email"
