"""The simulated Apollo, LinkedIn and Browserbase, asked over plain HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulators.apollo import Apollo, ApolloOptions
from simulators.browserbase import Browserbase
from simulators.config import SimulatorConfig
from simulators.linkedin import CLIENT_ID, LinkedIn
from simulators.simulation import BaseUrls, Simulation

NOW = 1_790_000_000.0


class World:
    def __init__(self) -> None:
        self.now = NOW
        kinds = (Apollo, LinkedIn, Browserbase)
        simulation = Simulation(SimulatorConfig(seed=7), {n: v for kind in kinds for n, v in kind.delays.items()})
        self.apollo = Apollo(simulation, lambda: self.now)
        self.linkedin = LinkedIn(simulation, lambda: self.now)
        self.browserbase = Browserbase(simulation, lambda: self.now)
        self.settings: dict[str, str] = {}
        self.http: aiohttp.ClientSession
        self.headers: Any = {}

    async def ask(self, method: str, url: str, status: int = 200, **options: Any) -> Any:
        async with self.http.request(method, url, allow_redirects=False, **options) as answer:
            assert answer.status == status, await answer.text()
            self.headers = answer.headers
            return await answer.json() if answer.content_type == "application/json" else await answer.text()

    async def match(self, email: str, status: int = 200, key: str = "simulated-apollo-key") -> Any:
        url = f"{self.settings['APOLLO_API_BASE']}/people/match"
        return await self.ask("POST", url, status, json={"email": email}, headers={"X-Api-Key": key})

    async def browse(self, path: str, status: int, body: Any = None, method: str = "POST") -> Any:
        url = f"{self.settings['BROWSERBASE_API_BASE']}/v1/sessions{path}"
        return await self.ask(method, url, status, json=body, headers={"X-BB-API-Key": "simulated-browserbase-key"})


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    app = web.Application()
    for vendor in (made.apollo, made.linkedin, made.browserbase):
        app.add_routes(vendor.routes())
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    urls = BaseUrls(f"http://127.0.0.1:{runner.addresses[0][1]}", "")
    for vendor in (made.apollo, made.linkedin, made.browserbase):
        made.settings |= vendor.settings(urls)
    async with aiohttp.ClientSession() as session:
        made.http = session
        yield made
    await runner.cleanup()


async def test_apollo_counts_three_windows_that_open_with_the_first_request(world: World) -> None:
    world.apollo.options = ApolloOptions(limits={"minute": 2, "hourly": 3, "24-hour": 100})
    await world.match("a.b@acme.example")
    assert (world.headers["x-minute-requests-left"], world.headers["x-rate-limit-hourly"]) == ("1", "3")
    world.now += 30
    await world.match("a.b@acme.example")
    refused = await world.match("a.b@acme.example", 429)
    assert "2 times per minute" in refused["message"]
    assert world.headers["retry-after"] == "31"
    world.now += 30
    await world.match("a.b@acme.example")
    assert "3 times per hour" in (await world.match("a.b@acme.example", 429))["message"]


async def test_apollo_can_leave_its_headers_empty(world: World) -> None:
    world.apollo.options = ApolloOptions(empty_headers=True)
    await world.match("a.b@acme.example")
    assert world.headers["x-rate-limit-minute"] == ""


async def test_apollo_refuses_in_its_own_words(world: World) -> None:
    assert await world.match("a@b.example", 401, key="wrong") == {"error": "Invalid access credentials."}
    assert "identify" in (await world.match("", 422))["error"]
    world.apollo.options = ApolloOptions(closed=("people/match",))
    assert (await world.match("a@b.example", 403))["error_code"] == "API_INACCESSIBLE"


async def test_apollo_always_knows_the_same_person_and_charges_for_a_match(world: World) -> None:
    first = await world.match("jane.doe@acme.example")
    assert await world.match("jane.doe@acme.example") == first
    assert await world.match("unknown@acme.example") == {"person": None}
    assert world.apollo.credits_used == 2


async def test_linkedin_shows_an_error_page_for_an_address_it_does_not_know(world: World) -> None:
    url = f"{world.settings['LINKEDIN_API_BASE']}/oauth/v2/authorization"
    query = {"client_id": CLIENT_ID, "response_type": "code", "scope": "openid", "redirect_uri": "https://evil.example"}
    page = await world.ask("GET", url, params=query)
    assert "redirect_uri does not match" in page
    await world.ask("POST", url, 400, data=query | {"answer": "allow"})


async def test_linkedin_wants_a_token_and_its_scope(world: World) -> None:
    base = world.settings["LINKEDIN_API_BASE"]
    refused = await world.ask("GET", f"{base}/v2/userinfo", 401, headers={"Authorization": "Bearer nothing"})
    assert refused["serviceErrorCode"] == 65600
    token = await world.ask("POST", f"{base}/oauth/v2/accessToken", 401, data={"client_id": CLIENT_ID})
    assert token["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("headers", "changes", "status"),
    [
        ({}, {}, 201),
        ({"LinkedIn-Version": "2026-09"}, {}, 400),
        ({"X-Restli-Protocol-Version": "1.0.0"}, {}, 400),
        ({}, {"visibility": "EVERYBODY"}, 422),
        ({}, {"distribution": None}, 422),
        ({}, {"lifecycleState": None}, 422),
    ],
)
async def test_linkedin_takes_a_post_that_names_everything(
    world: World, headers: dict[str, str], changes: dict[str, Any], status: int
) -> None:
    token = world.linkedin._new_token("w_member_social")["access_token"]
    usual = {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": "202609",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    post = {
        "author": "urn:li:person:m3mb3r",
        "commentary": "Hello",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
    }
    url = f"{world.settings['LINKEDIN_API_BASE']}/rest/posts"
    await world.ask("POST", url, status, json=post | changes, headers=usual | headers)
    assert len(world.linkedin.posts) == (status == 201)


async def test_browserbase_keeps_to_the_plan(world: World) -> None:
    made = [await world.browse("", 201, {"timeout": 60}) for _ in range(3)]
    assert (await world.browse("", 429, {}))["error"] == "Too Many Requests"
    released = await world.browse(f"/{made[0]['id']}", 200, {"status": "REQUEST_RELEASE"})
    assert released["status"] == "COMPLETED"
    await world.browse("", 201, {})
    await world.browse("/nothing", 404, method="GET")
    world.now += 61
    assert (await world.browse(f"/{made[1]['id']}", 200, method="GET"))["status"] == "RUNNING"
    assert len(world.browserbase.running) == 1
    assert (await world.browse(f"/{made[1]['id']}", 200, method="GET"))["status"] == "TIMED_OUT"
    await world.browse("", 400, {"timeout": 5})


async def test_a_remote_browser_answers_what_it_does_not_know(world: World) -> None:
    session = await world.browse("", 201, {})
    async with world.http.ws_connect(session["connectUrl"]) as line:
        await line.send_json({"id": 1, "method": "Browser.getVersion"})
        assert (await line.receive_json())["error"]["code"] == -32601
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await world.http.ws_connect(session["connectUrl"].replace("signingKey=", "signingKey=x"))
