"""Close's limits: one window for each endpoint group, told in one header on every answer."""

import math
from collections.abc import Callable

from simulators.close.options import CloseOptions
from simulators.rest import Refused


def group_of(method: str, path: str) -> str:
    """Path and method make the group: reads and writes of a resource are counted apart."""
    resource = "/".join(part for part in path.strip("/").split("/") if "_" not in part or part == "custom_field")
    return f"{resource}:{'read' if method == 'GET' else 'write'}"


class RateLimits:
    """A window opens with the first request of its group."""

    def __init__(self, options: Callable[[], CloseOptions], clock: Callable[[], float]) -> None:
        self._options = options
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, group: str) -> dict[str, str]:
        """The header of the answer. Raises Refused with 429 when the group's window is full."""
        options = self._options()
        limit = options.slow_groups.get(group, options.groups)
        now = self._clock()
        ends_at, used = self._windows.get(group, (0.0, 0))
        if now >= ends_at:
            ends_at, used = now + limit.window_s, 0
        reset_s = ends_at - now
        full = used >= limit.limit
        self._windows[group] = (ends_at, used if full else used + 1)
        left = 0 if full else limit.limit - used - 1
        header = {"RateLimit": f"limit={limit.limit}, remaining={left}, reset={reset_s:.3f}"}
        if full:
            raise Refused(
                429,
                {"error": {"message": "API call count exceeded", "rate_reset": reset_s}},
                header | {"Retry-After": str(math.ceil(reset_s))},
            )
        return header
