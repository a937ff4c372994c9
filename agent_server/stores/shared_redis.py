"""The Redis that the processes share, or one inside this process: the same commands, no second code path."""

import asyncio
from typing import TYPE_CHECKING, Final, TypedDict, cast

from pipelines.loading import loaded

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry


class _Deadlines(TypedDict):
    socket_connect_timeout: float
    socket_timeout: float


DEADLINES: Final = _Deadlines(socket_connect_timeout=2.0, socket_timeout=3.0)
"""In seconds. No command here waits on purpose, so a server that says nothing for so long is not there."""


class SharedRedis:
    """An ``OpenRedis``: the client is made when first wanted, and closed with this."""

    def __init__(self, url: str | None, *, cluster: bool = False) -> None:
        """``cluster``: the address is that of a node, from which the others are found."""
        self._url = url
        self._cluster = cluster
        self._opening = asyncio.Lock()
        self._client: Redis | None = None

    async def __call__(self) -> "Redis":
        """Asks nobody anything."""
        async with self._opening:
            if self._client is None:
                self._client = await loaded(self._make)
            return self._client

    async def forget(self) -> None:
        """The one inside this process keeps what is over, until somebody counts what there is."""
        if self._url is None and self._client is not None:
            await self._client.dbsize()

    async def aclose(self) -> None:
        async with self._opening:
            if self._client is not None:
                await self._client.aclose()

    def _make(self) -> "Redis":
        """All are slow to import, and only one is needed. What is kept together has one hash tag, so that a cluster's
        client does whatever a server's does."""
        if self._url is not None and self._cluster:
            from redis.asyncio.cluster import RedisCluster  # noqa: PLC0415

            return cast("Redis", RedisCluster.from_url(self._url, **DEADLINES))
        if self._url is not None:
            from redis.asyncio import Redis  # noqa: PLC0415

            client: Redis = Redis.from_url(self._url, retry=_once_more(), **DEADLINES)
            return client
        from fakeredis import FakeAsyncRedis  # noqa: PLC0415

        # Nothing to wait for here, and a deadline would cost a cancellation now and then: the library holds it by
        # asyncio.wait_for, which on Python 3.11 drops a cancellation that comes as the answer does.
        return FakeAsyncRedis(socket_timeout=None)


def _once_more() -> "Retry":
    """A line that was cut is made anew, and at once. By itself the library tries ten times, silence too: whoever asks a
    Redis that is away would wait for as many deadlines."""
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - slow to import
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.exceptions import ConnectionError as LineError  # noqa: PLC0415

    return Retry(NoBackoff(), 1, supported_errors=(LineError,))
