"""A request that ends in the moment in which the time to stop is over ends like a lost line, and is no error."""

import asyncio
import contextlib
import logging

import aiohttp
import pytest
from aiohttp import web
from eventually import eventually

from agent_server.web.http_server import HttpRunner


async def test_a_request_that_ends_as_the_time_to_stop_does_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    begun = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        begun.set()
        protocol = request.protocol
        await eventually(lambda: protocol._handler_waiter is not None)
        protocol._handler_waiter.cancel()  # type: ignore[union-attr]  # as the timeout does, one turn of the loop before
        return web.Response(text="late")

    app = web.Application()
    app.add_routes([web.get("/", slow)])
    runner = HttpRunner(app, shutdown_timeout_s=2.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/"))
        await begun.wait()
        await runner.cleanup()
        with contextlib.suppress(aiohttp.ClientError):
            await asking
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
