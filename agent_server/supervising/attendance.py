"""Whether anybody is there to take conversations over: open consoles ask all the time who waits for a person."""

import time
from typing import Final

from agent_server.stores.short_notes import asked
from storage.shared.redis_opening import OpenRedis

KEPT_S: Final = 90
"""A console in a tab that nobody looks at asks once a minute."""

NOTED_EVERY_S: Final = 5.0
_KEY: Final = "sales_agent:supervising:attended"


class Attendance:
    """Shared by all processes. What cannot be kept or read is not there."""

    def __init__(self, redis: OpenRedis) -> None:
        self._redis = redis
        self._noted_s = float("-inf")

    async def seen(self) -> None:
        """Somebody asked."""
        if time.monotonic() - self._noted_s < NOTED_EVERY_S:
            return
        kept = await asked(
            self._redis,
            lambda redis: redis.set(_KEY, "1", ex=KEPT_S),
            otherwise=None,
            failing="it cannot be kept that somebody is at a console",
        )
        if kept:
            self._noted_s = time.monotonic()

    async def is_attended(self) -> bool:
        found = await asked(
            self._redis,
            lambda redis: redis.exists(_KEY),
            otherwise=0,
            failing="it cannot be read whether somebody is at a console",
        )
        return bool(found)
