"""What an operator does at the console that changes something, and how it is found again: files that are dropped,
imports that are stopped, questions before what cannot be undone, runs of earlier, days, slow replies."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from chromium import OpenConsole, shoot
from live_server import KEY, Server
from playwright.async_api import Page, expect

from crm.sync.store import SyncStore, sync_store
from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord
from storage.crm.conflicts import ConflictKind, ConflictRow, add_conflicts
from storage.crm.contacts import ContactRow, save_contacts
from storage.crm.dead_letters import bury
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database

DROP = """
    (place, [name, line, lines]) => {
        const files = new DataTransfer();
        const rows = Array.from({ length: lines }, (_, number) => line.replaceAll("%", number));
        files.items.add(new File(["Company,E-Mail\\n", rows.join("\\n")], name, { type: "text/csv" }));
        for (const type of ["dragover", "drop"])
            place.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
    }
"""


@pytest.fixture
async def page(open_console: OpenConsole, live: Server) -> Page:
    return await open_console(live)


@pytest.fixture
def store(database: Database) -> SyncStore:
    return sync_store(database)


async def go(page: Page, name: str) -> None:
    await page.get_by_role("link", name=name, exact=True).click()


async def test_a_file_is_dropped_and_its_import_stopped(page: Page) -> None:
    await go(page, "Leads")
    await page.get_by_role("link", name="Import a file").click()
    place = page.locator(".file-drop")
    await place.evaluate(DROP, ["many.csv", "Company %,user%@example.com", 300_000])
    await expect(place).to_contain_text("many.csv")
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_role("progressbar", name="Import")).to_have_attribute("value", timeout=20_000)
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("alert")).to_contain_text("Stopped; what was written until then stays.")
    await expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    # Another file takes the place of the first, and of what is told about it.
    await place.evaluate(DROP, ["few.csv", "Acme %,ann%@acme.com", 2])
    await expect(place).to_contain_text("few.csv")
    await expect(page.get_by_role("alert")).to_have_count(0)
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("main")).to_contain_text("Done.", timeout=20_000)


async def test_a_dead_letter_is_given_up_only_when_the_question_is_answered(page: Page, store: SyncStore) -> None:
    async with store.database.transaction() as transaction:
        about: dict[str, Any] = {"reason": "unexpected_answer", "payload": {"inbox": "contact"}, "attempts": 10}
        await bury(transaction, "close", **about, now=utc_now())
    await go(page, "Sync")
    letter = page.get_by_label("Dead letter of Close")
    await letter.get_by_role("button", name="Let it be").click()
    await expect(letter).to_contain_text("This change is then never made.")
    # Where the button was, the safe one is: a second press of a key does no harm.
    await expect(letter.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(letter.get_by_role("button", name="Let it be")).to_be_visible()
    await letter.get_by_role("button", name="Let it be").click()
    await letter.get_by_role("button", name="Give it up").click()
    await expect(page.locator("main")).to_contain_text("Nothing was given up.")


async def test_many_conflicts_are_decided_by_one_answer(page: Page, store: SyncStore) -> None:
    await conflicts(store, {"both_changed": 3, "deleted": 2})
    await go(page, "Sync")
    card = page.get_by_role("region", name="Conflicts")
    every = card.get_by_label("All of them")
    await expect(every).to_contain_text("All 5")
    await every.get_by_role("button", name="Take Close").click()
    await expect(every).to_contain_text(
        "For 3 of them what Close has then holds on both sides. 2 contacts are deleted."
    )
    await shoot(page, "console-conflicts-all")
    await every.get_by_role("button", name="Cancel").click()
    await card.get_by_label("Kind of conflict").select_option("both_changed")
    await expect(every).to_contain_text("All 3")
    await every.get_by_role("button", name="Take Close").click()
    await every.get_by_role("button", name="Decide 3").click()
    await expect(card.get_by_label("Conflict about email")).to_have_count(0)
    left = (await store.conflicts.list(state="open")).items
    assert {conflict.kind for conflict in left} == {"deleted"}
    assert len(left) == 2


async def test_a_run_of_earlier_is_opened_from_the_latest_runs(page: Page, live: Server) -> None:
    asked = {"agent": "qualification", "input": {"lead": {"company_name": "Acme", "notes": "They need fewer calls."}}}
    async with aiohttp.ClientSession(live.url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        async with http.post("/api/langgraph/invoke", json=asked) as response:
            assert response.status == 200
            thread = (await response.json())["thread_id"]
        await is_told(http)
    await go(page, "Agents")
    runs = page.get_by_role("region", name="Latest runs").first
    await expect(runs).to_contain_text("Success")
    await runs.get_by_role("button", name="Qualification").click()
    shown = page.get_by_role("region", name="What it does")
    await expect(shown).to_contain_text(thread)
    await expect(shown).to_contain_text("score")


async def is_told(http: aiohttp.ClientSession) -> None:
    """Runs are written behind who waits for them."""
    async with asyncio.timeout(20):
        while True:
            async with http.get("/api/reports/executions", params={"status": "success"}) as response:
                if (await response.json())["items"]:
                    return
            await asyncio.sleep(0.05)


async def test_conversations_until_a_day_are_found(page: Page, live: Server) -> None:
    now = datetime.now(UTC)
    for company, days in (("Newest", 0), ("Older", 3), ("Oldest", 9)):
        await a_conversation(live, company, now - timedelta(days=days))
    await go(page, "Conversations")
    listed = page.get_by_role("navigation", name="List of conversations")
    await expect(listed.get_by_role("link")).to_have_count(3)
    await page.get_by_label("On or before").fill((now - timedelta(days=2)).date().isoformat())
    await expect(listed.get_by_role("link")).to_have_count(2)
    await expect(listed).not_to_contain_text("Newest")
    await page.get_by_label("On or before").fill((now - timedelta(days=20)).date().isoformat())
    await expect(page.locator("main")).to_contain_text("No conversation is like that.")


async def test_a_slow_reply_is_found_and_opened_where_it_was_said(page: Page, live: Server) -> None:
    now = datetime.now(UTC)
    await a_conversation(live, "Slow", now, latency_ms=4200.0)
    await a_conversation(live, "Quick", now, latency_ms=380.0)
    await go(page, "Latency")
    slowest = page.get_by_role("region", name="Slowest replies").first
    await expect(slowest).to_contain_text("Model's first token 3.00 s, cerebras/llama")
    await shoot(page, "console-latency")
    await slowest.get_by_role("link").first.click()
    await expect(page.locator("article li[data-meant=true]")).to_be_in_viewport()
    await expect(page.locator("article li[data-meant=true]")).to_contain_text("after 4.20 s")


async def a_conversation(live: Server, name: str, at: datetime, *, latency_ms: float | None = None) -> None:
    """With twenty replies, the last of which came after ``latency_ms``."""
    log, id_ = live.services.conversation_log, f"conv_{name}"
    log.conversation(ConversationRecord(id=id_, channel="phone", status="closed", created_at=at, updated_at=at))
    for number in range(1, 41):
        role, text = ("user", f"{name} asks") if number % 2 else ("assistant", "It costs fifty dollars.")
        times: dict[str, Any] = {"created_at": at, "updated_at": at}
        log.item(id_, ItemRecord(id=f"item_{number}", position=number, role=role, heard_text=text, **times))
    if latency_ms is not None:
        timings = {"speech_end_ms": 1000.0, "turn_end_ms": 1200.0, "model_start_ms": 1200.0, "model": "cerebras/llama"}
        timings["first_token_ms"] = latency_ms
        log.turn(id_, TurnRecord(item_id="item_40", response_latency_ms=latency_ms, timings=timings, created_at=at))
    assert await log.flush(id_, 10)


async def conflicts(store: SyncStore, kinds: dict[ConflictKind, int]) -> None:
    """So many of each kind. A contact that is deleted is so over there."""
    now = utc_now()
    wanted = [kind for kind, count in kinds.items() for _ in range(count)]
    contacts = [
        ContactRow(
            id=f"contact_{number}", crm_platform="close", reference=f"ref_{number}", created_at=now, updated_at=now
        )
        for number in range(len(wanted))
    ]
    rows = [
        ConflictRow(
            id=f"conflict_{number}",
            platform="close",
            contact_id=f"contact_{number}",
            field="contact" if kind == "deleted" else "email",
            kind=kind,
            local_value=f"ours{number}@example.com",
            remote_value=None if kind == "deleted" else f"theirs{number}@example.com",
            winner="local",
            critical=True,
            state="open",
            created_at=now,
        )
        for number, kind in enumerate(wanted)
    ]
    async with store.database.transaction() as transaction:
        await save_contacts(transaction, contacts)
        await add_conflicts(transaction, rows)
