"""The widget on pages of somebody else: another origin, styles and policies that were not made for it.

The screenshots are kept under ``test-artifacts/``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from chromium import shoot
from live_server import Server, StartServer
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

from agent_server.web.pages import DIST

ANSWER = "It costs fifty dollars a month for each person."
RESET = "*, *::before, *::after { all: unset !important } style, script, title { display: none !important }"
INHERITED = """
    html { font-size: 5px; color: red }
    * { letter-spacing: 9px; text-transform: uppercase; word-break: break-all; text-indent: 3em; line-height: 4 }
    section, header, form, button, textarea, p { display: none !important }
"""
CLIPPED = ".box { transform: rotate(0); overflow: hidden; width: 9px; height: 9px; position: relative; z-index: -1 }"
KEYBOARD = """<script>Object.defineProperty(window, "visualViewport", {value: Object.assign(
    new EventTarget(), {height: innerHeight - 300, offsetTop: 0, scale: 1})})</script>"""
BAR = "#bar { position: fixed; inset: auto 0 0; height: 200px; background: gold; z-index: 2147483647 }"

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture
async def visit(browser: Browser, start_live: StartServer) -> AsyncIterator[Visit]:
    """Opens a page of another origin with the widget in it. What the browser complains of fails the test."""
    assert (DIST / "widget.js").exists(), "The web client is not built: run `make install`."
    problems: list[str] = []
    shown: dict[str, str] = {}

    async def give(_request: web.Request) -> web.Response:
        headers: Mapping[str, str] = {"Content-Security-Policy": shown["policy"]} if shown["policy"] else {}
        return web.Response(text=shown["html"], content_type="text/html", headers=headers)

    site = web.Application()
    site.router.add_get("/", give)
    async with TestServer(site) as other:
        origin = str(other.make_url("")).rstrip("/")
        server: Server = await start_live(scripted_engines(answer=lambda _: ANSWER), allowed_origins=(origin,))

        async def open_page(
            *,
            css: str = "",
            html: str = "",
            head: str = "",
            box: str = "{}",
            widget: str = "",
            policy: str = "",
            width: int = 1000,
        ) -> Page:
            element = f'<sales-agent-widget greet="off" {widget}></sales-agent-widget>'
            shown["policy"] = policy.format(server=server.url, socket=server.url.replace("http", "ws", 1))
            style = f"<style>{css}</style>" if css else ""
            shown["html"] = (
                f"<!doctype html><html {html}><title>A shop</title><link rel=icon href=data:,>{style}{head}"
                f'<script src="{server.url}/widget.js" defer></script><h1>A shop</h1>{box.format(element)}<p>The end'
            )
            page = await browser.new_page(viewport={"width": width, "height": 640})
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
            await page.goto(origin)
            return page

        yield open_page
    assert not problems


async def ask(page: Page) -> None:
    """Open the bubble and type a question, as far as the answer. Clicks fail where something lies above."""
    await page.get_by_role("button", name="Open chat").click(timeout=5_000)
    message = page.get_by_label("Message", exact=True)
    await message.fill("How much is it?")
    await page.get_by_role("button", name="Send").click(timeout=5_000)
    await expect(page.get_by_role("log")).to_contain_text("for each person.", timeout=20_000)


async def style_of_answer(page: Page, *names: str) -> list[str]:
    script = "(line, names) => names.map(name => getComputedStyle(line).getPropertyValue(name))"
    return list(await page.locator(".message.assistant p").last.evaluate(script, list(names)))


@pytest.mark.parametrize(("name", "css"), [("reset", RESET), ("inherited", INHERITED)])
async def test_the_page_s_styles_do_not_reach_it(visit: Visit, name: str, css: str) -> None:
    page = await visit(css=css)
    await ask(page)
    await shoot(page, f"widget-on-a-page-{name}")
    panel = await page.get_by_role("dialog").bounding_box()
    assert panel is not None
    assert (panel["x"] + panel["width"], panel["y"] + panel["height"]) == (980, 620)
    assert (panel["width"], panel["height"]) == (384, 600)
    wanted = {"font-size": "15px", "letter-spacing": "normal", "text-transform": "none", "text-indent": "0px"}
    assert await style_of_answer(page, *wanted) == list(wanted.values())


async def test_nothing_of_the_page_lies_over_it_or_clips_it(visit: Visit) -> None:
    await ask(await visit(css=CLIPPED + BAR, box="<div class=box>{}</div><div id=bar></div>"))


async def test_on_a_dark_page_it_is_dark_and_on_a_zoomed_one_all_of_it_is_seen(visit: Visit) -> None:
    page = await visit(css="html { color-scheme: dark; background: #111 } body { zoom: 1.5 }")
    await ask(page)
    await shoot(page, "widget-on-a-dark-zoomed-page")
    panel = await page.get_by_role("dialog").bounding_box()
    assert panel is not None
    assert panel["y"] >= 0
    assert (round(panel["width"]), round(panel["height"])) == (384, 600)
    assert await style_of_answer(page, "color") == ["rgb(236, 236, 243)"]


async def test_a_page_moves_the_bubble_above_its_own_bar(visit: Visit) -> None:
    page = await visit(css="sales-agent-widget { --sales-agent-bottom: 120px; --sales-agent-side: 40px }")
    launcher = await page.get_by_role("button", name="Open chat").bounding_box()
    assert launcher is not None
    assert (launcher["x"] + launcher["width"], launcher["y"] + launcher["height"]) == (960, 520)


async def test_a_strict_policy_needs_only_the_server(visit: Visit) -> None:
    policy = (
        "default-src 'none'; script-src {server}; connect-src {server} {socket}; img-src data:;"
        " require-trusted-types-for 'script'"
    )
    await ask(await visit(policy=policy))


async def test_right_to_left_on_a_small_phone(visit: Visit) -> None:
    page = await visit(html='dir="rtl" lang="ar"', width=320)
    launcher = await page.get_by_role("button", name="Open chat").bounding_box()
    assert launcher is not None
    assert launcher["x"] == 20
    await ask(page)
    await shoot(page, "widget-right-to-left-320")
    # Words of another direction keep their own: no full stop in front of an English sentence.
    assert await style_of_answer(page, "direction") == ["ltr"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [390, 844])
async def test_a_phone_s_keyboard_covers_none_of_it(visit: Visit, width: int) -> None:
    page = await visit(head=KEYBOARD, width=width)
    await ask(page)
    panel = await page.get_by_role("dialog").bounding_box()
    assert panel is not None
    assert (panel["y"], panel["height"]) == (0, 340)
    await shoot(page, f"widget-above-a-keyboard-{width}")


async def test_the_next_page_shows_what_was_said_and_goes_on(visit: Visit) -> None:
    page = await visit()
    await ask(page)
    await page.reload()
    await page.get_by_role("button", name="Open chat").click()
    await expect(page.get_by_role("log")).to_contain_text("for each person.")
    await page.get_by_label("Message", exact=True).fill("And for two?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.assistant .said")).to_have_text([ANSWER, ANSWER], timeout=20_000)
    await expect(page.locator(".message.user .said")).to_have_text(["How much is it?", "And for two?"])


async def test_an_inline_widget_has_a_height_where_the_page_gives_none(visit: Visit) -> None:
    page = await visit(widget='mode="inline"')
    composer = await page.get_by_label("Message", exact=True).bounding_box()
    panel = await page.get_by_role("region", name="Talk to us").bounding_box()
    assert composer is not None
    assert panel is not None
    assert panel["height"] == 560
    assert composer["y"] > panel["y"] + 480
