"""What is to become of a call when its stream ends: kept for whichever process the carrier asks."""

import logging
from typing import TYPE_CHECKING

from agent_server.shared_redis import SharedRedis
from agent_server.telephony.hanging_up import Next
from pipelines.deadline import timeout

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

KEPT_S = 600
"""The carrier asks within a second; a webhook it repeats is answered alike."""

DEADLINE_S = 1.5
_KEY = "sales_agent:telephony:next:"


class Afterwards:
    """What cannot be kept or read is not known: then a call is taken up again, which a caller who is still there likes
    better than a dead line."""

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis

    async def keep(self, call_id: str, then: Next) -> None:
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                await client.set(_KEY + call_id, then, ex=KEPT_S)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("what becomes of a call cannot be kept: %s", type(error).__name__)

    async def forget(self, call_id: str) -> None:
        """The call goes on, whatever was to become of it."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                await client.delete(_KEY + call_id)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("what becomes of a call cannot be forgotten: %s", type(error).__name__)

    async def of(self, call_id: str) -> Next | None:
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                kept = await client.get(_KEY + call_id)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("what becomes of a call cannot be read: %s", type(error).__name__)
            return None
        match kept:
            case b"transfer":
                return "transfer"
            case b"hang_up":
                return "hang_up"
        return None
