"""Who gets in: every kind of key at doors of every scope, and what becomes of those who guess."""

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import hdrs
from api_server import FIRST_KEY, ApiServer, StartApi, bearer, error_of
from multidict import CIMultiDict

from agent_server.web.auth import offered_key, offered_protocols
from agent_server.web.errors import Problem

SECRET_PATH = "/v1/realtime/client_secrets"


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"Authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"Authorization": "Basic abc"}, None),
        ({"Authorization": "Bearer"}, None),
        ({"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.ek_1"}, "ek_1"),
        ({"Sec-WebSocket-Protocol": "realtime,openai-insecure-api-key.ek_1,openai-agents-sdk.0.20"}, "ek_1"),
        ({"Sec-WebSocket-Protocol": "realtime"}, None),
        ({"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key."}, None),
        ({"Authorization": "Bearer abc", "Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.ek_1"}, "abc"),
    ],
)
def test_the_key_a_request_offers(headers: dict[str, str], key: str | None) -> None:
    assert offered_key(CIMultiDict(headers)) == key


def test_a_key_among_protocols_without_realtime_is_refused() -> None:
    with pytest.raises(Problem) as refusal:
        offered_key(CIMultiDict({"Sec-WebSocket-Protocol": "openai-insecure-api-key.ek_1"}))
    assert (refusal.value.status, refusal.value.code) == (400, "missing_subprotocol")
    assert "ek_1" not in refusal.value.message


def test_protocols_may_be_spread_over_several_headers() -> None:
    headers = CIMultiDict([("Sec-WebSocket-Protocol", "realtime"), ("Sec-WebSocket-Protocol", "a, b")])
    assert offered_protocols(headers) == ["realtime", "a", "b"]


DOORS = {
    "read": ("GET", "/api/conversations"),
    "admin": ("GET", "/api/keys"),
    "realtime": ("POST", SECRET_PATH),
    "write": ("POST", "/api/voice/synthesize"),
}


@pytest.mark.parametrize("held", ["*", *DOORS])
async def test_a_scope_opens_its_own_doors_alone(api: ApiServer, held: str) -> None:
    headers = await api.key(held)
    for needed, (method, path) in DOORS.items():
        body = {"text": "hello"} if needed == "write" else {} if method == "POST" else None
        async with api.client.request(method, path, json=body, headers=headers) as response:
            if held in ("*", needed):
                assert response.status == 200, needed
            else:
                assert response.status == 403, needed
                assert (await error_of(response))["code"] == "insufficient_permissions"


@pytest.mark.parametrize("path", ["/api/conversations", "/api/keys", "/v1/realtime"])
async def test_no_key_and_wrong_keys_are_told_apart_and_refused(api: ApiServer, path: str) -> None:
    async with api.client.get(path) as response:
        assert response.status == 401
        assert response.headers[hdrs.WWW_AUTHENTICATE] == "Bearer"
        assert (await error_of(response))["code"] == "missing_api_key"
    for wrong in ("nonsense", "sk_sales_" + "a" * 43, "ek_" + "a" * 43, FIRST_KEY + "x", "x" * 4000):
        async with api.client.get(path, headers=bearer(wrong)) as response:
            assert response.status == 401
            error = await error_of(response)
            assert error["code"] == "invalid_api_key"
            assert error["type"] == "invalid_request_error"
            assert wrong not in str(error)


async def test_a_revoked_key_is_out_and_so_are_its_secrets(api: ApiServer) -> None:
    issued = await api.services.api_keys.create("test")
    async with api.client.post(SECRET_PATH, json={}, headers=bearer(issued.key)) as response:
        secret = (await response.json())["value"]
    async with api.client.ws_connect("/v1/realtime", headers=bearer(secret)) as socket:
        assert (await socket.receive_json())["type"] == "session.created"
    async with api.operator.delete(f"/api/keys/{issued.record.id}") as response:
        assert response.status == 204
    for key in (issued.key, secret):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await api.client.ws_connect("/v1/realtime", headers=bearer(key))
        assert refusal.value.status == 401


