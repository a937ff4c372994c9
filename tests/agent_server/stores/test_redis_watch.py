"""A Redis that is away costs little and goes unnoticed, so it is told."""

import asyncio
import logging

import pytest
from eventually import eventually
from fakeredis import FakeServer

from agent_server.settings import ProcessSettings
from agent_server.stores import redis_watch
from agent_server.stores.redis_watch import look_after_redis, redis_components, redis_state
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.components import ComponentState

NOWHERE = "redis://:very-secret@127.0.0.1:1"


async def test_one_that_is_away_is_told_at_the_start_and_in_the_health(caplog: pytest.LogCaptureFixture) -> None:
    process, redis = ProcessSettings(redis_url=NOWHERE), SharedRedis(NOWHERE)
    try:
        looking = asyncio.create_task(look_after_redis(process, redis))
        with caplog.at_level(logging.WARNING):
            await eventually(lambda: bool(caplog.records))
        (component,) = redis_components(process, redis)
        state = await component.check()
    finally:
        looking.cancel()
        await redis.aclose()
    assert "each one's own" in caplog.text
    assert "very-secret" not in caplog.text
    assert (component.name, state.status) == ("redis", "degraded")


async def test_an_outage_is_two_lines_however_often_it_is_looked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    there = [True, False, False, False, True, True]

    async def state(_: SharedRedis) -> ComponentState:
        if not there:
            raise asyncio.CancelledError
        return ComponentState("ok" if there.pop(0) else "degraded", "away")

    monkeypatch.setattr(redis_watch, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(redis_watch, "redis_state", state)
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await look_after_redis(ProcessSettings(redis_url=NOWHERE), SharedRedis(NOWHERE))
    assert caplog.messages == ["the Redis of REDIS_URL is away", "the Redis of REDIS_URL is back"]


async def test_where_none_is_wanted_none_is_missed() -> None:
    redis = SharedRedis(None)
    try:
        assert (await redis_state(redis)).status == "ok"
    finally:
        await redis.aclose()
    assert redis_components(ProcessSettings(), redis) == ()


async def test_the_one_inside_this_process_keeps_no_word_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_watch, "FORGET_EVERY_S", 0.02)
    redis = SharedRedis(None)
    await (await redis()).set("live:events:{conv_1}", "what somebody said", px=1)
    *_, server = FakeServer._servers_map.values()
    looking = asyncio.create_task(look_after_redis(ProcessSettings(), redis))
    try:
        assert server.dbs[0]._dict
        await eventually(lambda: not server.dbs[0]._dict)
    finally:
        looking.cancel()
        await redis.aclose()
