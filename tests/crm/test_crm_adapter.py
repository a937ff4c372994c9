"""The adapter over real HTTP: every way a line can fail has its code, and says what became of a write."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from crm.adapter import AdapterLimits, HttpAdapter
from crm.errors import CrmError, DeadlineExceeded, GiveUp, ProviderUnavailable
from crm.http import Request

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def adapter() -> AsyncIterator[HttpAdapter]:
    opened = HttpAdapter(AdapterLimits(max_body_bytes=10_000))
    yield opened
    await opened.aclose()


def post(url: str) -> Request:
    return Request("POST", url, "thing:write", False, (("x-secret", "s3cret"),), b'{"name": "Jane"}')


async def failure(adapter: HttpAdapter, url: str, timeout_s: float = 5.0) -> CrmError:
    with pytest.raises(CrmError) as raised:
        await adapter.exchange(post(url), timeout_s=timeout_s)
    assert "Jane" not in str(raised.value)
    assert "s3cret" not in str(raised.value)
    return raised.value


async def test_an_exchange_carries_everything_both_ways(adapter: HttpAdapter, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        body = await request.text()
        assert (request.method, request.headers["x-secret"]) == ("POST", "s3cret")
        return web.Response(text=body.upper(), status=418, headers={"X-Answer": "Yes"})

    response = await adapter.exchange(post(await serve(handler)), timeout_s=5.0)
    assert (response.status, response.headers["x-answer"], response.body) == (418, "Yes", b'{"NAME": "JANE"}')


async def test_a_redirect_is_not_followed(adapter: HttpAdapter, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://elsewhere.example/")

    assert (await adapter.exchange(post(await serve(handler)), timeout_s=5.0)).status == 302


async def test_a_refused_connection_applied_nothing(adapter: HttpAdapter) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    error = await failure(adapter, f"http://127.0.0.1:{port}/")
    assert isinstance(error, ProviderUnavailable)
    assert (error.code, error.outcome) == ("provider_unreachable", "not_applied")


async def test_a_silent_server_costs_the_deadline_and_the_outcome_is_unknown(
    adapter: HttpAdapter, serve: Serve
) -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    error = await failure(adapter, await serve(handler), timeout_s=0.1)
    assert isinstance(error, DeadlineExceeded)
    assert (error.code, error.outcome) == ("provider_timeout", "unknown")


async def test_a_line_that_breaks_before_the_answer(adapter: HttpAdapter, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    error = await failure(adapter, await serve(handler))
    assert (error.code, error.outcome) == ("connection_dropped", "unknown")


async def test_a_line_that_breaks_within_the_answer(adapter: HttpAdapter, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 1000
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    error = await failure(adapter, await serve(handler))
    assert (error.code, error.outcome) == ("connection_dropped", "unknown")


async def test_an_answer_without_end_is_cut(adapter: HttpAdapter, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 20_000)

    assert (await failure(adapter, await serve(handler))).code == "answer_too_large"


async def test_a_base_address_that_is_none_is_a_setting_to_mend(adapter: HttpAdapter) -> None:
    error = await failure(adapter, "not a url")
    assert isinstance(error, GiveUp)
    assert error.code == "invalid_base_url"


async def test_cookies_are_not_kept(adapter: HttpAdapter, serve: Serve) -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        response = web.Response()
        response.set_cookie("session", "1")
        return response

    url = await serve(handler)
    await adapter.exchange(post(url), timeout_s=5.0)
    await adapter.exchange(post(url), timeout_s=5.0)
    assert seen == [None, None]
