"""What processes share, on a real cluster: a key or a stream is in one place, whichever node that is."""

from typing import cast

from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from agent_server.stores.shared_redis import SharedRedis
from storage.shared.event_buffer import EventBuffer
from storage.shared.state import SharedState


class Count(Struct, frozen=True):
    value: int = 0


async def test_values_are_changed_where_they_are(redis_cluster: RedisCluster, redis_cluster_url: str) -> None:
    shared = SharedRedis(redis_cluster_url, cluster=True)
    state = SharedState(shared)
    for _ in range(5):
        for name in "abcdef":
            await state.update(name, Count(), lambda seen: (Count(seen.value + 1), None), ttl_s=60)
    assert [await redis_cluster.get(name) for name in "abcdef"] == [b'{"value":5}'] * 6
    await shared.aclose()


async def test_events_are_kept_and_read_in_order(redis_cluster: RedisCluster) -> None:
    buffer = EventBuffer(cast("Redis", redis_cluster), "events")
    for stream in "abcdef":
        await buffer.append(stream, 0, [("token", b"1"), ("token", b"2")])
        await buffer.append(stream, 2, [("done", b"3")])
        assert [(event.number, event.kind) for event in await buffer.read(stream, 1)] == [(2, "token"), (3, "done")]
