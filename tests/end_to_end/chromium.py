"""A real Chromium for tests of the built pages, and the screenshots kept under ``test-artifacts/``."""

import asyncio
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from live_server import Server
from playwright.async_api import Browser, Page, async_playwright

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


START_TIMEOUT_S = 30.0

OpenConsole = Callable[[Server], Awaitable[Page]]


class Chromium:
    """One Chromium for many tests; each connects to it and has contexts of its own."""

    def __init__(self, profile: Path, arguments: Sequence[str] = ()) -> None:
        """``CHROMIUM``, else one on the PATH; without one the test fails and says what to do."""
        wanted = (os.environ.get("CHROMIUM") or "", *_NAMES)
        program = next((found for name in wanted if name and (found := shutil.which(name))), None)
        if program is None:
            pytest.fail("Chromium is needed for this test: install the package 'chromium', or set CHROMIUM to it.")
        # With port 0 it picks one and writes it down.
        doors = ("--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--hide-scrollbars")
        self._port_file = profile / "DevToolsActivePort"
        self._process = subprocess.Popen(
            [program, *doors, *_ARGUMENTS, *arguments, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Browser]:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (self._port_file.exists() and (lines := self._port_file.read_text().split())):
                assert self._process.poll() is None, "Chromium ended at its start"
                await asyncio.sleep(0.05)
        async with async_playwright() as playwright:
            yield await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{lines[0]}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(START_TIMEOUT_S)


@contextmanager
def started(profile: Path, arguments: Sequence[str] = ()) -> Iterator[Chromium]:
    chromium = Chromium(profile, arguments)
    try:
        yield chromium
    finally:
        chromium.stop()


async def shoot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    await page.screenshot(path=path, full_page=True)
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert width > 300
    assert height > 300
