"""The widget's door: open to our own pages and allowed ones, in moderation."""

import time

import pytest
from aiohttp import hdrs
from api_server import ApiServer, StartApi, error_of

PATH = "/api/widget/session"
SITE = "https://shop.example"


async def test_on_loopback_it_works_out_of_the_box(api: ApiServer) -> None:
    async with api.client.post(PATH, json={}, headers={"Origin": api.url}) as response:
        assert response.status == 200
        session = await response.json()
    assert set(session) == {"value", "expires_at", "url"}
    assert abs(session["expires_at"] - time.time() - 600) < 30
    protocols = ("realtime", f"openai-insecure-api-key.{session['value']}")
    async with api.client.ws_connect(session["url"], protocols=protocols, headers={"Origin": api.url}) as socket:
        created = await socket.receive_json()
        assert created["session"]["instructions"] == api.services.session_defaults.instructions


async def test_a_visitor_is_known_as_one(api: ApiServer) -> None:
    async with api.client.post(PATH) as response:
        value = (await response.json())["value"]
    caller = await api.services.authenticator._look_up(value)
    assert caller is not None
    assert caller.is_visitor
    assert caller.scopes == {"realtime"}


async def test_other_pages_are_refused_unless_allowed(start_api: StartApi) -> None:
    api = await start_api(ALLOWED_ORIGINS=SITE)
    for origin in ("https://evil.example", "null", "http://shop.example", f"{SITE}.evil.example"):
        async with api.client.post(PATH, json={}, headers={"Origin": origin}) as response:
            assert (response.status, (await error_of(response))["code"]) == (403, "origin_not_allowed")
            assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in response.headers
    async with api.client.post(PATH, json={"conversation_id": "conv_1"}, headers={"Origin": SITE}) as response:
        assert response.status == 200
        assert response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] == SITE
        assert hdrs.ORIGIN in response.headers[hdrs.VARY]


async def test_a_name_that_points_here_is_not_ours(api: ApiServer) -> None:
    port = api.url.rpartition(":")[2]
    headers = {"Origin": f"http://evil.example:{port}", "Host": f"evil.example:{port}"}
    async with api.client.post(PATH, json={}, headers=headers) as response:
        assert response.status == 403


async def test_the_browser_asks_first(start_api: StartApi) -> None:
    api = await start_api(ALLOWED_ORIGINS=SITE)
    asks = {"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with api.client.options(PATH, headers=asks) as response:
        assert response.status == 204
        assert response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] == SITE
        assert "POST" in response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS]
        assert "Content-Type" in response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS]
    async with api.client.options(PATH, headers={**asks, "Origin": "https://evil.example"}) as response:
        assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in response.headers
    async with api.client.options("/api/keys", headers=asks) as response:
        assert response.status == 405
        assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in response.headers


@pytest.mark.parametrize("sessions", [1, 3])
async def test_an_address_opens_so_many_a_minute(start_api: StartApi, sessions: int) -> None:
    api = await start_api(WIDGET_SESSIONS_PER_MINUTE=str(sessions), TRUSTED_PROXIES="127.0.0.1")
    visitor = {"X-Forwarded-For": "203.0.113.7"}
    for _ in range(sessions):
        async with api.client.post(PATH, headers=visitor) as response:
            assert response.status == 200
    async with api.client.post(PATH, headers=visitor) as response:
        assert (response.status, (await error_of(response))["code"]) == (429, "rate_limit_exceeded")
        assert 1 <= int(response.headers[hdrs.RETRY_AFTER]) <= 60
    async with api.client.post(PATH, headers={"X-Forwarded-For": "203.0.113.8"}) as response:
        assert response.status == 200
