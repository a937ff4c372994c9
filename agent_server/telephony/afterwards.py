"""What is to become of a call when its stream ends: kept for whichever process the carrier asks."""

from agent_server.stores.shared_redis import SharedRedis
from agent_server.stores.short_notes import asked
from agent_server.telephony.hanging_up import Next

KEPT_S = 600
"""The carrier asks within a second; a webhook it repeats is answered alike."""

_KEY = "sales_agent:telephony:next:"


class Afterwards:
    """What cannot be kept or read is not known: then a call is taken up again, which a caller who is still there likes
    better than a dead line."""

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis

    async def keep(self, call_id: str, then: Next) -> None:
        await asked(
            self._redis,
            lambda redis: redis.set(_KEY + call_id, then, ex=KEPT_S),
            otherwise=None,
            failing="what becomes of a call cannot be kept",
        )

    async def forget(self, call_id: str) -> None:
        """The call goes on, whatever was to become of it."""
        await asked(
            self._redis,
            lambda redis: redis.delete(_KEY + call_id),
            otherwise=0,
            failing="what becomes of a call cannot be forgotten",
        )

    async def of(self, call_id: str) -> Next | None:
        kept = await asked(
            self._redis,
            lambda redis: redis.get(_KEY + call_id),
            otherwise=None,
            failing="what becomes of a call cannot be read",
        )
        match kept:
            case b"transfer":
                return "transfer"
            case b"hang_up":
                return "hang_up"
        return None
