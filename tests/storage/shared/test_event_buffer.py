"""Events that somebody comes back for, on a real Redis."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from storage.errors import StorageError
from storage.shared.event_buffer import BufferedEvent, EventBuffer


def buffer(redis: Redis, **bounds: float) -> EventBuffer:
    return EventBuffer(redis, "events", **bounds)  # type: ignore[arg-type]


async def numbers(reader: EventBuffer, after: int, until: int) -> list[int]:
    found = []
    async for event in reader.follow("one", after, idle_s=5.0):
        if event is not None:
            found.append(event.number)
            if event.number == until:
                break
    return found


async def test_a_reader_gets_what_was_and_what_comes(redis: Redis) -> None:
    writer = buffer(redis)
    await writer.append("one", 0, [("token", b"a"), ("token", b"b")])
    here, elsewhere, late = (
        asyncio.create_task(numbers(reader, after, 4))
        for reader, after in ((writer, 0), (buffer(redis), 0), (writer, 2))
    )
    await asyncio.sleep(0.05)
    await writer.append("one", 2, [("token", b"c"), ("done", b"d")])
    assert await asyncio.wait_for(here, 2) == [1, 2, 3, 4]
    assert await asyncio.wait_for(elsewhere, 2) == [1, 2, 3, 4]
    assert await asyncio.wait_for(late, 2) == [3, 4]
    assert await writer.read("one", 3) == [BufferedEvent(4, "done", b"d")]


async def test_it_is_bounded_and_goes_away(redis: Redis) -> None:
    small = buffer(redis, max_events=10, ttl_s=0.2)
    for after in range(0, 1000, 100):
        await small.append("one", after, [("token", b"x")] * 100)
    kept = await small.read("one", 0)
    assert kept[-1].number == 1000 or len(kept) < 300
    assert await redis.xlen("events:{one}") < 300
    assert await small.exists("one")
    await asyncio.sleep(0.3)
    assert not await small.exists("one")


async def test_silence_is_told(redis: Redis) -> None:
    async for event in buffer(redis).follow("nothing", 0, idle_s=0.05):
        assert event is None
        break


async def test_a_redis_that_is_away_is_one_clear_error() -> None:
    async with Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 1)) as away:
        for ask in (buffer(away).read("one", 0), buffer(away).exists("one"), buffer(away).append("one", 0, [])):
            with pytest.raises(StorageError) as error:
                await ask
            assert error.value.code == "redis_unavailable"
            assert error.value.retryable
