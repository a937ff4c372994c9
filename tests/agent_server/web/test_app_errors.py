"""Every way a request can fail has the same form, says what was wrong, and leaks nothing."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import hdrs
from api_server import ApiServer, StartApi, error_of

from agent_server.capacity.load import Load
from agent_server.web import http_server, request_body
from storage.postgres.named_query import Query

NESTED = b'{"session":{"type":' + b"[" * 100_000


REFUSALS: list[tuple[str, str, dict[str, object], int, str, str | None]] = [
    ("GET", "/api/nothing", {}, 404, "not_found", None),
    ("GET", "/nothing", {}, 404, "not_found", None),
    ("GET", "/api/docs/docs.html", {}, 404, "not_found", None),
    ("DELETE", "/api/conversations", {}, 405, "method_not_allowed", None),
    ("POST", "/talk", {}, 405, "method_not_allowed", None),
    ("GET", "/api/conversations/conv_unknown", {}, 404, "conversation_not_found", "id"),
    ("DELETE", "/api/keys/key_unknown", {}, 404, "key_not_found", "id"),
    ("GET", "/api/conversations?limit=0", {}, 400, "invalid_value", "limit"),
    ("GET", "/api/conversations?limit=many", {}, 400, "invalid_value", "limit"),
    ("GET", "/api/conversations?limit=1001", {}, 400, "invalid_value", "limit"),
    ("GET", "/api/conversations?limit=1&limit=2", {}, 400, "invalid_value", "limit"),
    ("GET", "/api/conversations?status=lost", {}, 400, "invalid_value", "status"),
    ("GET", "/api/conversations?lead_id=7", {}, 400, "invalid_value", "lead_id"),
    ("GET", "/api/conversations?stauts=open", {}, 400, "unknown_parameter", "stauts"),
    ("GET", "/api/conversations?cursor=nonsense", {}, 400, "invalid_cursor", "cursor"),
    ("GET", "/api/conversations?cursor=%00", {}, 400, "invalid_value", "cursor"),
    ("GET", "/api/langgraph/state/%00", {}, 400, "invalid_value", "thread_id"),
    ("POST", "/api/bookings/%00/cancel", {}, 400, "invalid_value", "id"),
    ("POST", "/api/refine", {"json": {"text": "a\0"}}, 400, "invalid_value", None),
    ("POST", "/api/keys", {"data": rb'{"name": "\\u0000", "scope": []}'}, 400, "unknown_parameter", "scope"),
    ("POST", "/api/keys", {"data": b"{"}, 400, "invalid_json", None),
    ("POST", "/api/keys", {"data": b"\xff\xfe"}, 400, "invalid_json", None),
    ("POST", "/v1/realtime/client_secrets", {"data": b'{"session":' + b"[" * 100_000}, 400, "invalid_value", "session"),
    ("POST", "/v1/realtime/client_secrets", {"data": NESTED}, 400, "invalid_json", None),
    ("POST", "/api/keys", {"json": []}, 400, "invalid_value", None),
    ("POST", "/api/keys", {"json": {}}, 400, "missing_required_parameter", "name"),
    ("POST", "/api/keys", {}, 400, "missing_required_parameter", "name"),
    ("POST", "/api/keys", {"json": {"name": ""}}, 400, "invalid_value", "name"),
    ("POST", "/api/keys", {"json": {"name": "x", "scopes": ["root"]}}, 400, "invalid_value", "scopes[0]"),
    ("POST", "/api/keys", {"json": {"name": "x", "scope": []}}, 400, "unknown_parameter", "scope"),
    ("POST", "/api/keys", {"data": {"name": "x"}}, 415, "unsupported_media_type", None),
    ("POST", "/api/widget/session", {"json": {"x": "y" * 5000}}, 413, "body_too_large", None),
]
"""Method, path, what is sent; status, code and param of the answer."""


async def test_refusals(api: ApiServer) -> None:
    for method, path, sent, status, code, param in REFUSALS:
        async with api.operator.request(method, path, **sent) as response:  # type: ignore[arg-type]
            error = await error_of(response)
            answered = (response.status, error["code"], error["param"], error["type"])
            assert answered == (status, code, param, "invalid_request_error"), (method, path, sent)


async def test_a_body_of_unknown_length_is_bounded_as_well(api: ApiServer) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65536

    try:
        async with api.operator.post(
            "/api/keys", data=endless(), headers={"Content-Type": "application/json"}
        ) as response:
            assert response.status == 413
            assert (await error_of(response))["code"] == "body_too_large"
    except aiohttp.ClientOSError:
        pass  # the line was cut before the client had sent it all


async def test_a_body_that_does_not_arrive_times_out(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_TIMEOUT_S", 0.05)
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /api/widget/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10\r\n\r\n{"
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 408 " in head.splitlines()[0]
    writer.close()
    await writer.wait_closed()


async def test_headers_that_trickle_in_do_not_hold_a_connection(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "KEEP_ALIVE_S", 0.2)
    api = await start_api()
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n")

    async def trickle() -> None:
        while True:
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionResetError):  # what trickled in meanwhile nobody read
            assert await reader.read() == b""
    trickling.cancel()
    writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_in_the_same_form(api: ApiServer, request_bytes: bytes) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_bytes)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert b"application/json" in head
    assert b"Server: sales-agent\r\n" in head
    assert b'"code":"bad_request"' in body
    assert b"nonsense" not in answer
    assert b"\0" not in answer


async def test_an_error_of_ours_shows_its_id_and_nothing_else(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(**_: object) -> None:
        raise RuntimeError("the caller said: my card is 4111")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(api.services.conversations, "list", broken)
    async with api.operator.get("/api/conversations", headers={"X-Request-Id": "trace-7"}) as response:
        error = await error_of(response)
        assert response.headers["X-Request-Id"] == "trace-7"
    assert (response.status, error["code"], error["type"]) == (500, "internal_error", "server_error")
    assert "trace-7" in error["message"]
    assert "4111" not in error["message"] + caplog.text
    logged = next(record for record in caplog.records if record.levelno == logging.ERROR)
    assert "RuntimeError" in logged.getMessage()
    assert "list_conversations" in logged.getMessage()


async def test_a_database_that_is_away_is_worth_trying_again(api: ApiServer) -> None:
    await api.services.database.aclose()
    async with api.operator.get("/api/conversations") as response:
        error = await error_of(response)
        assert (response.status, error["code"]) == (503, "database_unavailable")
        assert response.headers[hdrs.RETRY_AFTER] == "2"


async def test_what_the_operator_has_to_look_at_is_in_the_log(api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    await api.services.database.execute(Query("rename", "ALTER TABLE conversations RENAME channel TO channels"))
    async with api.operator.get("/api/conversations/conv_any") as response:
        error = await error_of(response)
    assert (response.status, error["code"]) == (503, "schema_outdated")
    (line,) = [record for record in caplog.records if record.getMessage() == "refused: schema_outdated"]
    assert line.fields["query"] == "select_conversation"  # type: ignore[attr-defined]
    assert "sales-agent migrate" in line.fields["why"]  # type: ignore[attr-defined]


async def test_a_full_server_says_so_before_the_upgrade(start_api: StartApi) -> None:
    api = await start_api(MAX_CONVERSATIONS="1")
    async with api.operator.ws_connect("/v1/realtime"):
        async with api.operator.get("/v1/realtime") as response:
            error = await error_of(response)
            assert (response.status, error["code"]) == (503, "session_limit_reached")
            assert int(response.headers[hdrs.RETRY_AFTER]) > 0
        async with api.client.post("/api/widget/session", json={}) as response:
            assert (response.status, (await error_of(response))["code"]) == (503, "session_limit_reached")


async def test_who_comes_while_the_process_is_busy_waits_a_moment_and_is_let_in(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await start_api()
    async with api.operator.ws_connect("/v1/realtime"):
        monkeypatch.setattr(Load, "is_full", lambda *_, **__: True)
        async with api.operator.get("/v1/realtime") as response:  # a page asks why it was refused: no reason to wait
            assert (response.status, (await error_of(response))["code"]) == (503, "server_busy")
        coming = [
            asyncio.create_task(api.operator.ws_connect("/v1/realtime")),
            asyncio.create_task(api.client.post("/api/widget/session", json={})),
        ]
        _, waiting = await asyncio.wait(coming, timeout=0.3)
        assert len(waiting) == len(coming)
        monkeypatch.undo()
        socket, session = await asyncio.gather(*coming)
        assert (await socket.receive_json())["type"] == "session.created"
        assert session.status == 200  # type: ignore[union-attr]
        await socket.close()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/leads?min_score=null", "min_score"),
        ("/api/calls?status=null", "status"),
        ("/api/conversations?lead_id=NULL", "lead_id"),
        ("/api/bookings?from=null", "from"),
    ],
)
async def test_a_filter_that_a_program_left_null_is_refused(api: ApiServer, path: str, name: str) -> None:
    """Not as if it were not there: a list of everybody would be taken for one person's."""
    async with api.operator.get(path) as response:
        error = await error_of(response)
        assert (response.status, error["code"], error["param"]) == (400, "invalid_value", name)


