"""What becomes of a change that could not be sent. Pure.

Every effect has a reference; what failed with an unknown outcome is looked for by it before it is tried again, and not
before it had time to show.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from crm.errors import BadAnswer, ChangedMeanwhile, CrmError, GiveUp, NotSupported, RetryLater

MOST_ATTEMPTS = 10
"""With the waits below the last is about eight hours after the first; each is three tries of the client's."""
SETTLE_S = 30.0
"""A write we heard nothing of is applied by then or never: longer than the client waits for an answer."""
_FIRST_WAIT_S = 30.0
_LONGEST_WAIT_S = 3600.0


CONTACT_NOT_READY = "contact_not_ready"
OPPORTUNITY_NOT_READY = "opportunity_not_ready"
NOBODY_KNOWN = "nobody_known"
CALL_NOT_OVER = "call_not_over"
CAMPAIGN_HELD = "campaign_paused"
UNSETTLED = "attempt_unsettled"
"""Codes of what a change waits for."""
HOPELESS = frozenset({"circuit_open", "provider_unreachable"})
"""Codes of failures with which no other record gets through either."""


def concerns_all(error: CrmError) -> bool:
    """Whether no other record would fare better. An answer that cannot be read, or none, may be this record's."""
    return error.code in HOPELESS or (isinstance(error, GiveUp) and not isinstance(error, BadAnswer))


class Waits(Struct, frozen=True):
    """The turn of a change has not come, which is no failure: to be looked at again after ``retry_after_s``."""

    code: str
    retry_after_s: float

    def due_at(self, attempts: int, *, now: datetime) -> datetime:
        """``attempts``: how many failed before."""
        return now + timedelta(seconds=max(backoff_s(max(1, attempts)), self.retry_after_s))


class Verdict(Struct, frozen=True):
    """``retry``: again at ``due_at`` · ``bury``: a dead letter · ``stop``: nothing of this platform will work until
    somebody acts, so the change keeps its place and its attempts."""

    action: Literal["retry", "bury", "stop"]
    due_at: datetime | None = None


def after_failure(error: CrmError, attempts: int, *, now: datetime) -> Verdict:
    """``attempts`` counts this one."""
    unknown = error.outcome == "unknown"
    if isinstance(error, ChangedMeanwhile):
        return _again(now, attempts, 1.0)
    if isinstance(error, RetryLater) or unknown:
        wait_s = max(backoff_s(attempts), error.retry_after_s or 0.0, SETTLE_S if unknown else 0.0)
        return _again(now, attempts, wait_s)
    if isinstance(error, GiveUp) and not isinstance(error, NotSupported):
        return Verdict("stop")
    return Verdict("bury")


def patience_s(waited: timedelta) -> float:
    """When to look again at what is woken once its time has come: the longer it has waited, the later."""
    return min(_LONGEST_WAIT_S, max(SETTLE_S, waited.total_seconds() / 10))


def backoff_s(attempts: int) -> float:
    return float(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (attempts - 1)))


def wire_reference(reference: str) -> str:
    """The mark an activity carries over there: short, plain, and the same for ever."""
    return f"sales-agent-{hashlib.sha256(reference.encode()).hexdigest()[:24]}"


def _again(now: datetime, attempts: int, wait_s: float) -> Verdict:
    if attempts >= MOST_ATTEMPTS:
        return Verdict("bury")
    return Verdict("retry", now + timedelta(seconds=wait_s))
