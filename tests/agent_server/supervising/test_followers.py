"""Many who follow: places for so many, and none kept by who takes nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from beside import AUTH, typing
from live_server import Server

from agent_server.api import following
from agent_server.api.endpoint import Call
from agent_server.supervising.commands import AnyCommand, Outcome


async def test_who_finds_the_last_place_taken_at_the_same_moment_is_told(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, both = following.reached, asyncio.Barrier(2)

    async def at_once(call: Call, command: AnyCommand) -> Outcome:
        if not both.broken:
            try:
                async with asyncio.timeout(1):
                    await both.wait()
            except TimeoutError:
                await both.abort()
        return await reached(call, command)

    monkeypatch.setattr(following, "reached", at_once)
    monkeypatch.setattr(live.services.supervision, "following", asyncio.Semaphore(1))
    async with typing(http, live.url) as (_, conversation_id):
        url = f"{live.url}/api/conversations/{conversation_id}/live"
        async with asyncio.timeout(10):
            answers = await asyncio.gather(*(http.get(url, headers=AUTH) for _ in range(2)))
        assert sorted(answer.status for answer in answers) == [200, 429]
        for answer in answers:
            answer.close()


async def test_who_takes_nothing_keeps_no_place(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def without_end(*_: Any) -> AsyncIterator[bytes]:
        while True:
            yield b": much\n\n" * 10_000

    monkeypatch.setattr(following, "_lines", without_end)
    monkeypatch.setattr(following, "SEND_TIMEOUT_S", 0.2, raising=False)
    places = live.services.supervision.following = asyncio.Semaphore(1)
    async with typing(http, live.url) as (_, conversation_id):
        url = f"{live.url}/api/conversations/{conversation_id}/live"
        async with http.get(url, headers=AUTH) as answer:
            assert answer.status == 200
            assert places.locked()
            async with asyncio.timeout(5):
                await places.acquire()
            async with asyncio.timeout(5):
                with pytest.raises(aiohttp.ClientError):
                    await answer.read()
