"""Connections of one address, before anybody has shown a key."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web
from eventually import eventually

from agent_server.web.doorstep import Doorstep, DoorstepLimits
from agent_server.web.http_server import HttpRunner

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Start = Callable[..., Awaitable[HttpRunner]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """A server that counts this machine as well."""
    runners: list[HttpRunner] = []

    async def hello(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade") == "websocket":
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.receive()
            return socket
        return web.Response(text="hello")

    async def run(**limits: float) -> HttpRunner:
        app = web.Application()
        app.add_routes([web.get("/", hello)])
        runners.append(HttpRunner(app, shutdown_timeout_s=1.0, limits=DoorstepLimits(uncounted=(), **limits)))  # type: ignore[arg-type]
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return runners[-1]

    yield run
    for runner in runners:
        await runner.cleanup()


async def opened(runner: HttpRunner) -> Line:
    return await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])


async def answer(line: Line) -> bytes:
    line[1].write(REQUEST)
    async with asyncio.timeout(5):
        return await line[0].readuntil(b"\r\n\r\n")


async def test_one_connection_too_many_is_told_so_and_another_takes_the_place_of_one_that_left(start: Start) -> None:
    runner = await start(per_address=3)
    lines = [await opened(runner) for _ in range(3)]
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{runner.addresses[0][1]}/") as refused:
        assert refused.status == 429
        assert (await refused.json())["error"]["code"] == "too_many_connections"
    assert (await answer(lines[0])).startswith(b"HTTP/1.1 200")
    lines[1][1].close()
    await eventually(lambda: _enters(runner))
    for _, writer in lines:
        writer.close()


def _enters(runner: HttpRunner) -> bool:
    """Whether there is a place; it is given back at once."""
    entered = runner._doorstep.enter("127.0.0.1")
    if entered is not None:
        runner._doorstep.leave(entered)
    return entered is not None


async def test_a_connection_that_asks_for_nothing_or_never_finishes_asking_is_closed(start: Start) -> None:
    runner = await start(first_request_s=0.3)
    idle, trickling, proper = [await opened(runner) for _ in range(3)]
    began = time.monotonic()
    trickling[1].write(REQUEST[:20])
    assert (await answer(proper)).startswith(b"HTTP/1.1 200")
    async with asyncio.timeout(5):
        assert await idle[0].read() == b""
        assert await trickling[0].read() == b""
    assert time.monotonic() - began < 3
    await asyncio.sleep(0.4)
    await proper[0].readexactly(len("hello"))
    assert (await answer(proper)).startswith(b"HTTP/1.1 200"), "who has asked once may be idle for longer"
    for _, writer in (idle, trickling, proper):
        writer.close()


async def test_a_conversation_does_not_count(start: Start) -> None:
    runner = await start(per_address=1)
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with http.ws_connect(url), http.ws_connect(url), http.get(url) as response:
            assert response.status == 200


def test_proxies_and_this_machine_are_not_counted() -> None:
    doorstep = Doorstep(DoorstepLimits())
    assert [doorstep.is_counted(peer) for peer in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "203.0.113.9", "")] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert not Doorstep(DoorstepLimits(uncounted=[ip_network("10.0.0.0/8")])).is_counted("10.2.3.4")


def test_a_network_of_ipv6_is_one_address_and_who_left_is_forgotten() -> None:
    doorstep = Doorstep(DoorstepLimits(per_address=1))
    entered = doorstep.enter("2001:db8::1")
    assert entered is not None
    assert doorstep.enter("2001:db8::2") is None
    assert doorstep.enter("2001:db8:0:1::1") is not None
    doorstep.leave(entered)
    assert len(doorstep) == 1
