"""What a sales team does at the console: whom not to call, consents, meetings, contacts, keys, texts; and that every
page fits a telephone."""

import pytest
from chromium import OpenConsole, shoot
from live_server import Server
from playwright.async_api import Page, expect

from storage.conversations.outcomes import Outcomes

NUMBER = "+14155550132"
PAGES = (
    ("calls", "Nobody was called yet."),
    ("call_lists", "No call lists yet."),
    ("meetings", "No meeting is coming."),
    ("do_not_call", "Nobody is on it."),
    ("consents", "Nothing is on record."),
    ("customers", "No customers yet."),
    ("contacts", "No contacts yet."),
    ("refine", "Nothing is refined yet."),
    ("keys", "Make a key"),
)


@pytest.fixture
async def page(open_console: OpenConsole, live: Server) -> Page:
    return await open_console(live)


async def go(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()


async def test_a_sales_team_at_work(page: Page, live: Server) -> None:
    """One server for all of it."""
    await every_page_fits_a_telephone_and_says_what_to_do(page)
    await page.set_viewport_size({"width": 1280, "height": 860})
    await page.emulate_media(color_scheme="light")
    await what_is_entered_on_one_page_counts_on_the_others(page)
    await a_text_is_refined_and_a_key_made(page)
    await a_lead_is_reached_in_several_ways(page, live)


async def a_lead_is_reached_in_several_ways(page: Page, live: Server) -> None:
    services = live.services
    fields = {"contact_name": "Jane Doe", "contact_email": "jane@initech.example", "contact_phone": "+14155550160"}
    more = {"further_emails": ["jane@home.example"], "further_phones": ["+14155550161"]}
    lead = await services.leads.create({**fields, **more}, now=services.utc_now())
    told = {"contact_email": "jane@initech.example", "contact_phone": "+14155550162"}
    await Outcomes(services.database).record("key_1", "conv_1", "lead_update", told)
    await page.goto(f"{live.url}/#/leads/{lead.id}")
    card = page.get_by_role("region", name="Also reached at")
    await expect(card).to_contain_text("+14155550162 a caller gave it")
    await shoot(page, "console-lead-reached-at")
    await card.get_by_role("button", name="Accept +14155550162").click()
    await expect(card).not_to_contain_text("a caller gave it")
    await card.get_by_role("button", name="Put +14155550162 first").click()
    await expect(page.get_by_label("Phone", exact=True)).to_have_value("+14155550162")
    await expect(card).to_contain_text("+14155550160")
    await card.get_by_label("Another e-mail or phone").fill("jane@third.example")
    await card.get_by_role("button", name="Add it").click()
    await expect(card).to_contain_text("jane@third.example")
    kept = await services.leads.get(lead.id)
    assert kept is not None
    assert kept.further_emails == ("jane@home.example", "jane@third.example")
    assert (kept.contact_phone, kept.further_phones) == ("+14155550162", ("+14155550160", "+14155550161"))
    await page.set_viewport_size({"width": 390, "height": 844})
    await shoot(page, "console-lead-reached-at-narrow")


async def what_is_entered_on_one_page_counts_on_the_others(page: Page) -> None:
    await go(page, "Overview")
    main = page.locator("main")
    await expect(main.get_by_role("region", name="Get it going")).to_contain_text("Teach it what you sell")

    await go(page, "Consents")
    await page.get_by_role("textbox", name="Number").fill(NUMBER)
    await page.get_by_label("Where, for who has to show it").fill("Web form of 2 March")
    await page.get_by_role("button", name="Record").click()
    await expect(page.get_by_role("table")).to_contain_text("Web form of 2 March")

    await go(page, "Calls")
    await page.get_by_role("textbox", name="Number").fill("415 555 0132")
    await expect(main).to_contain_text("May be called")
    await expect(page.get_by_role("button", name="Call", exact=True)).to_be_enabled()

    await go(page, "Do not call")
    await page.get_by_role("textbox", name="Number").fill(NUMBER)
    await page.get_by_role("textbox", name="Why").fill("Asked by letter")
    await page.get_by_role("button", name="Do not call it").click()
    await expect(page.get_by_role("table")).to_contain_text("Asked by letter")

    await go(page, "Calls")
    await page.get_by_role("textbox", name="Number").fill(NUMBER)
    await expect(main).to_contain_text("On the do-not-call list")
    await expect(page.get_by_role("button", name="Call", exact=True)).to_be_disabled()
    await shoot(page, "console-calls")

    await go(page, "Meetings")
    await page.get_by_label("When").select_option(index=1)
    await page.get_by_label("Name", exact=True).fill("Ann Lee")
    await page.get_by_role("button", name="Book", exact=True).click()
    meeting = page.get_by_role("listitem").filter(has_text="Ann Lee")
    await expect(meeting).to_be_visible()
    await shoot(page, "console-meetings")
    await meeting.get_by_role("button", name="Call off").click()
    await meeting.get_by_role("button", name="Call it off").click()
    await expect(meeting).to_contain_text("cancelled")


async def a_text_is_refined_and_a_key_made(page: Page) -> None:
    await go(page, "Refine")
    await page.get_by_label("Text", exact=True).fill("We utilize tools in order to help.")
    await page.get_by_role("button", name="Refine", exact=True).click()
    await expect(page.get_by_role("region", name="The better text").first).to_contain_text(
        "We use tools to help.", timeout=20_000
    )
    await expect(page.locator("main")).to_contain_text("Round 1")
    await shoot(page, "console-refine")

    await go(page, "Keys")
    await page.get_by_label("What it is for").fill("Website")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_label("The new key")).to_contain_text("sk_sales_")
    await expect(page.get_by_role("table")).to_contain_text("Website")
    await shoot(page, "console-keys")


async def every_page_fits_a_telephone_and_says_what_to_do(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme="dark")
    for name, expected in PAGES:
        await page.evaluate("place => { location.hash = place }", f"#/{name}")
        await expect(page.locator("main")).to_contain_text(expected)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, name
        await shoot(page, f"console-{name}-phone")
