"""Whether anybody is there to take conversations over: open consoles ask all the time who waits for a person."""

import logging
import time
from typing import TYPE_CHECKING, Final

from pipelines.deadline import timeout
from storage.redis_opening import OpenRedis

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

KEPT_S: Final = 90
"""A console in a tab that nobody looks at asks once a minute."""

NOTED_EVERY_S: Final = 5.0
DEADLINE_S: Final = 1.5
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
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                await client.set(_KEY, "1", ex=KEPT_S)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("it cannot be kept that somebody is at a console: %s", type(error).__name__)
            return
        self._noted_s = time.monotonic()

    async def is_attended(self) -> bool:
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                return bool(await client.exists(_KEY))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("it cannot be read whether somebody is at a console: %s", type(error).__name__)
            return False
