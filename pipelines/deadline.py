"""Deadlines that count only the time in which an answer could have been noticed.

When the event loop was held up past a deadline, the answer may have come meanwhile and lie unread: whoever waits for it
waits as much longer as the loop was late. A loop that is late again and again is no excuse for ever.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any

GRAIN_S = 0.02
"""So much is the loop's everyday work, and no lateness."""

MOST_GRANTS = 3


def granted_until(due: float, now: float) -> float:
    """A deadline that was due is looked at: until when it is to be waited for, ``due`` itself when it is over. Pure."""
    late_s = now - due
    return now + late_s if late_s > GRAIN_S else due


class Deadline:
    """Calls back once, at ``due`` on the running loop's clock, unless it is cancelled."""

    def __init__(self, due: float, on_expired: Callable[..., None], *arguments: Any) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = due
        self._on_expired = on_expired
        self._arguments = arguments
        self._grants = 0
        self._handle = self._loop.call_at(due, self._look)

    def cancel(self) -> None:
        self._handle.cancel()
        self._take_callback()

    def _take_callback(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """Whoever waits mostly holds its deadline: without the way back both go when they are let go of, and need no
        garbage collector. There is one for each token of a model's reply."""
        taken = self._on_expired, self._arguments
        self._on_expired, self._arguments = _nothing, ()
        return taken

    def _look(self) -> None:
        until = granted_until(self._due, self._loop.time()) if self._grants < MOST_GRANTS else self._due
        if until == self._due:
            on_expired, arguments = self._take_callback()
            on_expired(*arguments)
            return
        self._grants += 1
        self._due = until
        self._handle = self._loop.call_at(until, self._look)


def _nothing() -> None:
    """It was cancelled, or has called back."""


def after(delay_s: float, on_expired: Callable[..., None], *arguments: Any) -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + delay_s, on_expired, *arguments)


class timeout_at:  # noqa: N801 - stands in for the one of asyncio
    """Like ``asyncio.timeout_at``. Raises TimeoutError out of the block."""

    def __init__(self, due: float) -> None:
        self._due = due
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        self._deadline = Deadline(self._due, self._expire)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadline.cancel()
        await self._timeout.__aexit__(kind, error, traceback)

    def _expire(self) -> None:
        self._timeout.reschedule(asyncio.get_running_loop().time())


def timeout(delay_s: float) -> timeout_at:
    return timeout_at(asyncio.get_running_loop().time() + delay_s)
