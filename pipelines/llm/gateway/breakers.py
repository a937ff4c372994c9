"""Circuit breakers of the model providers: decided here and now, agreed with other processes behind.

A live turn must not wait for Redis, so every question is answered from this process's copy, in about a microsecond.
What happens here is told to the others by a task, and what happened there is learnt within ``REFRESH_S``.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from msgspec import structs

from storage.shared.circuit_breaker import BreakerSettings, BreakerState, admit, failed, succeeded
from storage.shared.state import SharedState

log = logging.getLogger(__name__)

REFRESH_S = 1.0
_KEPT_S = 3600.0

MODEL_BREAKER = BreakerSettings(
    failures_to_open=3, memory_s=60.0, cool_down_s=10.0, cool_down_cap_s=120.0, probe_s=20.0
)
"""Sooner than the usual: callers are waiting, another provider is there, and probes cost next to nothing."""

Change = Callable[[BreakerState], BreakerState]


class ProviderBreakers:
    """One breaker a provider. ``shared`` None: this process is the only one."""

    def __init__(
        self,
        shared: SharedState | None = None,
        settings: BreakerSettings = MODEL_BREAKER,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shared = shared
        self._settings = settings
        self._clock = clock
        self._states: dict[str, BreakerState] = {}
        self._read_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def state(self, provider: str) -> BreakerState:
        return self._states.get(provider, _CLOSED)

    def is_closed(self, provider: str) -> bool:
        """Whether it may be asked. An open one is tried by probes alone, never by a caller's turn."""
        if self._shared is not None:
            self._refresh(provider)
        return not self._states.get(provider, _CLOSED).open_until

    def wait_s(self, provider: str) -> float:
        """Until a probe of an open one may tell more; 0: closed."""
        state = self.state(provider)
        return max(0.05, state.open_until - self._clock()) if state.open_until else 0.0

    def succeeded(self, provider: str) -> None:
        if self.state(provider) != _CLOSED:
            now = self._clock()
            self._change(provider, lambda state: succeeded(state, now))

    def failed(self, provider: str, *, opens: bool = False) -> None:
        """``opens``: one failure is enough."""
        now, settings = self._clock(), self._settings
        if opens:
            settings = structs.replace(settings, failures_to_open=1)
        self._change(provider, lambda state: failed(settings, state, now))

    async def admit_probe(self, provider: str) -> float:
        """0.0: probe now and report. Otherwise seconds to wait: it is too early, or another process probes."""
        settings, clock = self._settings, self._clock
        if self._shared is None:
            self._states[provider], wait_s = admit(settings, self.state(provider), clock())
            return wait_s
        seen = self.state(provider)

        def decide(state: BreakerState) -> tuple[BreakerState, float]:
            nonlocal seen
            seen, wait_s = admit(settings, state, clock())
            return seen, wait_s

        wait_s = await self._shared.update(_key(provider), _CLOSED, decide, ttl_s=_KEPT_S)
        self._states[provider] = seen
        return wait_s

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)

    def _change(self, provider: str, change: Change) -> None:
        before = self.state(provider)
        after = self._states[provider] = change(before)
        if bool(after.open_until) != bool(before.open_until) or after.openings > before.openings:
            _log_change(provider, after, self._clock())
        if self._shared is not None:
            self._agree(provider, change)

    def _refresh(self, provider: str) -> None:
        now = self._clock()
        if now - self._read_at.get(provider, 0.0) >= REFRESH_S:
            self._read_at[provider] = now
            self._agree(provider, lambda state: state)

    def _agree(self, provider: str, change: Change) -> None:
        task = asyncio.get_running_loop().create_task(self._share(provider, change), name=f"breaker {provider}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _share(self, provider: str, change: Change) -> None:
        assert self._shared is not None

        def decide(state: BreakerState) -> tuple[BreakerState, BreakerState]:
            changed = change(state)
            return changed, changed

        self._states[provider] = await self._shared.update(_key(provider), _CLOSED, decide, ttl_s=_KEPT_S)


_CLOSED = BreakerState()


def _key(provider: str) -> str:
    return f"circuit_breaker:model:{provider}"


def _log_change(provider: str, state: BreakerState, now: float) -> None:
    if state.open_until:
        log.warning("%s is left alone for %.0f s: it keeps failing", provider, state.open_until - now)
    else:
        log.info("%s works again", provider)
