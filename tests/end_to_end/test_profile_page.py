"""Somebody new says who the agent is, tries it, and saves it; who types next talks with that one, and what they answer
is there to read and to correct."""

import asyncio

import pytest
from chromium import OpenConsole, shoot
from live_server import Server, StartServer
from msgspec import structs
from playwright.async_api import Browser, Page, expect
from scripted_engines import scripted_engines

from pipelines.playbook.model import Playbook

GREETING = "Zoë here, of Bol Bikes. What do you need?"
QUESTION = "Which day suits you for delivery?"


@pytest.fixture
async def server(start_live: StartServer) -> Server:
    """It takes whoever comes, however busy the machine is with other tests."""
    engines = structs.replace(scripted_engines(), models=(Playbook(),))
    return await start_live(engines, max_load_percent=100)


async def say(page: Page, label: str, text: str) -> None:
    box = page.get_by_label(label, exact=True)
    await box.fill(text)
    await box.press("Enter")


async def test_an_agent_is_written_tried_and_saved_and_talks_to_whoever_comes_next(
    browser: Browser, open_console: OpenConsole, server: Server
) -> None:
    console = await open_console(server)
    await console.get_by_role("link", name="Profile", exact=True).click()
    await console.get_by_label("Its name").fill("Zoë")
    await console.get_by_label("Your company").fill("Bol Bikes")
    await console.get_by_label("What it says first").fill(GREETING)
    await console.get_by_label("What it sells, and what one should know").fill(
        "Bol Bikes rents cargo bikes to couriers. A bike costs 149 euros a month."
    )
    await console.get_by_role("button", name="Add a question").click()
    await console.get_by_label("Question 1", exact=True).fill(QUESTION)

    trial = console.get_by_role("region", name="Try it")
    await trial.get_by_role("button", name="Start", exact=True).click()
    await expect(trial.get_by_role("log")).to_contain_text(GREETING)
    await say(console, "Say something", "We need bikes for our couriers")
    await expect(trial.get_by_role("log")).to_contain_text(QUESTION)
    await expect(console.get_by_role("status").filter(has_text="Not saved yet.")).to_be_visible()
    await shoot(console, "profile-tried")
    await console.get_by_role("button", name="Save", exact=True).click()
    await expect(console.get_by_role("status").filter(has_text="The next conversation has it so.")).to_be_visible()

    context = await browser.new_context(viewport={"width": 420, "height": 760})
    visitor = await context.new_page()
    await visitor.goto(f"{server.url}/talk")
    log = visitor.get_by_role("log")
    await say(visitor, "Message", "We need bikes for our couriers")
    await expect(log).to_contain_text(QUESTION)
    await say(visitor, "Message", "How much is a bike?")
    await expect(log).to_contain_text("149 euros")
    await say(visitor, "Message", "Tuesday mornings")
    async with asyncio.timeout(10):
        while not any(lead.answers for lead in (await server.services.leads.list()).items):
            await asyncio.sleep(0.02)
    await context.close()

    await console.get_by_role("link", name="Leads", exact=True).click()
    await console.get_by_role("table").get_by_role("link").first.click()
    answers = console.get_by_role("region", name="What they answered")
    await expect(answers).to_contain_text(QUESTION)
    await expect(answers).to_contain_text("Tuesday mornings")
    await answers.get_by_role("button", name=f"Correct: {QUESTION}").click()
    await say(console, QUESTION, "Wednesday mornings")
    await expect(answers).to_contain_text("Written by first key")
    await console.reload()
    await expect(answers).to_contain_text("Wednesday mornings")
    await expect(answers).not_to_contain_text("Tuesday")
    await shoot(console, "lead-answers")
    await console.set_viewport_size({"width": 390, "height": 844})
    await shoot(console, "lead-answers-phone")
