"""Redis as what shares state gets it: a client that is there, or one that is made when first wanted, since what speaks
Redis takes half a second to import."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis

OpenRedis = Callable[[], Awaitable["Redis"]]
"""Gives the same client every time; asks nobody anything."""


def opener(redis: "Redis | OpenRedis") -> OpenRedis:
    """The same form of both."""
    if callable(redis):
        return redis

    async def at_hand() -> "Redis":
        return redis

    return at_hand
