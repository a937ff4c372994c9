"""Every page of the console and the page to talk, as screen readers, keyboards and weak eyes meet them: axe-core in a
real Chromium, in light and dark, on a desk and on a telephone, and with words that are longer than a line."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from chromium import OpenConsole
from live_server import KEY, Server, StartServer, until
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

AXE = Path(__file__).parents[2] / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "overview conversations calls meetings do_not_call consents leads leads/new leads/import customers contacts"
    " contacts/new erasures campaigns campaigns/new call_lists research refine profile knowledge agents sync latency"
    " costs keys webhooks"
).split()
DESK, TELEPHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3

_TOO_WIDE = """
() => [...document.querySelectorAll("html, .card, .detail")].filter(box => box.scrollWidth > box.clientWidth)
    .map(box => box.className || "the page")
"""
_FIND = """
rules => axe.run(document, {resultTypes: ["violations"], ...(rules && {runOnly: rules})}).then(({violations}) =>
    violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 120)).join(" ")}`))
"""
THINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PUT", "/api/consents/+14155550132", {"kind": "express_written", "source": LONG}),
    ("POST", "/api/do-not-call", {"number": "+14155550199", "reason": LONG}),
    ("POST", "/api/knowledge", {"title": LONG[:100], "text": LONG}),
    ("POST", "/api/campaigns", {"name": LONG[:100], "goal": LONG, "audience": {}, "budget_usd": 1}),
    ("POST", "/api/keys", {"name": LONG[:100], "scopes": ["read"]}),
)


@pytest.fixture
async def server(start_live: StartServer) -> Server:
    """Somebody has typed a question, and there is one thing on most lists."""
    server = await start_live(scripted_engines(answer=lambda _: "It costs fifty dollars a month."))
    async with server.realtime() as connection:
        content = [{"type": "input_text", "text": f"What does it cost? {LONG}"}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create(response={"output_modalities": ["text"]})
        await until(connection, "sales_agent.turn.timings")
    return server


async def problems(page: Page, *rules: str) -> list[str]:
    """Of the page as it is painted: other colours come with a frame, and with the next their transitions end."""
    await page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(await page.evaluate(_FIND, list(rules) or None))


async def test_the_console_is_there_for_everybody(open_console: OpenConsole, server: Server) -> None:
    """One console for all of it."""
    lead, conversation, call_list, webhook = await fill(server)
    places = (f"leads/{lead}", f"conversations/{conversation}", f"call_lists/{call_list}", f"webhooks/{webhook}")
    page = await open_console(server)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    await page.emulate_media(reduced_motion="reduce")
    found = []
    for place in (*PAGES, *places):
        await page.set_viewport_size(DESK)
        await page.emulate_media(color_scheme="light")
        await page.evaluate("place => { location.hash = place }", f"#/{place}")
        await expect(page.locator("main").get_by_role("heading").first).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        found += [f"{place}: {problem}" for problem in await problems(page)]
        found += [f"{place}: too wide: {box}" for box in await page.evaluate(_TOO_WIDE)]
        await page.set_viewport_size(TELEPHONE)
        await page.emulate_media(color_scheme="dark")
        in_other_order = place.endswith(lead)
        rules = () if in_other_order else ("color-contrast",)
        found += [f"{place}, dark: {problem}" for problem in await problems(page, *rules)]
        found += [f"{place}, on a telephone: too wide: {box}" for box in await page.evaluate(_TOO_WIDE)]
    assert found == []
    await the_keyboard_skips_the_pages(page)


async def the_keyboard_skips_the_pages(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("main")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Skip to the page")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def fill(server: Server) -> tuple[str, str, str, str]:
    """The ids of a lead, a conversation, a call list and a webhook."""
    async with aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {KEY}"}) as http:

        async def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
            async with http.request(method, path, json=body) as answer:
                assert answer.status < 300, await answer.text()
                return await answer.json()

        for method, path, body in THINGS:
            await ask(method, path, body)
        about = {"company_name": LONG[:100], "contact_name": LONG[:100], "contact_email": "ann@acme.com"}
        lead = await ask("POST", "/api/leads", about)
        conversations = await ask("GET", "/api/conversations")
        called = await ask("POST", "/api/call-lists", {"name": LONG[:100], "purpose": "your trial"})
        told = {"url": "http://127.0.0.1:9/hooks", "events": ["*"], "enabled": False}
        webhook = await ask("POST", "/api/webhooks", told)
        await ask("POST", f"/api/webhooks/{webhook['id']}/test")
        return lead["id"], conversations["items"][0]["id"], called["id"], webhook["id"]


async def test_whoever_talks_to_the_agent_is_not_kept_out(browser: Browser, server: Server) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{server.url}/talk?greet=off")
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for words in (None, "What does it cost?"):
        if words is not None:
            await page.get_by_role("textbox").fill(words)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("log")).to_contain_text("fifty dollars")
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{scheme}, {words}: {problem}" for problem in await problems(page)]
    assert found == []
    await context.close()
