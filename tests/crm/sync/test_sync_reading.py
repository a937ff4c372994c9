"""A record that cannot be read stalls no other, and is given up on in the end."""

from typing import Any

import msgspec
from sync_world import SyncWorld

from crm.http import Request, Response
from crm.sync import dead_letters
from crm.sync.outbox import MOST_ATTEMPTS


def spoil(sync: SyncWorld, lead_id: str) -> None:
    """From here on Close shows this lead in a form nobody documented."""
    original = sync.transport._answer

    async def answer(request: Request) -> Response:
        response = await original(request)
        if lead_id.encode() not in response.body or "/event/" in request.url:
            return response
        body: dict[str, Any] = msgspec.json.decode(response.body)
        for row in body.get("data", [body]):
            if row["id"] == lead_id:
                row["contacts"] = "none of your business"
        return Response(response.status, response.headers, msgspec.json.encode(body))

    sync.transport._answer = answer  # type: ignore[method-assign]


async def test_a_record_of_another_form_stalls_no_other(sync: SyncWorld) -> None:
    bad, _ = sync.make("Bad", name="Bad Record", email="bad@example.com")
    _, good = sync.make("Good", name="Ada Byron", email="ada@example.com")
    spoil(sync, bad)
    assert await sync.poll() == "partial"
    assert set(await sync.ours()) == {good}
    sync.pass_time(5)
    sync.change(good, title="Countess")
    await sync.poll()
    assert (await sync.ours())[good]["title"] == "Countess"
    for _ in range(MOST_ATTEMPTS):
        sync.pass_time(3700)
        await sync.poll()
    (letter,) = (await sync.store.dead_letters.list(state="dead")).items
    assert (letter.reason, letter.payload) == ("unexpected_answer", {"inbox": "parent", "external_id": bad})
    assert await sync.poll() == "completed", "it is asked about no more"


async def test_a_record_the_crm_stumbles_over_stalls_no_other(sync: SyncWorld) -> None:
    bad, contact_id = sync.make("Bad", name="Bad Record", email="bad@example.com")
    other, good = sync.make("Good", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    sync.pass_time(120)
    for lead in (bad, other):
        sync.close.store.update_lead(lead, {"name": "Renamed"})
    sync.transport.choose = lambda request: "server_error" if f"/lead/{bad}" in request.url else None
    assert await sync.poll() == "partial"
    assert (await sync.ours())[good]["company"] == "Renamed"
    sync.transport.choose = lambda request: None
    sync.pass_time(60)
    assert await sync.poll() == "completed"
    assert (await sync.ours())[contact_id]["company"] == "Renamed"


async def test_a_record_given_up_on_is_read_when_it_is_replayed(sync: SyncWorld) -> None:
    bad, contact_id = sync.make("Bad", name="Bad Record", email="bad@example.com")
    original = sync.transport._answer
    spoil(sync, bad)
    for _ in range(MOST_ATTEMPTS + 1):
        await sync.poll()
        sync.pass_time(3700)
    (letter,) = (await sync.store.dead_letters.list(state="dead")).items
    sync.transport._answer = original  # type: ignore[method-assign]
    assert await dead_letters.replay(sync.store, letter.key, now=sync.now())
    assert await sync.poll() == "completed"
    assert set(await sync.ours()) == {contact_id}


async def late_index(sync: SyncWorld) -> None:
    """From here on Close's search shows what it shows now."""
    original = sync.transport._answer
    kept: dict[bytes, Response] = {}

    async def answer(request: Request) -> Response:
        if "/data/search/" not in request.url:
            return await original(request)
        if request.body not in kept:
            kept[request.body] = await original(request)
        return kept[request.body]

    sync.transport._answer = answer  # type: ignore[method-assign]
    sync.close.store.begin_request()
    await sync.provider.list_contacts()


async def test_somebody_a_late_listing_still_shows_stays_deleted(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    await late_index(sync)
    sync.close.store.begin_request()
    sync.close.store.delete_contact(contact_id)
    await sync.poll()
    assert await sync.ours() == {}
    assert await sync.poll(mode="full") == "completed"
    assert await sync.ours() == {}


async def test_a_company_is_what_its_lead_is_called_and_not_what_a_late_listing_says(sync: SyncWorld) -> None:
    """A lead's new name dates none of its contacts."""
    lead, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    await late_index(sync)
    sync.close.store.begin_request()
    sync.close.store.update_lead(lead, {"name": "Analytical Engines"})
    await sync.poll()
    assert await sync.poll(mode="full") == "completed"
    assert (await sync.ours())[contact_id]["company"] == "Analytical Engines"


async def test_a_deal_a_late_listing_still_shows_stays_deleted(sync: SyncWorld) -> None:
    lead, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    deal = sync.close.store.create_opportunity({"lead_id": lead, "value": 1})
    await sync.poll()
    await late_index(sync)
    sync.close.store.begin_request()
    sync.close.store.delete_opportunity(deal["id"])
    await sync.poll()
    assert await sync.poll(mode="full") == "completed"
    assert (await sync.store.opportunities.list()).items == ()
