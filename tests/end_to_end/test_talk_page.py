"""A person at /talk: the built page in a real Chromium, with a recording as the microphone.

The screenshots are kept under ``test-artifacts/``.
"""

import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from chromium import Chromium, shoot, started
from live_server import SPEECH, StartServer
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

from agent_server.web.pages import DIST

HEARD = "how much does it cost"
ANSWER = "It costs fifty dollars a month for each person, and the first month is free."


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of silence, a person speaking, and a long silence: Chromium plays it in a loop."""
    path = tmp_path_factory.mktemp("microphone") / "microphone.wav"
    with wave.open(str(SPEECH / "utterance-finished.wav")) as source:
        spoken = source.readframes(source.getnframes())
        rate = source.getframerate()
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(bytes(2 * rate * 2) + spoken + bytes(2 * rate * 30))
    return path


@pytest.fixture(scope="module")
def chromium(microphone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    arguments = (
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
    )
    with started(tmp_path_factory.mktemp("chromium"), arguments) as one:
        yield one


@pytest.fixture
async def page(browser: Browser, start_live: StartServer) -> AsyncIterator[Page]:
    assert (DIST / "talk.html").exists(), "The web client is not built: run `make install`."
    server = await start_live(scripted_engines([HEARD, "thank you"], answer=lambda _: ANSWER))
    context = await browser.new_context(viewport={"width": 1100, "height": 760}, permissions=["microphone"])
    opened = await context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await opened.goto(f"{server.url}/talk?greet=false&timings")
    yield opened
    assert not problems
    await context.close()


async def test_a_visitor_talks_and_is_answered(page: Page) -> None:
    await page.get_by_role("button", name="Start talking").click()
    transcript = page.get_by_role("log")
    await expect(transcript).to_contain_text(HEARD, timeout=20_000)
    await expect(transcript).to_contain_text("fifty dollars", timeout=20_000)
    await shoot(page, "talk-speaking")
    await expect(transcript).to_contain_text("month is free.", timeout=20_000)
    await expect(page.get_by_text("at your ear")).to_be_visible(timeout=20_000)
    await shoot(page, "talk-answered")


async def test_a_visitor_types_on_a_phone_in_the_dark(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.emulate_media(color_scheme="dark")
    box = page.get_by_label("Message", exact=True)
    await box.fill("How much is it?")
    await box.press("Enter")
    transcript = page.get_by_role("log")
    await expect(transcript).to_contain_text("How much is it?")
    await expect(transcript).to_contain_text("month is free.", timeout=20_000)
    await shoot(page, "talk-typed-phone-dark")
