"""LinkedIn over REST, as a browser and an operator use it: sign in, read the own profile, post, sign out."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from api_server import ApiServer, StartApi, bearer, error_of
from vendor_server import VendorServer, serving_vendors

REDIRECT = "http://127.0.0.1:8080/api/linkedin/callback"


@pytest.fixture
async def vendors() -> AsyncIterator[VendorServer]:
    async with serving_vendors() as running:
        yield running


@pytest.fixture
async def registered(start_api: StartApi, vendors: VendorServer) -> ApiServer:
    return await start_api(**vendors.settings, LINKEDIN_REDIRECT_URI=REDIRECT, SYNC_WORKER="false")


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """With cookies, also for an address that is a number."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def begin(api: ApiServer, browser: aiohttp.ClientSession) -> str:
    headers = bearer("first-key-of-the-tests")
    async with browser.post(f"{api.url}/api/linkedin/sign-in", headers=headers) as response:
        assert response.status == 200
        return str((await response.json())["authorization_url"])


async def consent(browser: aiohttp.ClientSession, address: str, answer: str = "allow") -> dict[str, str]:
    """What LinkedIn's page sends the browser back with."""
    form = dict(parse_qsl(urlsplit(address).query)) | {"answer": answer}
    async with browser.post(address.partition("?")[0], data=form, allow_redirects=False) as response:
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


async def come_back(api: ApiServer, browser: aiohttp.ClientSession, query: dict[str, str]) -> tuple[int, Any]:
    async with browser.get(f"{api.url}/api/linkedin/callback", params=query) as response:
        return response.status, await response.json()


async def sign_in(api: ApiServer, browser: aiohttp.ClientSession) -> None:
    status, state = await come_back(api, browser, await consent(browser, await begin(api, browser)))
    assert (status, state["connected"]) == (200, True)


async def test_a_member_signs_in_reads_posts_and_signs_out(
    registered: ApiServer, browser: aiohttp.ClientSession, vendors: VendorServer
) -> None:
    async with registered.operator.get("/api/linkedin") as response:
        assert await response.json() == {"registered": True, "connected": False, "scraping": False}
    async with registered.operator.get("/api/linkedin/profile") as response:
        assert (response.status, (await error_of(response))["code"]) == (503, "not_connected")
    await sign_in(registered, browser)
    async with registered.operator.get("/api/linkedin/profile") as response:
        assert (await response.json())["fields"]["email"] == "sam.ple@example.com"
    async with registered.operator.post("/api/linkedin/posts", json={"text": "We are hiring."}) as response:
        assert response.status == 201
        posted = await response.json()
    assert [post["id"] for post in vendors.linkedin.posts] == [posted["id"]]
    async with registered.operator.delete("/api/linkedin") as response:
        assert response.status == 204
    async with registered.operator.get("/api/linkedin/profile") as response:
        assert (response.status, (await error_of(response))["code"]) == (503, "not_connected")


async def test_a_sign_in_begun_by_another_browser_is_refused(
    registered: ApiServer, browser: aiohttp.ClientSession
) -> None:
    brought = await consent(browser, await begin(registered, browser))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as victim:
        status, body = await come_back(registered, victim, brought)
        assert (status, body["error"]["code"]) == (400, "sign_in_refused")
        await begin(registered, victim)
        status, body = await come_back(registered, victim, brought)
        assert status == 400
    async with registered.operator.get("/api/linkedin") as response:
        assert (await response.json())["connected"] is False


async def test_whoever_says_no_is_told_so(registered: ApiServer, browser: aiohttp.ClientSession) -> None:
    brought = await consent(browser, await begin(registered, browser), "cancel")
    status, body = await come_back(registered, browser, brought)
    assert (status, body["error"]["code"]) == (400, "sign_in_refused")


async def test_a_code_works_once_and_names_no_secret(
    registered: ApiServer, browser: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    brought = await consent(browser, await begin(registered, browser))
    assert (await come_back(registered, browser, brought))[0] == 200
    status, body = await come_back(registered, browser, brought)
    assert (status, body["error"]["code"]) == (502, "reauthorization_required")
    assert brought["code"] not in caplog.text


async def test_a_revoked_token_says_sign_in_again(
    registered: ApiServer, browser: aiohttp.ClientSession, vendors: VendorServer
) -> None:
    await sign_in(registered, browser)
    vendors.linkedin.revoke()
    async with registered.operator.get("/api/linkedin/profile") as response:
        assert response.status == 502
        assert (await error_of(response))["code"] in ("credentials_refused", "reauthorization_required")


async def test_other_peoples_profiles_are_read_only_behind_the_switch(registered: ApiServer) -> None:
    body = {"profile_url": "https://www.linkedin.com/in/ada-byron"}
    async with registered.operator.post("/api/linkedin/profiles", json=body) as response:
        assert (response.status, (await error_of(response))["code"]) == (403, "scraping_disabled")


async def test_without_an_app_there_is_no_signing_in(start_api: StartApi) -> None:
    api = await start_api(SYNC_WORKER="false")
    async with api.operator.post("/api/linkedin/sign-in") as response:
        assert (response.status, (await error_of(response))["code"]) == (503, "not_registered")
