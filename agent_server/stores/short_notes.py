"""What processes tell each other in a word, kept in Redis for minutes. Whoever asks cannot wait, and does without an
answer where there is none in time."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from pipelines.deadline import timeout
from storage.shared.redis_opening import OpenRedis

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

T = TypeVar("T")

DEADLINE_S: Final = 1.5


async def asked(redis: OpenRedis, ask: "Callable[[Redis], Awaitable[T]]", *, otherwise: T, failing: str) -> T:
    """``otherwise``: where Redis is not there, or late; that is logged as ``failing``."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - slow to import

    try:
        async with timeout(DEADLINE_S):
            return await ask(await redis())
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("%s: %s", failing, type(error).__name__)
        return otherwise
