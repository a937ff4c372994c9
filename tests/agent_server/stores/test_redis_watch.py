"""A Redis that is away costs little, so it is told, and calls go on."""

import asyncio

import pytest
from eventually import eventually
from fakeredis import FakeServer

from agent_server.settings import ProcessSettings
from agent_server.stores import redis_watch
from agent_server.stores.redis_watch import keep_small, redis_components, redis_state
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.components import ComponentState, states_of

NOWHERE = "redis://:very-secret@127.0.0.1:1"


async def state_in_the_health(url: str) -> ComponentState:
    redis = SharedRedis(url)
    try:
        (state,) = await states_of(redis_components(ProcessSettings(redis_url=url), redis))
    finally:
        await redis.aclose()
    return state


async def test_one_that_is_away_is_no_reason_to_take_no_calls() -> None:
    state = await state_in_the_health(NOWHERE)
    assert state.status == "degraded"
    assert "each one's own" in (state.detail or "")
    assert "very-secret" not in (state.detail or "")


async def test_one_that_hangs_is_away() -> None:
    gone = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        state = await state_in_the_health(f"redis://127.0.0.1:{port}")
        gone.set()
    assert state.status == "degraded", "every server at once would be taken for one that cannot talk"
    assert "each one's own" in (state.detail or "")


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
    looking = asyncio.create_task(keep_small(redis))
    try:
        assert server.dbs[0]._dict
        await eventually(lambda: not server.dbs[0]._dict)
    finally:
        looking.cancel()
        await redis.aclose()
