"""The built web client is served with care, and a server without one says how to get it."""

from pathlib import Path

import pytest
from aiohttp import hdrs
from api_server import ApiServer, StartApi, error_of
from yarl import URL

SITE = "https://shop.example"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>Console</title>")
    (built / "talk.html").write_text("<!doctype html><title>Talk</title>")
    (built / "widget.js").write_text("customElements.define('x-y', class extends HTMLElement {})")
    (built / "assets" / "talk-Ab3_x9-Z.js").write_text("1")
    (built / "assets" / "audio-worklet.js").write_text("2")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return built


@pytest.mark.parametrize("path", ["/", "/talk"])
async def test_unbuilt_pages_say_how_to_build_them(api: ApiServer, path: str) -> None:
    async with api.client.get(path) as response:
        assert (response.status, response.content_type) == (503, "text/html")
        assert "make install" in await response.text()


async def test_an_unbuilt_widget_is_an_error_for_programs(api: ApiServer) -> None:
    for path in ("/widget.js", "/assets/talk-Ab3_x9-Z.js"):
        async with api.client.get(path) as response:
            assert (response.status, (await error_of(response))["code"]) == (404, "file_not_found")
    for name in ("%00", "a" * 300, "%2e%2e/%2e%2e/pyproject.toml"):
        async with api.client.get(URL(f"{api.url}/assets/{name}", encoded=True)) as response:
            assert response.status == 404


@pytest.mark.parametrize(("path", "title"), [("/", "Console"), ("/talk", "Talk")])
async def test_pages_have_a_policy(start_api: StartApi, dist: Path, path: str, title: str) -> None:
    api = await start_api(dist=dist, ALLOWED_ORIGINS=SITE)
    async with api.client.get(path) as response:
        assert response.status == 200
        assert title in await response.text()
        headers = response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' blob:"
    assert policy["connect-src"] == "'self' ws: wss:"
    assert policy["frame-ancestors"] == f"'self' {SITE}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Permissions-Policy"].startswith("microphone=(self)")
    assert headers[hdrs.CACHE_CONTROL] == "no-cache"
    assert hdrs.STRICT_TRANSPORT_SECURITY not in headers


async def test_other_sites_that_are_allowed_may_read_the_widget(start_api: StartApi, dist: Path) -> None:
    api = await start_api(dist=dist, ALLOWED_ORIGINS=SITE)
    for path in ("/widget.js", "/assets/audio-worklet.js"):
        async with api.client.get(path, headers={"Origin": SITE}) as response:
            assert response.status == 200
            assert response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] == SITE
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        async with api.client.get(path, headers={"Origin": "https://evil.example"}) as response:
            assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in response.headers
    async with api.client.get("/talk", headers={"Origin": SITE}) as response:
        assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in response.headers
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_what_never_changes_is_kept_for_good(start_api: StartApi, dist: Path) -> None:
    api = await start_api(dist=dist)
    async with api.client.get("/assets/talk-Ab3_x9-Z.js") as response:
        assert "immutable" in response.headers[hdrs.CACHE_CONTROL]
        assert response.content_type == "text/javascript"
    async with api.client.get("/assets/audio-worklet.js") as response:
        assert response.headers[hdrs.CACHE_CONTROL] == "no-cache"
        etag = response.headers[hdrs.ETAG]
    async with api.client.get("/assets/audio-worklet.js", headers={"If-None-Match": etag}) as response:
        assert response.status == 304


@pytest.mark.parametrize("path", ["/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/link.txt"])
async def test_nothing_outside_is_served(start_api: StartApi, dist: Path, path: str) -> None:
    api = await start_api(dist=dist)
    async with api.client.get(path) as response:
        assert response.status == 404
        assert "secret" not in (await response.text()).replace("secret.txt", "")


async def test_behind_https_browsers_are_told_to_stay_there(start_api: StartApi) -> None:
    api = await start_api(PUBLIC_URL="https://agent.example.com")
    async with api.client.get("/api/live") as response:
        assert response.headers[hdrs.STRICT_TRANSPORT_SECURITY] == "max-age=31536000"
        assert response.headers[hdrs.CACHE_CONTROL] == "no-store"
