"""What answers say about rate limits, read into observations of windows. Pure; vendors name their own headers.

The decision when to send, given these, is ``storage.shared.rate_limit``.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from storage.shared.rate_limit import Observation

_FIELD = re.compile(r"\b(limit|remaining|reset)\s*=\s*(\d+(?:\.\d+)?)")
_LONGEST_S = 7 * 86400.0
"""A wait beyond a week is a misread header, not a limit."""


def seconds(text: str | None) -> float | None:
    """A finite, non-negative number of seconds, or None for anything else (vendors send empty values too)."""
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value <= _LONGEST_S else None


def count(text: str | None) -> int | None:
    """A non-negative whole number, or None for anything else."""
    stripped = text.strip() if text else ""
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) < 10 else None


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """``Retry-After`` in seconds: RFC 9110 10.2.3 allows a number or an HTTP date."""
    text = headers.get("retry-after", "").strip()
    number = seconds(text)
    if number is not None or not text:
        return number
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(_LONGEST_S, max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds()))


def ratelimit_header(headers: Mapping[str, str]) -> tuple[Observation, ...]:
    """``RateLimit: limit=100, remaining=50, reset=5`` (draft-ietf-httpapi-ratelimit-headers-04, section 3)."""
    found = {name: float(value) for name, value in _FIELD.findall(headers.get("ratelimit", "").lower())}
    if len(found) < 3:
        return ()
    reset_s = min(_LONGEST_S, found["reset"])
    return (
        Observation(
            name="ratelimit",
            limit=int(found["limit"]),
            remaining=int(found["remaining"]),
            length_s=reset_s,
            resets_in_s=reset_s,
        ),
    )
