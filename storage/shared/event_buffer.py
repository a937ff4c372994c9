"""The latest events of something that is under way, kept for those who listen and for those who come back.

A stream in Redis each: bounded in length, gone a while after its last event. Numbers begin at 1 and have no gaps, so
whoever has seen number n asks for what came after it, from any process.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from storage.errors import StorageError
from storage.shared.redis_opening import OpenRedis, opener

if TYPE_CHECKING:
    from redis.asyncio import Redis

MAX_EVENTS = 2000
TTL_S = 600.0
_BATCH = 200
_REMOTE_POLL_S = 0.25
"""How often somebody in another process looks for news; in the process that writes they come at once."""


class BufferedEvent(Struct, frozen=True):
    """``kind`` and ``data`` as they were put in."""

    number: int
    kind: str
    data: bytes


class EventBuffer:
    """Writes and reads streams of events. One process writes a stream, any reads it."""

    def __init__(
        self, redis: "Redis | OpenRedis", prefix: str, *, max_events: int = MAX_EVENTS, ttl_s: float = TTL_S
    ) -> None:
        self._open = opener(redis)
        self._prefix = prefix
        self._max_events = max_events
        self._ttl_ms = int(ttl_s * 1000)
        self._readers: dict[str, set[asyncio.Event]] = {}

    async def append(self, stream: str, after: int, events: Sequence[tuple[str, bytes]]) -> None:
        """Put in what follows number ``after``. Raises StorageError."""
        key = self._key(stream)
        redis = await self._open()
        with _translated():
            async with redis.pipeline(transaction=True) as pipe:
                for number, (kind, data) in enumerate(events, start=after + 1):
                    pipe.xadd(key, {"kind": kind, "data": data}, id=f"{number}-0", maxlen=self._max_events)
                pipe.pexpire(key, self._ttl_ms)
                await pipe.execute()
        for reader in self._readers.get(stream, ()):
            reader.set()

    async def read(self, stream: str, after: int) -> list[BufferedEvent]:
        """What is there after a number, oldest first, at most a batch. Raises StorageError."""
        redis = await self._open()
        with _translated():
            found = await redis.xrange(self._key(stream), min=f"({after}-0", count=_BATCH)
        return [_event(entry) for entry in cast("list[tuple[bytes, dict[bytes, bytes]]]", found)]

    async def exists(self, stream: str) -> bool:
        """Raises StorageError."""
        redis = await self._open()
        with _translated():
            return bool(await redis.exists(self._key(stream)))

    async def follow(self, stream: str, after: int, *, idle_s: float) -> AsyncIterator[BufferedEvent | None]:
        """Events as they come, without end; None when there was none for ``idle_s``. Raises StorageError."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        self._readers.setdefault(stream, set()).add(news)
        idle_since_s = loop.time()
        try:
            while True:
                news.clear()
                events = await self.read(stream, after)
                for event in events:
                    after = event.number
                    yield event
                if events:
                    idle_since_s = loop.time()
                    continue
                if loop.time() - idle_since_s >= idle_s:
                    idle_since_s = loop.time()
                    yield None
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(_REMOTE_POLL_S, idle_s)):
                        await news.wait()
        finally:
            readers = self._readers[stream]
            readers.discard(news)
            if not readers:
                del self._readers[stream]

    def _key(self, stream: str) -> str:
        return f"{self._prefix}:{{{stream}}}"


def _event(entry: tuple[bytes, dict[bytes, bytes]]) -> BufferedEvent:
    id_, fields = entry
    return BufferedEvent(int(id_.partition(b"-")[0]), fields[b"kind"].decode(), fields[b"data"])


@contextmanager
def _translated() -> Iterator[None]:
    from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

    try:
        yield
    except RedisError as error:
        message = "What processes share cannot be reached."
        raise StorageError("redis_unavailable", message, retryable=True) from error
