"""Both checkpointers keep what LangGraph's own conformance suite asks of them, on the real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fakeredis import FakeAsyncRedis
from langgraph.checkpoint.conformance import checkpointer_test, validate
from redis.asyncio import Redis

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


@asynccontextmanager
async def in_process() -> AsyncIterator[FakeAsyncRedis]:
    client = FakeAsyncRedis()
    yield client
    await client.aclose()


async def test_redis_inside_the_process() -> None:
    async with in_process() as client:
        await report_of("in process", RedisCheckpoints(client))
