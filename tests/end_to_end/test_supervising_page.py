"""Two people at two pages: a visitor who types, and somebody at the console who follows, whispers, takes over, ends."""

import asyncio

import aiohttp
import pytest
from chromium import OpenConsole, shoot
from live_server import KEY, StartServer
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

from agent_server.settings import CallAudioSettings

ANSWER = "It costs fifty dollars a month for each person."


async def write(page: Page, text: str) -> None:
    box = page.get_by_label("Message", exact=True)
    await box.fill(text)
    await box.press("Enter")


async def test_a_person_joins_a_visitor_and_leaves_again(
    browser: Browser, open_console: OpenConsole, start_live: StartServer
) -> None:
    server = await start_live(scripted_engines(answer=lambda _: ANSWER))
    context = await browser.new_context(viewport={"width": 420, "height": 760})
    visitor = await context.new_page()
    await visitor.goto(f"{server.url}/talk?greet=false")
    await write(visitor, "How much is it?")
    log = visitor.get_by_role("log")
    await expect(log).to_contain_text(ANSWER)

    console = await open_console(server)
    await console.get_by_role("link", name="Conversations", exact=True).click()
    row = console.get_by_role("navigation", name="List of conversations").get_by_role("link").first
    await expect(row).to_contain_text("Live")
    await row.click()
    bar = console.get_by_label("Live", exact=True)
    await expect(bar).to_contain_text("Nobody is speaking")
    await shoot(console, "supervising-following")
    await write(visitor, "That is a lot.")
    await expect(console.locator(".items")).to_contain_text("That is a lot.", timeout=2_000)

    await bar.get_by_label("Words for the agent").fill("Offer ten percent.")
    await console.keyboard.press("Enter")
    await expect(bar).to_contain_text("follows no orders")
    await bar.get_by_label("Your name, as the caller is told").fill("Maria")
    await console.keyboard.press("Enter")
    await expect(bar).to_contain_text("You have this conversation")
    await expect(log).to_contain_text("Maria has joined.")
    await write(visitor, "Is this a person?")
    await expect(console.locator(".items")).to_contain_text("Is this a person?", timeout=2_000)
    await bar.get_by_label("Words for the caller").fill("Yes, I am Maria.")
    await console.keyboard.press("Enter")
    await expect(log).to_contain_text("Yes, I am Maria.")
    await expect(console.locator(".items")).to_contain_text("a person")
    await shoot(console, "supervising-taken-over")
    await shoot(visitor, "supervising-visitor")
    await console.set_viewport_size({"width": 375, "height": 780})
    await shoot(console, "supervising-phone")
    await console.set_viewport_size({"width": 1280, "height": 860})

    await bar.get_by_role("button", name="Give back to the agent").click()
    await expect(log).to_contain_text("Maria has left")
    await write(visitor, "And now?")
    await expect(log.get_by_text(ANSWER)).to_have_count(3)
    await bar.get_by_role("button", name="End", exact=True).click()
    await bar.get_by_role("button", name="End it").click()
    await expect(log).to_contain_text("Good-bye.")
    await expect(visitor.get_by_text("This conversation has ended.")).to_be_visible()
    await expect(console.locator(".detail h2")).to_contain_text("Ended")
    await expect(console.get_by_label("What people did")).to_contain_text("Maria, key “first key” took over")
    await shoot(visitor, "supervising-ended")
    await context.close()


async def test_a_voice_is_listened_to(
    open_console: OpenConsole,
    start_live: StartServer,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CallAudioSettings, "live_listening", property(lambda _: True))
    server = await start_live(scripted_engines(answer=lambda _: "word " * 40))
    console = await open_console(server)
    frames: asyncio.Queue[bytes | str] = asyncio.Queue()
    console.on("websocket", lambda opened: opened.on("framereceived", frames.put_nowait))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with http.ws_connect(f"{server.url}/v1/realtime", headers=headers) as caller:
        await caller.send_json({"type": "response.create"})
        await console.get_by_role("link", name="Conversations", exact=True).click()
        await console.get_by_role("navigation", name="List of conversations").get_by_role("link").first.click()
        bar = console.get_by_label("Live", exact=True)
        await expect(bar).to_contain_text("The agent is speaking")
        await bar.get_by_role("button", name="Listen").click()
        await expect(bar.get_by_role("button", name="Stop listening")).to_be_visible()
        async with asyncio.timeout(10):
            while not (isinstance(frame := await frames.get(), bytes) and frame[:1] == b"\x01"):
                pass
        assert len(frame) > 48 * 20
        await shoot(console, "supervising-listening")
        await bar.get_by_role("button", name="Stop listening").click()
        await expect(bar.get_by_role("button", name="Listen", exact=True)).to_be_visible()
