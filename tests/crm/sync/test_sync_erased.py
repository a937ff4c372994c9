"""Somebody is erased in any moment of a sync: nothing of them comes back, here or, where it is to go, over there."""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sync_world import SyncWorld

from crm.contact import ContactFields
from crm.http import Request
from crm.sync.engine import SyncEngine
from crm.sync.store import sync_store
from storage.erasure.crm_records import CrmRecords
from storage.erasure.digests import CrmChoice, Digests
from storage.erasure.erasures import Erasures
from storage.erasure.person import Subject
from storage.erasure.suppression import Suppression
from storage.erasure.tables import Tables
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query

DIGESTS = Digests(["A" * 43 + "="])
CHOICES: Sequence[CrmChoice] = ("delete", "keep")
AT_MOST_REQUESTS = 60
EVERY = int(os.environ.get("SYNC_ERASED_EVERY", "5"))
"""Of the requests of a run, which are tried; 1: all of them, in half a minute."""


@pytest.fixture
def world(database: Database) -> SyncWorld:
    """A sync that knows who was erased, as the worker's does."""
    return SyncWorld(database, digests=DIGESTS)


async def erase(world: SyncWorld, email: str, choice: CrmChoice) -> None:
    kept = Erasures(world.plain, DIGESTS, (Suppression(DIGESTS), CrmRecords(), Tables("conversations")), settle_s=-1e9)
    await kept.ask(Subject(email=email), choice, requested_by=None, now=utc_now())
    claimed = await kept.claim()
    assert claimed is not None
    assert await kept.begin(claimed, now=world.now()) == {}
    for eraser in kept.erasers:
        assert await kept.step(claimed, eraser, now=world.now())
    assert await kept.finish(claimed), await kept.plan(Subject(email=email), choice)


async def edited(world: SyncWorld, email: str) -> None:
    """Known on both sides, and edited on both."""
    _, contact_id = world.make("Acme", name="Ada Byron", email=email)
    await world.poll()
    (row,) = await world.store.contacts.of_external_ids("close", [contact_id])
    await world.edits.edit(row.id, {"title": f"Countess {email}"})
    world.change(contact_id, phone="+14155550132", name=f"Ada {email}")


async def unseen(world: SyncWorld, email: str) -> None:
    """Over there, and not here yet."""
    world.make("Acme", name="Ada Byron", email=email)


async def made_here(world: SyncWorld, email: str) -> None:
    """Here, not there yet, and with a call and a note to be entered."""
    row = await world.edits.create(ContactFields(first_name="Ada", email=email, company="Acme"))
    await world.converse(row.id, f"conv_{row.id}")


