"""What becomes of a delivery after an attempt. Pure.

The schedule is the one the Standard Webhooks specification gives as its example: ten attempts over a little more than
three days.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from msgspec import Struct

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first attempt, the second, and so on."""

JITTER: Final = 0.1
"""Later by up to this share, so that what failed together does not come together again."""

LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
LONGEST_HOLD: Final = timedelta(hours=1)
THROTTLE: Final = timedelta(seconds=10)
"""How long a receiver that is too busy, and does not say for how long, is left alone."""

LOST_AFTER: Final = timedelta(days=5)
_BUSY: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Answer(Struct, frozen=True, kw_only=True):
    """What came of an attempt: a ``status`` of the receiver's, or an ``error`` of ours. ``retry_after``: the header.
    ``text``: how the answer begins."""

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    text: str | None = None
    latency_ms: float = 0.0

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Delivered(Struct, frozen=True):
    """It has it."""


class Again(Struct, frozen=True):
    """Another attempt. ``hold_until``: until then nothing at all is sent to this endpoint."""

    at: datetime
    hold_until: datetime | None = None


class GivenUp(Struct, frozen=True):
    """``gone``: the receiver wants to hear nothing any more."""

    gone: bool = False


Decision = Delivered | Again | GivenUp


def decide(attempts: int, answer: Answer, *, now: datetime, jitter: float) -> Decision:
    """After ``attempts`` attempts, the last with ``answer``. ``jitter``: from 0 to 1, by chance."""
    if answer.is_delivered:
        return Delivered()
    if answer.status == HTTPStatus.GONE:
        return GivenUp(gone=True)
    if attempts > len(DELAYS):
        return GivenUp()
    delay = DELAYS[attempts - 1] * (1 + JITTER * jitter)
    asked = _retry_after(answer.retry_after, now) if answer.retry_after is not None else None
    hold = None
    if answer.status in _BUSY:
        hold = min(asked, LONGEST_HOLD) if asked is not None else THROTTLE
    return Again(now + max(delay, asked or delay), now + hold if hold is not None else None)


def is_lost(failing: timedelta) -> bool:
    """Whether an endpoint that has failed for so long, at every attempt, is disabled."""
    return failing >= LOST_AFTER


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110), within bounds; None: it is neither."""
    if text.strip().isdecimal():
        wait = timedelta(seconds=min(int(text.strip()[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - now
    return max(timedelta(), min(wait, LONGEST_RETRY_AFTER))
