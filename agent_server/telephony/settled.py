"""What is settled once for all processes: the first to say it is right."""

from typing import TYPE_CHECKING

from agent_server.stores.shared_redis import SharedRedis
from agent_server.stores.short_notes import asked

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEPT_S = 600
_KEY = "sales_agent:telephony:settled:"


class Settled:
    """Where nobody can be asked, whoever asks is right: a caller is waiting."""

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis

    async def settle(self, what: str, value: str) -> str:
        """What was said first, within ten minutes."""

        async def first(redis: "Redis") -> str:
            if await redis.set(_KEY + what, value, nx=True, ex=KEPT_S):
                return value
            kept = await redis.get(_KEY + what)
            return kept.decode() if isinstance(kept, bytes) else value

        return await asked(self._redis, first, otherwise=value, failing="what is settled of a call cannot be read")
