"""The Redis that the processes share, or one inside this process: the same commands, no second code path."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis


def open_redis(url: str | None) -> "Redis":
    """Made without asking anybody anything. Both are slow to import, and only one is needed."""
    if url is not None:
        from redis.asyncio import Redis  # noqa: PLC0415

        client: Redis = Redis.from_url(url)
        return client
    from fakeredis import FakeAsyncRedis  # noqa: PLC0415

    return FakeAsyncRedis()
