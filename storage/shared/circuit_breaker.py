"""Stop asking a provider that keeps failing, agreed between all processes, and try it now and then until it is well.

closed --failures in a row--> open --cool-down over--> half open: one probe --success--> closed
                                ^-------------------------failure, longer cool-down------'

The pure part decides on a ``BreakerState`` and the time. ``CircuitBreaker`` keeps the state where all processes see it
and answers from its own recent copy while the circuit is closed, in microseconds. Only faults of the provider count
(no answer, 5xx): a refused request is an answer.
"""

import time
from collections.abc import Callable

import msgspec
from msgspec import Struct

from storage.shared.state import SharedState

_KEPT_S = 3600.0


class BreakerSettings(Struct, frozen=True):
    """When to open and for how long. Failures older than ``memory_s`` no longer count; the cool-down doubles with every
    failed probe up to its cap; a probe that never reports frees its place after ``probe_s``."""

    failures_to_open: int = 5
    memory_s: float = 60.0
    cool_down_s: float = 30.0
    cool_down_cap_s: float = 300.0
    probe_s: float = 60.0


class BreakerState(Struct, frozen=True):
    """``open_until`` 0: closed. Later than now: open. Earlier: half open, ``probe_until`` holds the probe's place."""

    failures: int = 0
    last_failure_at: float = 0.0
    open_until: float = 0.0
    openings: int = 0
    probe_until: float = 0.0


def admit(settings: BreakerSettings, state: BreakerState, now: float) -> tuple[BreakerState, float]:
    """0.0: go ahead (half open: as the probe). Otherwise the seconds until it is worth asking again."""
    if not state.open_until:
        return state, 0.0
    wait_s = max(state.open_until, state.probe_until) - now
    if wait_s > 0:
        return state, wait_s
    return msgspec.structs.replace(state, probe_until=now + settings.probe_s), 0.0


def succeeded(state: BreakerState, now: float) -> BreakerState:
    """An answer came. One that was asked for before the circuit opened does not close it: the probe does."""
    return state if now < state.open_until else BreakerState()


def failed(settings: BreakerSettings, state: BreakerState, now: float) -> BreakerState:
    """No answer came. Late failures while open add nothing."""
    if now < state.open_until:
        return state
    if state.open_until:
        return _opened(settings, state, now)
    recent = now - state.last_failure_at <= settings.memory_s
    counted = msgspec.structs.replace(state, failures=state.failures + 1 if recent else 1, last_failure_at=now)
    return _opened(settings, counted, now) if counted.failures >= settings.failures_to_open else counted


def _opened(settings: BreakerSettings, state: BreakerState, now: float) -> BreakerState:
    cool_down_s = min(settings.cool_down_cap_s, settings.cool_down_s * 2.0**state.openings)
    return BreakerState(
        failures=state.failures, last_failure_at=now, open_until=now + cool_down_s, openings=state.openings + 1
    )


class CircuitBreaker:
    """The shared side: one key a provider. A closed circuit is confirmed with the others every ``refresh_s``."""

    def __init__(
        self,
        shared: SharedState,
        settings: BreakerSettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        refresh_s: float = 1.0,
    ) -> None:
        self._shared = shared
        self._settings = settings or BreakerSettings()
        self._clock = clock
        self._refresh_s = refresh_s
        self._known: dict[str, tuple[BreakerState, float]] = {}

    async def admit(self, name: str) -> float:
        """0.0: go ahead, then report ``succeeded`` or ``failed``. Otherwise the seconds until asking is worth it."""
        now = self._clock()
        state, read_at = self._known.get(name, (BreakerState(), 0.0))
        if 0 <= now - read_at < self._refresh_s and not state.open_until:
            return 0.0
        if now < state.open_until:
            return state.open_until - now
        return await self._change(name, lambda s: admit(self._settings, s, self._clock()))

    async def succeeded(self, name: str) -> None:
        state, _ = self._known.get(name, (BreakerState(), 0.0))
        if state != BreakerState():
            await self._change(name, lambda s: (succeeded(s, self._clock()), 0.0))

    async def failed(self, name: str) -> None:
        await self._change(name, lambda s: (failed(self._settings, s, self._clock()), 0.0))

    async def state(self, name: str) -> BreakerState:
        """For status pages, as all processes see it now."""
        await self._change(name, lambda s: (s, 0.0))
        return self._known[name][0]

    async def _change(self, name: str, decide: Callable[[BreakerState], tuple[BreakerState, float]]) -> float:
        seen = BreakerState()

        def remembering(state: BreakerState) -> tuple[BreakerState, float]:
            nonlocal seen
            seen, wait_s = decide(state)
            return seen, wait_s

        wait_s = await self._shared.update(f"circuit_breaker:{name}", BreakerState(), remembering, ttl_s=_KEPT_S)
        self._known[name] = (seen, self._clock())
        return wait_s
