"""The parts of a running server: started side by side, timed, and stopped in reverse order, each within a deadline."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agent_server.telemetry.metrics import START_SECONDS

log = logging.getLogger(__name__)

T = TypeVar("T")

STOP_TIMEOUT_S = 10.0


class StartError(Exception):
    """The server cannot start. ``code`` is stable; the message says what is wrong and names no secret."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Parts:
    """Remembers how to stop what was started."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        """How long each part took to start."""
        self._stops: list[tuple[str, Callable[[], Awaitable[object]], float]] = []

    async def start(
        self,
        name: str,
        start: Callable[[], Awaitable[T]],
        stop: Callable[[T], Awaitable[object]] | None = None,
        *,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> T:
        """Start a part; ``stop`` undoes it later. A part that fails to start must leave nothing behind."""
        began = time.perf_counter()
        part = await start()
        self.seconds[name] = time.perf_counter() - began
        START_SECONDS.labels(name).set(self.seconds[name])
        if stop is not None:
            self.on_stop(name, lambda: stop(part), stop_timeout_s=stop_timeout_s)
        return part

    def on_stop(
        self, name: str, stop: Callable[[], Awaitable[object]], *, stop_timeout_s: float = STOP_TIMEOUT_S
    ) -> None:
        self._stops.append((name, stop, stop_timeout_s))

    async def stop_all(self) -> None:
        """Stop everything, newest first. One part's failure or delay keeps no other from being stopped."""
        while self._stops:
            name, stop, timeout_s = self._stops.pop()
            try:
                async with asyncio.timeout(timeout_s):
                    await stop()
            except Exception as error:
                log.error("%s did not stop properly: %s", name, type(error).__name__, extra={"fields": {"part": name}})
