"""A real Chromium for tests of the built pages, and the screenshots kept under ``test-artifacts/``."""

import os
import shutil
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def launched(arguments: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """``CHROMIUM``, else one on the PATH; without one the test fails and says what to do."""
    wanted = (os.environ.get("CHROMIUM") or "", *_NAMES)
    chromium = next((found for name in wanted if name and (found := shutil.which(name))), None)
    if chromium is None:
        pytest.fail("Chromium is needed for this test: install the package 'chromium', or set CHROMIUM to its path.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*_ARGUMENTS, *arguments])
        yield browser
        await browser.close()


async def shoot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    await page.screenshot(path=path, full_page=True)
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert width > 300
    assert height > 300
