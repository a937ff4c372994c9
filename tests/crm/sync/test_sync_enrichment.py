"""Apollo fills in what is empty, overwrites nothing, and is asked about nobody twice."""

import hashlib
from collections.abc import Iterable
from typing import Any

import pytest
from crm_world import PREFIXES, CrmWorld
from sync_world import SyncWorld

from crm.authorization import FixedAuthorization
from crm.contact import ContactFields
from crm.linkedin.browserbase import BrowserbaseDialect, key_headers
from crm.linkedin.provider import LinkedInProvider
from crm.linkedin.scraper import LinkedInScraper
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.sync import enrichment
from crm.sync.engine import SyncEngine
from simulators.browserbase import WebPage
from storage.crm.contacts import ContactRow, save_contacts
from storage.crm.sync_runs import Trigger
from storage.errors import InvalidData
from storage.postgres.database import Transaction
from storage.shared.daily_counts import DailyCounts


async def enriched(sync: SyncWorld, world: CrmWorld, *, trigger: Trigger = "schedule", **options: object) -> str:
    engine = SyncEngine(sync.store, {"apollo": world.apollo_provider()}, now=sync.now)
    run_id = await sync.store.runs.queue("apollo", "enrich", trigger=trigger, now=sync.now(), **options)  # type: ignore[arg-type]
    return await engine.run(run_id)


async def test_empty_fields_are_filled_and_sent_on(sync: SyncWorld, world: CrmWorld) -> None:
    for number in range(12):
        await sync.edits.create(ContactFields(email=f"ada.byron{number}@acme.com", title="Countess"))
    await sync.poll()
    assert await enriched(sync, world) == "completed"
    rows = (await sync.store.contacts.list()).items
    assert {row.title for row in rows} == {"Countess"}, "what is known stays"
    assert all(row.linkedin_url and row.company == "Acme" and row.enrichment_data["apollo"] for row in rows)
    assert len([entry for entry in world.requests_to("apollo") if "bulk_match" in entry]) == 2
    await sync.poll()
    assert {fields.company for fields in sync.theirs().values()} == {"Acme"}


async def test_nobody_is_asked_about_twice(sync: SyncWorld, world: CrmWorld) -> None:
    await sync.edits.create(ContactFields(email="ada@acme.com"))
    await sync.edits.create(ContactFields(email="unknown@unknown.example"))
    await enriched(sync, world)
    asked = len(world.requests_to("apollo"))
    assert await enriched(sync, world) == "completed"
    assert len([entry for entry in world.requests_to("apollo")[asked:] if "match" in entry]) == 0


async def test_a_change_somewhere_asks_about_nobody(sync: SyncWorld, world: CrmWorld) -> None:
    """It costs credits, and what changed is sent and read elsewhere."""
    await sync.edits.create(ContactFields(email="ada@acme.com"))
    assert await enriched(sync, world, trigger="change") == "completed"
    assert world.requests_to("apollo") == []


async def test_used_up_credits_end_the_run_and_the_rest_comes_later(sync: SyncWorld, world: CrmWorld) -> None:
    await sync.edits.create(ContactFields(email="ada@acme.com"))
    world.apollo.options = type(world.apollo.options)(credits=0)
    assert await enriched(sync, world) == "failed"
    (run,) = (await sync.store.runs.list(platform="apollo")).items
    assert [entry["code"] for entry in run.errors] == ["quota_exhausted"]
    world.apollo.options = type(world.apollo.options)()
    assert await enriched(sync, world) == "completed"
    (row,) = (await sync.store.contacts.list()).items
    assert row.enrichment_data["apollo"]


async def test_people_asked_for_by_address_become_contacts(sync: SyncWorld, world: CrmWorld) -> None:
    filters = {"emails": ["grace.hopper@navy.example"]}
    assert await enriched(sync, world, mode="filtered", filters=filters) == "completed"
    (row,) = (await sync.store.contacts.list(platform="apollo")).items
    assert (row.email, row.first_name, row.crm_platform) == ("grace.hopper@navy.example", "Grace", "apollo")
    assert await sync.outbox_states() == {}


async def test_one_person_with_two_addresses_is_one_contact(sync: SyncWorld, world: CrmWorld) -> None:
    for address in ("ada@acme.com", "ada@home.example"):
        world.apollo.people[address] = {"id": "p1", "first_name": "Ada"}
    filters = {"emails": ["Ada@Acme.com", "ada@acme.com ", "ada@home.example", "no address"]}
    assert await enriched(sync, world, mode="filtered", filters=filters) == "completed"
    (row,) = (await sync.store.contacts.list(platform="apollo")).items
    assert (row.email, row.first_name) == ("ada@acme.com", "Ada")
    assert await enriched(sync, world, mode="filtered", filters={"emails": ["ada@home.example"]}) == "completed"
    await sync.edits.delete(row.id)
    assert await enriched(sync, world, mode="filtered", filters=filters) == "completed"
    assert (await sync.store.contacts.list(platform="apollo")).items == (), "deleted is deleted"


