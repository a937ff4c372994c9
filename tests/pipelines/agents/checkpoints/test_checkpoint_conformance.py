"""Both checkpointers keep what LangGraph's own conformance suite asks of them, on the real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fakeredis import FakeAsyncRedis
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.conformance import checkpointer_test, validate
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.checkpoints.redis import RedisCheckpoints

EXTENDED = {"delete_for_runs", "copy_thread", "prune"}


async def report_of(name: str, saver: Any) -> dict[str, bool | None]:
    """By capability: passed, failed, or None where there is none."""

    @checkpointer_test(name=name)
    async def factory() -> AsyncIterator[Any]:
        yield saver

    report = await validate(factory)
    failures = [failure for result in report.results.values() for failure in (result.failures or ())]
    assert not failures, failures
    assert report.passed_all_base()
    return {capability: result.passed for capability, result in report.results.items()}


async def test_postgres(dsn: str) -> None:
    checkpoints = PostgresCheckpoints(dsn)
    try:
        passed = await report_of("postgres", await checkpoints.open())
    finally:
        await checkpoints.aclose()
    assert passed["prune"] is True


async def test_redis(redis: Redis) -> None:
    passed = await report_of("redis", RedisCheckpoints(redis))
    assert all(passed[capability] for capability in EXTENDED)
    assert all([await redis.pttl(key) > 0 async for key in redis.scan_iter()])


async def test_redis_cluster(redis_cluster: RedisCluster) -> None:
    passed = await report_of("cluster", RedisCheckpoints(cast("Redis", redis_cluster)))
    assert all(passed[capability] for capability in EXTENDED)


async def test_threads_spread_over_a_cluster_have_two_keys_each_and_all_of_them_a_time(
    redis_cluster: RedisCluster,
) -> None:
    saver = RedisCheckpoints(cast("Redis", redis_cluster), ttl_s=60)
    for number in range(30):
        config: Any = {"configurable": {"thread_id": f"thread_{number}", "checkpoint_ns": ""}}
        config = await saver.aput(config, empty_checkpoint(), {"source": "input", "step": 0}, {})
        await saver.aput_writes(config, [("output", 1)], "task")
    keys = [key.decode() async for key in redis_cluster.scan_iter()]
    assert len(keys) == 60
    assert all([await redis_cluster.pttl(key) > 0 for key in keys])
    sizes = await redis_cluster.dbsize(target_nodes=RedisCluster.PRIMARIES)
    assert sizes == 60
    slots = {redis_cluster.keyslot(key) for key in keys}
    assert len(slots) == 30, "a thread is in one slot, and threads are in many"


@asynccontextmanager
async def in_process() -> AsyncIterator[FakeAsyncRedis]:
    client = FakeAsyncRedis()
    yield client
    await client.aclose()


async def test_redis_inside_the_process() -> None:
    async with in_process() as client:
        await report_of("in process", RedisCheckpoints(client))
