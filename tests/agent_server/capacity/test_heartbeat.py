"""A client that talks is left alone, one that is silent is pinged, and one that does not answer is let go."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from agent_server.web.http_server import HttpRunner

HEARTBEAT_S = 0.4


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A socket that reads whatever comes."""

    async def read(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, autoping=False)
        await socket.prepare(request)
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.add_routes([web.get("/", read)])
    runner = HttpRunner(app, shutdown_timeout_s=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_who_goes_on_talking_is_asked_nothing(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
        for _ in range(60):
            await socket.send_str("audio")
            await asyncio.sleep(0.02)
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.01)


async def test_who_is_silent_and_answers_stays(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
        for _ in range(3):
            message = await socket.receive(timeout=5)
            assert message.type is WSMsgType.PING
            await socket.pong(message.data)
        assert not socket.closed


async def test_who_does_not_answer_is_let_go(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
        await socket.send_str("audio")
        kinds = [(await socket.receive(timeout=5)).type for _ in range(2)]
        assert kinds[0] is WSMsgType.PING
        assert kinds[1] in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR)