async def test_what_the_database_never_takes_stops_nobody_else(sync: SyncWorld, world: CrmWorld) -> None:
    """Ids have an index, and what is indexed has a bound."""
    world.apollo.people["bad@acme.com"] = {"id": "".join(hashlib.sha256(b"%d" % n).hexdigest() for n in range(200))}
    world.apollo.people["good@acme.com"] = {"id": "p1", "first_name": "Ada"}
    filters = {"emails": ["bad@acme.com", "good@acme.com"]}
    assert await enriched(sync, world, mode="filtered", filters=filters) == "partial"
    (run,) = (await sync.store.runs.list(platform="apollo")).items
    assert [entry["code"] for entry in run.errors] == ["record_unstorable"]
    assert (run.contacts_created, run.contacts_failed) == (1, 1)
    (row,) = (await sync.store.contacts.list(platform="apollo")).items
    assert row.first_name == "Ada"


async def test_one_person_of_another_form_stops_nobody_else(sync: SyncWorld, world: CrmWorld) -> None:
    for name in ("bad", "good"):
        await sync.edits.create(ContactFields(email=f"{name}@acme.com"))
    world.apollo.people["bad@acme.com"] = {"id": "p2", "first_name": ["Ada"]}
    world.apollo.people["good@acme.com"] = {"id": "p1", "first_name": "Ada"}
    assert await enriched(sync, world) == "completed"
    assert {row.email: row.first_name for row in (await sync.store.contacts.list()).items} == {
        "bad@acme.com": None,
        "good@acme.com": "Ada",
    }


async def test_a_value_that_cannot_be_kept_is_asked_for_once(
    sync: SyncWorld, world: CrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "good"):
        await sync.edits.create(ContactFields(email=f"{name}@acme.com"))
    world.apollo.people["bad@acme.com"] = {"id": "p2", "first_name": "Bad"}
    monkeypatch.setattr(enrichment, "save_contacts", refusing("Bad"))
    assert await enriched(sync, world) == "partial"
    assert {row.email for row in (await sync.store.contacts.list()).items if row.enrichment_data} == {"good@acme.com"}
    asked = len(world.requests_to("apollo"))
    assert await enriched(sync, world) == "completed"
    assert not [entry for entry in world.requests_to("apollo")[asked:] if "match" in entry]


def refusing(first_name: str) -> Any:
    """As ``save_contacts``, of a database that has no form for this name."""

    async def save(transaction: Transaction, rows: Iterable[ContactRow]) -> None:
        kept = list(rows)
        if any(row.first_name == first_name for row in kept):
            raise InvalidData("invalid_data", "A value has no form in the database.")
        await save_contacts(transaction, kept)

    return save


async def test_a_profile_nobody_may_see_stops_no_other(sync: SyncWorld, world: CrmWorld) -> None:
    page = '<script type="application/ld+json">{"@type": "Person", "name": "Ada Byron"}</script>'
    urls = [f"https://www.linkedin.com/in/{name}" for name in ("ada-byron", "hidden", "ada-too")]
    world.browserbase.pages = {url: WebPage(page) for url in urls}
    world.browserbase.pages[urls[1]] = WebPage(page, "https://www.linkedin.com/authwall?trk=x")
    client = world.client(
        BrowserbaseDialect(), PREFIXES["browserbase"], FixedAuthorization(key_headers("simulated-browserbase-key"))
    )
    terms = ScrapingTerms(accepted_by="ops@example.com", legal_basis="consent")
    counts = DailyCounts(sync.plain)
    scraper = LinkedInScraper(client, world.adapter, counts, terms=terms, project_id="simulated-project")
    engine = SyncEngine(sync.store, {"linkedin": LinkedInProvider(client)}, now=sync.now, scraper=scraper)
    filters = {"profile_urls": [*urls[:2], "https://example.com/ada", urls[2]]}
    run_id = await sync.store.runs.queue("linkedin", "enrich", trigger="manual", filters=filters, now=sync.now())
    assert await engine.run(run_id) == "partial"
    rows = (await sync.store.contacts.list()).items
    assert {row.linkedin_url for row in rows} == {urls[0], urls[2]}
    run = await sync.store.runs.get(run_id)
    assert run is not None
    assert run.errors == [{"code": "not_a_profile_url", "count": 1}, {"code": "profile_not_public", "count": 1}]
    assert run.contacts_failed == 2