async def test_a_client_secret_opens_conversations_and_nothing_else(api: ApiServer) -> None:
    async with api.operator.post(SECRET_PATH, json={}) as response:
        secret = bearer((await response.json())["value"])
    async with api.client.get("/api/conversations", headers=secret) as response:
        assert response.status == 403
    async with api.client.post(SECRET_PATH, json={}, headers=secret) as response:
        assert response.status == 403
        assert (await error_of(response))["code"] == "insufficient_permissions"


async def test_a_browser_comes_in_by_sub_protocol_and_its_key_is_not_echoed(api: ApiServer) -> None:
    protocols = ("realtime", f"openai-insecure-api-key.{FIRST_KEY}", "openai-agents-sdk.0.20.0")
    async with api.client.ws_connect("/v1/realtime", protocols=protocols) as socket:
        assert socket.protocol == "realtime"
        assert FIRST_KEY not in str(socket._response.headers)


async def test_a_guesser_keeps_no_new_visitor_behind_the_same_address_out(start_api: StartApi) -> None:
    """Each visitor comes with a secret that was never used before, and nobody guesses one."""
    api = await start_api(TRUSTED_PROXIES="127.0.0.1")
    office = {"X-Forwarded-For": "203.0.113.7"}
    for attempt in range(25):
        async with api.client.get("/api/conversations", headers={**office, **bearer(f"guess-{attempt}")}) as response:
            status = response.status
    assert status == 429
    async with api.client.post("/api/widget/session", headers=office) as response:
        secret = (await response.json())["value"]
    async with api.client.get("/v1/realtime", headers={**office, **bearer(secret)}) as response:
        assert (await error_of(response))["code"] == "not_a_websocket"
    async with api.client.get("/v1/realtime", headers={**office, **bearer("ek_guess")}) as response:
        assert (await error_of(response))["code"] == "invalid_api_key"


async def test_guessing_is_slowed_for_the_guesser_alone(start_api: StartApi) -> None:
    api = await start_api(TRUSTED_PROXIES="127.0.0.1")
    guesser = {"X-Forwarded-For": "203.0.113.7"}
    neighbour = {**guesser, **await api.key("read")}
    async with api.client.get("/api/conversations", headers=neighbour) as response:
        assert response.status == 200
    statuses = []
    for attempt in range(25):
        async with api.client.get("/api/conversations", headers={**guesser, **bearer(f"guess-{attempt}")}) as response:
            statuses.append(response.status)
            last = response
            error = await error_of(response)
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
    assert error["code"] == "too_many_failed_attempts"
    assert int(last.headers[hdrs.RETRY_AFTER]) >= 1
    for headers in (neighbour, {"X-Forwarded-For": "203.0.113.8", **bearer(FIRST_KEY)}):
        async with api.client.get("/api/conversations", headers=headers) as response:
            assert response.status == 200
    # Not even the right key opens for the guesser now: a guess must not be confirmed.
    async with api.client.get("/api/conversations", headers={**guesser, **await api.key("read")}) as response:
        assert response.status == 429


async def test_keys_are_never_logged(api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with api.operator.post(SECRET_PATH, json={}) as response:
        secret = (await response.json())["value"]
    async with api.operator.post("/api/keys", json={"name": "another"}) as response:
        made = (await response.json())["key"]
    wrong = "wrong-key-that-was-sent"
    for key in (secret, made, wrong):
        async with api.client.get("/api/keys", headers=bearer(key)) as response:
            await response.read()
        for protocols in (
            ("realtime", f"openai-insecure-api-key.{key}"),
            (f"openai-insecure-api-key.{key}",),
            ("other", f"openai-insecure-api-key.{key}"),
        ):
            try:
                async with api.client.ws_connect("/v1/realtime", protocols=protocols):
                    pass
            except aiohttp.WSServerHandshakeError:
                pass
    # Header values that break the parser end up in its error.
    reader, writer = await _connect(api)
    writer.write(f"GET /api/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {wrong}\0\r\n\r\n".encode())
    assert b"400" in await reader.readline()
    writer.close()
    await writer.wait_closed()
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "/api/keys" in logged, "the requests themselves are logged"
    server_lines = [str(vars(r)) + r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp.client")]
    for key in (secret, made, wrong, FIRST_KEY):
        assert not [line for line in server_lines if key in line]


async def _connect(api: ApiServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = api.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))
