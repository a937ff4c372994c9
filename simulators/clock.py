"""One scheduler for everything that waits: callers due within the same two milliseconds share one timer."""

import asyncio
from math import ceil

GRID_S = 0.002
"""Width of a bucket. A wait ends never early, and late by at most this much plus the loop's own lag."""


class Clock:
    """Time as the running event loop sees it, in seconds."""

    def __init__(self) -> None:
        self._buckets: dict[int, list[asyncio.Future[None]]] = {}

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep_until(self, when: float) -> None:
        """Return at ``when`` (loop time, seconds) or, when that has passed, at once."""
        loop = asyncio.get_running_loop()
        if when <= loop.time():
            return
        bucket = ceil(when / GRID_S)
        waiters = self._buckets.get(bucket)
        if waiters is None:
            waiters = self._buckets[bucket] = []
            loop.call_at(bucket * GRID_S, self._wake, bucket)
        waiter = loop.create_future()
        waiters.append(waiter)
        await waiter

    async def sleep_ms(self, duration_ms: float) -> None:
        await self.sleep_until(self.now() + duration_ms / 1000)

    def _wake(self, bucket: int) -> None:
        for waiter in self._buckets.pop(bucket):
            if not waiter.done():
                waiter.set_result(None)