STATES: dict[str, Callable[[SyncWorld, str], Awaitable[None]]] = {
    "edited": edited,
    "unseen": unseen,
    "made_here": made_here,
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("state", STATES)
async def test_erased_at_any_request_of_a_run(world: SyncWorld, state: str, choice: CrmChoice) -> None:
    first = (list(STATES).index(state) + CHOICES.index(choice)) % EVERY
    for moment in range(first, AT_MOST_REQUESTS, EVERY):
        email = f"ada{moment}@example.com"
        await STATES[state](world, email)
        left = moment

        async def meanwhile(request: Request, email: str = email) -> None:
            nonlocal left
            left -= 1
            if left == -1:
                await erase(world, email, choice)

        world.transport.meanwhile = meanwhile
        await world.poll()
        world.transport.meanwhile = None
        if left >= 0:
            break  # the run has no further request
        world.pass_time(3600)
        await world.poll()
        world.pass_time(3600)
        await world.poll(mode="full")
        assert await told_of(world, email) == [], f"request {moment}"
        there = [fields for fields in world.theirs().values() if fields.email == email]
        if choice == "delete" or (state == "made_here" and not there):
            assert there == [], f"request {moment}"
        else:
            assert len(there) == 1, f"request {moment}"
    else:
        pytest.fail("a run is longer than that")
    assert moment > EVERY


@pytest.mark.parametrize("choice", CHOICES)
async def test_two_erasures_of_one_person_have_the_record_deleted_if_one_wants_it(
    world: SyncWorld, choice: CrmChoice
) -> None:
    """The first breaks off after its first step, and goes on when the second, by another address, is done."""
    other: CrmChoice = "keep" if choice == "delete" else "delete"
    _, contact_id = world.make("Acme", name="Ada Byron", email="ada@example.com")
    world.make("Beta", name="Charles Babbage", email="charles@example.com")
    await world.poll()
    (row,) = await world.store.contacts.of_external_ids("close", [contact_id])
    kept = Erasures(world.plain, DIGESTS, (Suppression(DIGESTS), CrmRecords(), Tables("conversations")), settle_s=-1e9)
    await kept.ask(Subject(email="ada@example.com"), choice, requested_by=None, now=utc_now())
    first = await kept.claim()
    assert first is not None
    await kept.begin(first, now=world.now())
    assert await kept.step(first, kept.erasers[0], now=world.now())
    await world.edits.edit(row.id, {"email": "ada@byron.example"})
    await erase(world, "ada@byron.example", other)
    for eraser in kept.erasers:
        assert await kept.step(first, eraser, now=world.now())
    await world.poll()
    assert [fields.email for fields in world.theirs().values()] == ["charles@example.com"]


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_whoever_asks_again_means_what_the_crm_has_had_since(world: SyncWorld, steps: int) -> None:
    """A first erasure broke off after so many steps, or was done; then somebody entered the person over there again."""
    email = "ada@example.com"
    world.make("Acme", name="Ada Byron", email=email)
    world.make("Beta", name="Charles Babbage", email="charles@example.com")
    await world.poll()
    kept = Erasures(world.plain, DIGESTS, (Suppression(DIGESTS), CrmRecords(), Tables("conversations")), settle_s=-1e9)
    asked, _ = await kept.ask(Subject(email=email), "keep", requested_by=None, now=world.now())
    first = await kept.claim()
    assert first is not None
    await kept.begin(first, now=world.now())
    for eraser in kept.erasers[:steps]:
        assert await kept.step(first, eraser, now=world.now())
    if steps == len(kept.erasers):
        assert await kept.finish(first)
    world.pass_time(60)
    world.make("Acme Ltd", name="Ada King", email=email)
    world.pass_time(60)
    again, is_new = await kept.ask(Subject(email=email), "delete", requested_by=None, now=world.now())
    assert (again.id, is_new) == (asked.id, False)
    if steps < len(kept.erasers):
        for eraser in kept.erasers[steps:]:
            assert await kept.step(first, eraser, now=world.now())
        assert not await kept.finish(first), "it begins anew"
        for eraser in kept.erasers:
            assert await kept.step(first, eraser, now=world.now())
        assert await kept.finish(first)
    world.pass_time(3600)
    await world.poll()
    assert await told_of(world, email) == []
    assert "Ada King" not in [f"{fields.first_name} {fields.last_name}" for fields in world.theirs().values()]


async def test_what_comes_after_an_erasure_brings_nobody_back(world: SyncWorld) -> None:
    for choice in CHOICES:
        email = f"{choice}@example.com"
        _, contact_id = world.make("Acme", name="Ada Byron", email=email)
        await world.poll()
        await erase(world, email, choice)
        world.change(contact_id, title=f"Of {email}", phone="+14155550132")
        for event in list(world.close.store.log.entries):
            await world.deliver(event)
        world.pass_time(3600)
        await world.poll()
        world.pass_time(3600)
        await world.poll(mode="full")
        assert await told_of(world, email) == []
        assert (contact_id in world.theirs()) == (choice == "keep")


@pytest.mark.parametrize("choice", CHOICES)
async def test_an_old_record_that_nobody_knew_brings_nobody_back_when_it_is_touched(
    world: SyncWorld, choice: CrmChoice
) -> None:
    email = f"{choice}@example.com"
    world.make("Acme", name="Ada Byron", email=email)
    await world.poll()
    _, second = world.make("Acme Ltd", name="Ada King", email=email)
    world.pass_time(60)
    await erase(world, email, choice)
    world.pass_time(3600)
    world.change(second, title="Countess")
    await world.poll()
    world.pass_time(3600)
    await world.poll(mode="full")
    assert await told_of(world, email) == []
    assert (second in world.theirs()) == (choice == "keep")


async def test_who_begins_anew_is_taken_in(world: SyncWorld) -> None:
    world.make("Acme", name="Ada Byron", email="ada@example.com")
    await world.poll()
    await erase(world, "ada@example.com", "delete")
    await world.poll()
    assert world.theirs() == {}
    world.pass_time(24 * 3600)
    world.make("Acme", name="Ada King", email="ada@example.com")
    await world.poll()
    assert [row["first_name"] for row in (await world.ours()).values()] == ["Ada"]
    assert len(world.theirs()) == 1


async def test_a_sync_without_knowledge_of_the_erased_still_keeps_known_records_out(database: Database) -> None:
    world = SyncWorld(database)
    world.make("Acme", name="Ada Byron", email="ada@example.com")
    await world.poll()
    await erase(world, "ada@example.com", "keep")
    world.engine = SyncEngine(sync_store(database), {"close": world.provider}, now=world.now)
    await world.poll(mode="full")
    assert await world.ours() == {}


async def told_of(world: SyncWorld, email: str) -> list[Any]:
    """Where anything is kept of them."""
    found = []
    for table in ("crm_contacts", "crm_outbox", "crm_conflicts", "crm_dead_letters", "conversation_outcomes"):
        query = Query("told", f"SELECT row::text FROM {table} AS row WHERE row::text LIKE '%%' || %(email)s || '%%'")
        found += [(table, row["row"]) for row in await world.plain.fetch_all(query, email=email)]
    return found


@pytest.mark.parametrize("fault", [None, "timeout_after"])
@pytest.mark.parametrize("choice", CHOICES)
async def test_what_was_entered_there_goes_with_them(world: SyncWorld, choice: CrmChoice, fault: Any) -> None:
    """Also what was entered without an answer, and is with another record since."""
    await made_here(world, "ada@example.com")
    lead, _ = world.make("Other", name="Eve", email="eve@example.com")
    await world.poll("import")
    world.transport.choose = lambda request: fault if request.method == "POST" and "/activity/" in request.url else None
    await world.poll()
    world.transport.choose = lambda request: None
    store = world.close.store
    assert {row["_type"] for row in store.activities.values()} == {"Call", "Note"}
    store.create_activity("Note", {"lead_id": lead, "note": "of somebody else"})
    (theirs,) = {row["lead_id"] for row in store.activities.values()} - {lead}
    store.merge_leads(theirs, lead)
    await erase(world, "ada@example.com", choice)
    for _ in range(2):
        await world.poll(trigger="change")
        world.pass_time(60)
    assert len(store.activities) == (1 if choice == "delete" else 3)
    assert await world.waiting_out() == 0
    assert not (await world.store.dead_letters.list()).items
