"""An operator at the console: the built page in a real Chromium, on a real server with things in it."""

from pathlib import Path

import aiohttp
import pytest
from chromium import OpenConsole, shoot
from live_server import KEY, Server, StartServer, until
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

LEAD = {"company_name": "Acme", "contact_name": "Ann Lee", "contact_email": "ann@acme.com", "budget": "2000 a month"}


@pytest.fixture
async def server(start_live: StartServer) -> Server:
    """Somebody has typed a question, and there is a lead."""
    server = await start_live(scripted_engines(answer=lambda _: "It costs fifty dollars a month."))
    async with server.realtime() as connection:
        content = [{"type": "input_text", "text": "What does it cost?"}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create(response={"output_modalities": ["text"]})
        await until(connection, "sales_agent.turn.timings")
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http,
        http.post(f"{server.url}/api/leads", json=LEAD) as response,
    ):
        assert response.status == 201
    return server


@pytest.fixture
async def page(open_console: OpenConsole, server: Server) -> Page:
    return await open_console(server)


async def test_every_page_shows_what_there_is(page: Page) -> None:
    await expect(page.get_by_label("Server health")).to_contain_text("conversations")
    await shoot(page, "console-overview")
    for name, expected in (("Leads", "Acme"), ("Agents", "Nothing runs."), ("Sync", "Both sides agree.")):
        await page.get_by_role("link", name=name, exact=True).click()
        await expect(page.locator("main")).to_contain_text(expected)
        await shoot(page, f"console-{name.lower()}")
    await page.get_by_role("link", name="Costs", exact=True).click()
    await expect(page.get_by_role("heading", name="Costs")).to_be_visible()
    await shoot(page, "console-costs")


async def test_a_conversation_is_read_on_a_phone_in_the_dark(page: Page) -> None:
    await page.set_viewport_size({"width": 375, "height": 740})
    await page.emulate_media(color_scheme="dark")
    await page.get_by_role("button", name="Pages: Overview").click()
    await page.get_by_role("link", name="Conversations", exact=True).click()
    await page.get_by_role("link", name="Websocket").click()
    await expect(page.locator("article")).to_contain_text("It costs fifty dollars a month.")
    await expect(page.locator("article")).to_contain_text("pricing")
    await shoot(page, "console-conversation-phone-dark")
    # Nothing is wider than the screen.
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375


async def test_a_lead_is_qualified_and_changed(page: Page) -> None:
    await page.get_by_role("link", name="Leads", exact=True).click()
    await page.get_by_role("button", name="Qualify").click()
    await expect(page.get_by_role("button", name="Qualify again")).to_be_visible(timeout=20_000)
    await page.get_by_role("link", name="Acme").click()
    await expect(page.locator("main")).to_contain_text("of 100 points")
    await page.get_by_label("Title").fill("Head of Sales")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await page.reload()
    await expect(page.get_by_label("Title")).to_have_value("Head of Sales")
    await shoot(page, "console-lead")


async def test_a_refusal_in_a_row_leaves_the_other_columns_where_they_are(browser: Browser, server: Server) -> None:
    context = await browser.new_context(viewport={"width": 1024, "height": 768})
    page = await context.new_page()
    await page.goto(f"{server.url}/")
    await page.get_by_label("API key").fill(KEY)
    await page.get_by_label("API key").press("Enter")
    refusal = {"error": {"code": "insufficient_permissions", "message": "This key lacks the scope 'write'."}}
    await page.route("**/api/leads/qualify", lambda route: route.fulfill(status=403, json=refusal))
    await page.get_by_role("link", name="Leads", exact=True).click()
    await page.get_by_role("button", name="Qualify").click()
    await expect(page.locator("main .problem")).to_contain_text("lacks the scope")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cell = await page.locator("td:first-child").bounding_box()
    assert cell is not None and cell["width"] > 150
    await context.close()


async def test_leads_come_in_from_a_file(page: Page, tmp_path: Path) -> None:
    rows = ["Company;E-Mail;Score at home", "Globex;bo@globex.com;7", "Initech;no address;1"]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    await page.get_by_role("link", name="Leads", exact=True).click()
    await page.get_by_role("link", name="Import a file").click()
    await page.get_by_label("CSV file").set_input_files(path)
    await page.get_by_role("button", name="Try it out").click()
    await expect(page.locator("main")).to_contain_text("Nothing was written.", timeout=20_000)
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("main")).to_contain_text("Done.", timeout=20_000)
    await expect(page.get_by_role("table")).to_contain_text("3")
    await shoot(page, "console-import")
    await page.get_by_role("link", name="All leads").click()
    await expect(page.get_by_role("table")).to_contain_text("Globex")


async def test_an_agent_runs_step_by_step_and_its_question_is_answered(page: Page) -> None:
    await page.get_by_role("link", name="Agents", exact=True).click()
    await page.get_by_role("radio", name="BDR").check()
    await page.get_by_label("Company", exact=True).fill("Acme")
    await page.get_by_label("E-mail", exact=True).fill("ann@acme.com")
    await page.get_by_role("button", name="Run", exact=True).click()
    asked = page.get_by_label("The agent asks")
    await expect(asked).to_be_visible(timeout=20_000)
    await shoot(page, "console-agent-asks")
    await asked.get_by_role("button").first.click()
    await expect(page.locator("main")).to_contain_text("booked", timeout=20_000)
    await shoot(page, "console-agent-booked")


async def test_the_keyboard_alone_opens_a_page(page: Page) -> None:
    link = page.get_by_role("link", name="Leads", exact=True)
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await link.evaluate("link => link === document.activeElement"):
            break
    await expect(link).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("Acme")


async def test_a_wrong_key_is_said(browser: Browser, server: Server) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.url}/")
    await page.get_by_label("API key").fill("sk_sales_wrong")
    await page.get_by_label("API key").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.close()
