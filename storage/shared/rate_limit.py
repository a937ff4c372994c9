"""How many requests a group may still send, agreed between all processes.

Two sources feed one window: a budget we set ourselves (``Budget``) and what the vendor's answers say (``Observation``).
The pure part decides on a ``GroupState`` and the time; ``RateLimiter`` keeps that state where all processes see it.
Times are seconds since the epoch; machines that share a limiter need clocks in step to about a second, an error costs
at most one refused request, which is obeyed.
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from storage.shared.state import SharedState

T = TypeVar("T")

IN_FLIGHT = 10
"""A vendor's count may lag behind ours by the requests still under way; a larger gap means its window started anew."""
_CLOCK_SLACK_S = 1.0
_KEPT_S = 2 * 86400.0


class Budget(Struct, frozen=True):
    """At most ``limit`` requests in ``length_s``. ``aligned``: the window starts on multiples of its length since the
    epoch (a day then ends at midnight UTC); otherwise it opens with the first request."""

    name: str
    limit: int
    length_s: float
    aligned: bool = False


class Observation(Struct, frozen=True):
    """What an answer said of one window. ``resets_in_s`` as the vendor gave it, else ``length_s`` bounds it."""

    name: str
    limit: int
    remaining: int
    length_s: float
    resets_in_s: float | None = None


class Window(Struct, frozen=True):
    """Requests counted in one window; it is over at ``ends_at``, and the next opens with the next request."""

    limit: int
    used: int
    length_s: float
    ends_at: float


class GroupState(Struct, frozen=True):
    """All windows of one endpoint group; ``closed_until`` comes from a refusal."""

    windows: dict[str, Window] = {}
    closed_until: float = 0.0


def reserve(state: GroupState, budgets: Sequence[Budget], now: float, share: float = 1.0) -> tuple[GroupState, float]:
    """Count one request into every window and return 0.0, or return the seconds to wait and count nothing.

    ``share`` is the part of each window this caller may use up; background work leaves the rest to live conversations.
    """
    windows = {name: _open(window, now) for name, window in state.windows.items()}
    for budget in budgets:
        windows[budget.name] = _with_budget(windows.get(budget.name), budget, now)
    wait_s = max(0.0, state.closed_until - now)
    for window in windows.values():
        if window.used >= _allowed(window.limit, share):
            wait_s = max(wait_s, window.ends_at - now)
    if wait_s > 0:
        return state, wait_s
    counted = {name: msgspec.structs.replace(w, used=w.used + 1) for name, w in windows.items()}
    return GroupState(windows=counted, closed_until=0.0), 0.0


def observe(state: GroupState, observations: Sequence[Observation], now: float) -> GroupState:
    """Take over what the vendor counted, without forgetting requests of ours that it had not seen yet."""
    windows = dict(state.windows)
    for seen in observations:
        windows[seen.name] = _corrected(windows.get(seen.name), seen, now)
    return GroupState(windows=windows, closed_until=state.closed_until)


def close(state: GroupState, now: float, seconds: float) -> GroupState:
    """The vendor refused: nothing of this group is sent for ``seconds``."""
    return GroupState(windows=state.windows, closed_until=max(state.closed_until, now + seconds))


def _allowed(limit: int, share: float) -> int:
    return max(1, math.floor(limit * share)) if limit > 0 else 0


def _open(window: Window, now: float) -> Window:
    if window.ends_at > now:
        return window
    return msgspec.structs.replace(window, used=0, ends_at=now + window.length_s)


def _with_budget(window: Window | None, budget: Budget, now: float) -> Window:
    ends_at = _end_of(budget, now)
    if window is None:
        return Window(limit=budget.limit, used=0, length_s=budget.length_s, ends_at=ends_at)
    if budget.aligned:
        return msgspec.structs.replace(window, ends_at=ends_at)
    return window


def _end_of(budget: Budget, now: float) -> float:
    return (now // budget.length_s + 1) * budget.length_s if budget.aligned else now + budget.length_s


def _corrected(window: Window | None, seen: Observation, now: float) -> Window:
    used = max(0, seen.limit - seen.remaining)
    length_s = max(seen.length_s, seen.resets_in_s or 0.0, window.length_s if window else 0.0)
    ends_at = now + (seen.length_s if seen.resets_in_s is None else seen.resets_in_s)
    if window is None or window.ends_at <= now or _renewed(window, used, seen.resets_in_s, ends_at):
        return Window(limit=seen.limit, used=used, length_s=length_s, ends_at=ends_at)
    return Window(limit=seen.limit, used=max(used, window.used), length_s=length_s, ends_at=window.ends_at)


def _renewed(window: Window, used: int, resets_in_s: float | None, ends_at: float) -> bool:
    later_end = resets_in_s is not None and ends_at > window.ends_at + _CLOCK_SLACK_S
    return later_end or used + IN_FLIGHT < window.used


class RateLimiter:
    """The shared side: one key a group. While Redis is away each process counts for itself."""

    def __init__(self, shared: SharedState, *, clock: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._clock = clock

    async def reserve(self, group: str, budgets: Sequence[Budget] = (), *, share: float = 1.0) -> float:
        """0.0: send now, the request is counted. Otherwise the seconds until it is worth asking again."""
        return await self._change(group, lambda state: reserve(state, budgets, self._clock(), share))

    async def observe(self, group: str, observations: Sequence[Observation]) -> None:
        if observations:
            await self._change(group, lambda state: (observe(state, observations, self._clock()), None))

    async def close(self, group: str, seconds: float) -> None:
        """After a refusal (429): hold this group, and no other, for ``seconds``."""
        await self._change(group, lambda state: (close(state, self._clock(), seconds), None))

    async def state(self, group: str) -> GroupState:
        """For status pages: the windows as last counted."""
        return await self._change(group, lambda state: (state, state))

    async def _change(self, group: str, decide: Callable[[GroupState], tuple[GroupState, T]]) -> T:
        return await self._shared.update(f"rate_limit:{group}", GroupState(), decide, ttl_s=_KEPT_S)
