"""How Apollo answers: three windows at once, and two kinds of refusal under one status."""

from collections.abc import Mapping

import msgspec

from crm.dialect import Dialect
from crm.http import Response, json_object
from crm.limits import count, retry_after_s
from storage.shared.rate_limit import Budget, Observation

HOURLY = Budget(name="hourly", limit=600, length_s=3600.0)
"""What every plan allows each endpoint; the answers' headers correct it."""

_WINDOWS = (("minute", 60.0), ("hourly", 3600.0), ("24-hour", 86400.0))


class ApolloDialect(Dialect):
    """Limits are per team and endpoint, in windows of a minute, an hour and a day that open with the first request.

    Headers tell limit and rest of each, not when it ends; on some plans they are there and empty.
    """

    platform = "apollo"

    def budgets(self, group: str) -> tuple[Budget, ...]:
        return (HOURLY,)

    def observations(self, response: Response) -> tuple[Observation, ...]:
        seen = (_window(response.headers, name, length_s) for name, length_s in _WINDOWS)
        return tuple(window for window in seen if window is not None)

    def refusal_wait_s(self, response: Response, now: float) -> float:
        """``retry-after`` if there, else the length of the longest window that is used up: a bound, not the moment."""
        told = retry_after_s(response.headers, now)
        if told is not None:
            return told
        spent = [window.length_s for window in self.observations(response) if window.remaining == 0]
        return max(spent, default=60.0)

    def is_quota(self, response: Response) -> bool:
        """Out of credits comes as 402, or as 422 or 403 with words to that effect."""
        if response.status == 402:
            return True
        if response.status not in (403, 422):
            return False
        try:
            body = json_object(response)
        except msgspec.DecodeError:
            return False
        said = f"{body.get('error', '')} {body.get('error_code', '')} {body.get('message', '')}".lower()
        return "credit" in said and "insufficient" in said


def _window(headers: Mapping[str, str], name: str, length_s: float) -> Observation | None:
    limit = count(headers.get(f"x-rate-limit-{name}"))
    left = count(headers.get(f"x-{name}-requests-left"))
    used = count(headers.get(f"x-{name}-usage"))
    if limit is None or (left is None and used is None):
        return None
    remaining = left if left is not None else max(0, limit - (used or 0))
    return Observation(name=name, limit=limit, remaining=remaining, length_s=length_s)
