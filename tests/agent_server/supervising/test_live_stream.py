"""A conversation on its way to whoever follows it, on a real Redis."""

import asyncio
from collections.abc import Sequence
from typing import Any

from eventually import eventually
from redis.asyncio import Redis

from agent_server.supervising.live_stream import LiveStream
from storage.errors import StorageError
from storage.shared.event_buffer import EventBuffer


class Told(LiveStream):
    holds_s = 30.0
    gather_s = 0.0
    lasts = frozenset({"over"})
    failing = "nothing is told"
    waiting: list[tuple[str, bytes]]

    def take(self) -> list[tuple[str, bytes]]:
        batch, self.waiting = self.waiting, []
        return batch

    def put(self, kind: str) -> None:
        self.hold()
        self.waiting = [(kind, b"")]
        self.is_news()


class BreaksOnce(EventBuffer):
    """It is written, and the line breaks before the answer."""

    broke = False

    async def append(self, stream: str, after: int, events: Sequence[tuple[str, bytes]]) -> None:
        await super().append(stream, after, events)
        if not self.broke:
            self.broke = True
            raise StorageError("redis_unavailable", "It is away.", retryable=True)


async def test_what_follows_a_write_that_only_seemed_to_fail_is_told(redis: Redis) -> None:  # type: ignore[type-arg]
    tasks: set[asyncio.Task[Any]] = set()
    buffer = BreaksOnce(redis, "live")
    told = Told("conv_1", buffer, tasks.add)
    before = told.stream
    told.put("item")
    await eventually(lambda: not told.is_written)
    told.put("over")
    await eventually(lambda: not told.is_written)
    assert [event.kind for event in await buffer.read(told.stream, 0)] == ["over"]
    assert told.stream != before
    await asyncio.wait(tasks)
