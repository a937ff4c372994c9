"""What tests of pages share: one Chromium for the tests of a file, and the console as an operator has it open."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from agents_install import AGENTS_CLIENT
from chromium import Chromium, OpenConsole, started
from live_server import KEY, Server, StartServer
from playwright.async_api import Browser, Page, expect

from agent_server.web.pages import DIST


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    async with chromium.connected() as opened:
        yield opened


@pytest.fixture
async def open_console(browser: Browser, start_live: StartServer) -> AsyncIterator[OpenConsole]:
    """The console with the operator's key entered. What the browser complains of fails the test, which closes it before
    its servers stop."""
    assert start_live
    assert (DIST / "index.html").exists(), "The web client is not built: run `make install`."
    problems: list[str] = []
    async with AsyncExitStack() as opened:

        async def open_page(server: Server) -> Page:
            context = await browser.new_context(viewport={"width": 1280, "height": 860})
            opened.push_async_callback(context.close)
            page = await context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
            await page.goto(f"{server.url}/")
            await page.get_by_label("API key").fill(KEY)
            await page.get_by_label("API key").press("Enter")
            await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
            return page

        yield open_page
        assert not problems


@pytest.fixture(scope="session")
def node_client() -> Path:
    """The client with its dependencies, installed when they are missing or older than the lock file."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is needed for this test: `make install` brings it, or put node >= 20 on the PATH.")
    installed = AGENTS_CLIENT / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (AGENTS_CLIENT / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent"], cwd=AGENTS_CLIENT, check=True, timeout=300)
        os.utime(installed)
    return Path(node)
