"""What is settled once for all processes: the first to say it is right."""

import logging
from typing import TYPE_CHECKING

from agent_server.shared_redis import SharedRedis
from pipelines.deadline import timeout

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

KEPT_S = 600
DEADLINE_S = 1.5
_KEY = "sales_agent:telephony:settled:"


class Settled:
    """Where nobody can be asked, whoever asks is right: a caller is waiting."""

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis

    async def settle(self, what: str, value: str) -> str:
        """What was said first, within ten minutes."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

        try:
            async with timeout(DEADLINE_S):
                client: Redis = await self._redis()
                if await client.set(_KEY + what, value, nx=True, ex=KEPT_S):
                    return value
                kept = await client.get(_KEY + what)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("what is settled of a call cannot be read: %s", type(error).__name__)
            return value
        return kept.decode() if isinstance(kept, bytes) else value