@pytest.mark.parametrize("path", ["/v1/realtime", "/api/streaming"])
async def test_a_socket_that_is_asked_for_as_a_page_says_what_it_is(api: ApiServer, path: str) -> None:
    async with api.operator.get(path) as response:
        error = await error_of(response)
        assert (response.status, error["code"]) == (400, "not_a_websocket")
        assert "WebSocket" in error["message"]


@pytest.mark.parametrize("path", ["/api/live", "/", "/v1/realtime", "/nowhere"])
async def test_answers_name_no_version(api: ApiServer, path: str) -> None:
    async with api.operator.get(path) as response:
        assert response.headers[hdrs.SERVER] == "sales-agent"


@pytest.mark.parametrize("given", ["bad id", "x" * 65, 'a"b'])
async def test_a_request_id_that_is_none_is_replaced(api: ApiServer, given: str) -> None:
    async with api.client.get("/api/live", headers={"X-Request-Id": given}) as response:
        assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-Id"])


async def test_requests_are_logged_without_query_and_body(api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with api.operator.get("/api/conversations?cursor=private") as response:
        await response.read()
    (line,) = [record for record in caplog.records if record.name == "agent_server.access"]
    assert line.getMessage() == "GET /api/conversations"
    assert line.fields["status"] == 400  # type: ignore[attr-defined]
    assert "private" not in str(vars(line))


@pytest.mark.parametrize("path", ["/api/consents/+14155550132", "/unsubscribe/c2VjcmV0"])
async def test_no_number_and_no_token_of_a_path_is_logged(
    api: ApiServer, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.INFO)
    async with api.operator.get(path) as response:
        await response.read()
    (line,) = [record for record in caplog.records if record.name == "agent_server.access"]
    assert line.getMessage() in ("GET /api/consents/{number}", "GET /unsubscribe/{token}")
    assert path.rpartition("/")[2] not in str(vars(line))


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("/nowhere", "*/*", "application/json"),
        ("/api/conversations/conv_unknown", "text/html", "application/json"),
        ("/api/nowhere", "text/html", "application/json"),
    ],
)
async def test_who_opens_an_address_where_nothing_is_reads_where_to_go(
    api: ApiServer, path: str, accept: str, kind: str
) -> None:
    async with api.operator.get(path, headers={"Accept": accept}) as response:
        assert (response.status, response.content_type) == (404, kind)
        assert ('<a href="/talk">' in await response.text()) == (kind == "text/html")
