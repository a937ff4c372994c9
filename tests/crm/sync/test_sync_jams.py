"""What a listing or the feed would meet again at the same place in every run stops nothing else, and somebody is
told."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sync_world import Killed, SyncWorld, expire_lease

from crm.close import search
from crm.close.provided import change_feed
from crm.contact import ContactFields
from crm.errors import BadAnswer, ProviderUnavailable
from crm.http import Request, Response
from crm.sync import dead_letters

SearchPage = dict[str, Any]


def answering(sync: SyncWorld, change: Callable[[Request, Any], None]) -> None:
    """From here on Close's answers are changed before they arrive; ``change`` may raise instead."""
    original = sync.transport._answer

    async def answer(request: Request) -> Response:
        response = await original(request)
        body = msgspec.json.decode(response.body)
        change(request, body)
        return Response(response.status, response.headers, msgspec.json.encode(body))

    sync.transport._answer = answer  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "failure",
    [
        BadAnswer("answer_too_large", "too much", outcome="unknown"),
        ProviderUnavailable("provider_error", "the provider answered 500", status=500, outcome="unknown"),
    ],
    ids=lambda failure: str(failure.code),
)
async def test_a_page_that_cannot_be_had_is_read_record_by_record(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    made = [sync.make(f"Company {number}", name=f"Ada Number{number}") for number in range(5)]
    bad, _ = made[1]

    def fail(request: Request, body: SearchPage) -> None:
        if "/data/search/" in request.url and any(row["id"] == bad and "contacts" in row for row in body["data"]):
            raise failure
        if f"/lead/{bad}/" in request.url:
            raise failure

    answering(sync, fail)
    assert await sync.poll() == "partial"
    assert set(await sync.ours()) == {contact_id for lead, contact_id in made if lead != bad}
    for _ in range(10):
        sync.pass_time(3700)
        await sync.poll()
    (letter,) = (await sync.store.dead_letters.list(state="dead")).items
    assert letter.payload == {"inbox": "parent", "external_id": bad}
    assert (await sync.store.state.get("close")).listing_id is None


async def test_a_value_the_database_never_takes_stops_no_other(sync: SyncWorld) -> None:
    bad, _ = sync.make("Bad", name="Bad Deal")
    sync.close.store.create_opportunity({"lead_id": bad, "value": 10**30})
    _, good = sync.make("Good", name="Ada\0Byron", title="Count\0ess")
    assert await sync.poll() == "partial"
    ours = await sync.ours()
    assert set(ours) == {good}
    assert (ours[good]["last_name"], ours[good]["title"]) == ("Byron", "Count ess")
    (letter,) = (await sync.store.dead_letters.list(state="dead")).items
    assert (letter.reason, letter.payload) == ("record_unstorable", {"inbox": "parent", "external_id": bad})
    assert (await sync.store.state.get("close")).listing_id is None


async def test_a_row_without_its_time_is_read_by_itself(sync: SyncWorld) -> None:
    lead, contact_id = sync.make("Acme", name="Ada Byron")

    def timeless(request: Request, body: SearchPage) -> None:
        if "/data/search/" in request.url:
            for row in body["data"]:
                if row["id"] == lead:
                    row["date_updated"] = "0001-01-01T00:00:00+09:00"

    answering(sync, timeless)
    await sync.poll()
    assert set(await sync.ours()) == {contact_id}
    assert (await sync.store.state.get("close")).listing_id is None


async def test_a_listing_that_fails_keeps_neither_the_feed_nor_the_outbox_waiting(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    sync.transport.choose = lambda request: "server_error" if "/data/search/" in request.url else None
    await sync.edits.create(ContactFields(first_name="Grace", last_name="Hopper"))
    assert await sync.poll() == "failed"
    assert contact_id in await sync.ours(), "the feed told of it"
    assert "Grace" in {fields.first_name for fields in sync.theirs().values()}
    sync.transport.choose = lambda request: None
    sync.pass_time(60)
    assert await sync.poll() == "completed"


async def test_a_platform_that_lets_nobody_in_is_asked_no_further(sync: SyncWorld) -> None:
    sync.transport.choose = lambda request: "server_error" if "/me/" in request.url else None
    assert await sync.poll() == "failed"
    assert {request for request in sync.transport.requests if "/me/" not in request} == set()


async def test_a_second_with_too_many_changes_is_passed_and_somebody_is_told(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    monkeypatch.setattr(search, "MOST_RESULTS", 4)
    sync.options(search_cap=4)
    made_at = sync.now().replace(microsecond=0)
    for number in range(6):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    sync.pass_time(10)
    _, later = sync.make("Later", name="Grace Hopper")
    sync.pass_time(3700)  # the feed begins after all of them
    assert await sync.poll() == "completed"
    assert len(await sync.ours()) == 5
    assert later in await sync.ours()
    (letter,) = (await sync.store.dead_letters.list(state="dead")).items
    assert letter.reason == "listing_incomplete"
    assert letter.payload["listing"] == made_at.isoformat()
    sync.options(search_cap=100)
    assert await dead_letters.replay(sync.store, letter.key, now=sync.now())
    await sync.poll()
    assert len(await sync.ours()) == 7


async def test_a_second_listing_is_asked_for_while_one_runs(sync: SyncWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    for number in range(6):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    sync.pass_time(3700)
    async with sync.store.database.transaction() as transaction:
        key = await dead_letters.bury_listing(transaction, "close", sync.now(), now=sync.now())

    async def replay(request: Request) -> None:
        if sync.transport.requests.count("POST http://close/close/api/v1/data/search/") == 2:
            await dead_letters.replay(sync.store, key, now=sync.now())

    sync.transport.meanwhile = replay
    await sync.poll()
    sync.transport.meanwhile = None
    assert (await sync.store.dead_letters.list(state="dead")).items == ()
    sync.transport.requests.clear()
    sync.pass_time(60)
    await sync.poll()
    assert [request for request in sync.transport.requests if "/data/search/" in request], "it is listed anew"
    sync.transport.requests.clear()
    await sync.poll()
    assert not [request for request in sync.transport.requests if "/data/search/" in request], "once"


async def test_a_comparison_that_is_asked_for_begins_anew_and_goes_on_when_it_is_cut_off(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    for number in range(6):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    assert await sync.poll_killed(12), "in the middle of the first listing"
    begun = (await sync.store.state.get("close")).listing_id
    assert begun is not None
    sync.pass_time(60)
    run_id = await sync.store.runs.queue("close", "import", trigger="manual", now=sync.now(), mode="full")
    listings = []
    for _ in range(2):
        sync.pass_time(60)
        sync.switch.arm(12)
        with pytest.raises(Killed):
            await sync.engine.run(run_id)
        sync.restart()
        await expire_lease(sync.plain)
        listings.append((await sync.store.state.get("close")).listing_id)
    assert begun != listings[0] == listings[1]


@pytest.mark.parametrize("other_events", [0, 7])
async def test_an_event_that_cannot_be_had_is_made_up_for(sync: SyncWorld, other_events: int) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron")
    await sync.poll()
    sync.pass_time(3700)
    _, other = sync.make("Large", name="Large Record")
    too_large = sync.close.store.log.entries[-1]["id"]
    for number in range(other_events):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    sync.change(contact_id, title="Countess")

    def fail(request: Request, body: Any) -> None:
        if "/event/" in request.url and any(event["id"] == too_large for event in body["data"]):
            raise BadAnswer("answer_too_large", "too much", outcome="unknown")

    answering(sync, fail)
    assert await sync.poll() == "partial"
    (run, _) = (await sync.store.runs.list()).items
    assert [entry["code"] for entry in run.errors] == ["changes_unreadable"]
    assert (await sync.ours())[contact_id]["title"] == "Countess"
    assert other in await sync.ours()
    sync.pass_time(3700)
    await sync.poll()  # the feed began a little before that listing, and so before the event
    sync.pass_time(3700)
    sync.change(contact_id, title="Programmer")
    sync.transport.requests.clear()
    assert await sync.poll() == "completed"
    assert (await sync.ours())[contact_id]["title"] == "Programmer"
    assert not [request for request in sync.transport.requests if "/data/search/" in request], "by the feed alone"


async def test_more_events_than_can_be_read_keep_nothing_from_being_sent(
    sync: SyncWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands were put into Close just before, as by an import there."""
    monkeypatch.setattr(change_feed, "MOST_EVENT_PAGES", 1)
    for number in range(30):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    await sync.edits.create(ContactFields(email="ada@example.com"))
    assert await sync.poll() == "partial"
    (run,) = (await sync.store.runs.list()).items
    assert [entry["code"] for entry in run.errors] == ["changes_expired"]
    assert len(await sync.ours()) == len(sync.theirs()) == 31
    sync.pass_time(3700)
    assert await sync.poll() == "completed"


async def test_a_page_of_events_that_is_too_large_is_had_in_pieces(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron")
    await sync.poll()
    sync.pass_time(3700)
    for number in range(30):
        sync.make(f"Company {number}", name=f"Ada Number{number}")
    sync.change(contact_id, title="Countess")

    def fail(request: Request, body: Any) -> None:
        if "/event/" in request.url and len(body["data"]) > 15:
            raise BadAnswer("answer_too_large", "too much", outcome="unknown")

    answering(sync, fail)
    assert await sync.poll() == "completed"
    assert len(await sync.ours()) == 31
    assert (await sync.ours())[contact_id]["title"] == "Countess"


async def test_an_event_of_another_form_still_says_which_record_changed(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron")
    await sync.poll()
    sync.pass_time(120)
    sync.change(contact_id, title="Countess")

    def other_form(request: Request, body: Any) -> None:
        if "/event/" in request.url:
            for event in body["data"]:
                event |= {"changed_fields": "all", "meta": None}

    answering(sync, other_form)
    assert await sync.poll() == "completed"
    assert (await sync.ours())[contact_id]["title"] == "Countess"
