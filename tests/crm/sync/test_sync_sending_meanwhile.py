"""What a conversation led to is in the CRM soon, whatever else is under way."""

import pytest
from sync_world import SyncWorld

from crm.close import search
from crm.contact import ContactFields
from crm.http import Request, Response
from crm.sync.outbox import SETTLE_S
from simulators.close.provider import PREFIX

LEADS = 20
PAGES = LEADS // 2 + 1


async def listing_with_a_call(sync: SyncWorld, monkeypatch: pytest.MonkeyPatch) -> str:
    """A first import of many pages; while the second is fetched, somebody new calls, and others are entered by hand."""
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    for number in range(LEADS):
        sync.make(f"Company {number}", name=f"Ada Number{number}", email=f"ada{number}@example.com")
    pages = 0

    async def meanwhile(request: Request) -> None:
        nonlocal pages
        pages += "/data/search/" in request.url and b"results_limit" not in request.body
        if pages == 2:
            pages += 1
            for number in range(5):
                await sync.edits.create(ContactFields(email=f"by-hand{number}@example.com", first_name="Other"))
            caller = await sync.edits.create(ContactFields(email="caller@example.com", first_name="Caller"))
            await sync.converse(caller.id, "conv_1")

    sync.transport.meanwhile = meanwhile
    return await sync.poll()


def places(sync: SyncWorld, what: str) -> list[int]:
    method, path = what.split()
    wanted = f"{method} http://close{PREFIX}{path}"
    return [place for place, request in enumerate(sync.transport.requests) if request == wanted]


async def test_a_call_does_not_wait_for_the_end_of_a_listing(sync: SyncWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await listing_with_a_call(sync, monkeypatch) == "completed"
    calls, notes = places(sync, "POST /activity/call/"), places(sync, "POST /activity/note/")
    pages = places(sync, "POST /data/search/")
    assert len(calls) == len(notes) == 1
    assert max(calls + notes) < pages[5] < pages[PAGES - 1], "right after the page it came with"
    creations = places(sync, "POST /lead/")
    assert len(creations) == 6
    assert creations[1] > pages[PAGES - 1], "of contacts only the one that was waited for"


async def test_calls_that_are_not_permitted_end_no_listing(sync: SyncWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    original = sync.transport._answer

    async def answer(request: Request) -> Response:
        return Response(403, {}, b"{}") if "/activity/" in request.url else await original(request)

    sync.transport._answer = answer  # type: ignore[method-assign]
    assert await listing_with_a_call(sync, monkeypatch) == "partial"
    assert len(await sync.ours()) == LEADS + 6, "the listing and the contacts went on"
    assert len(sync.theirs()) == LEADS + 6
    assert len(places(sync, "POST /activity/call/")) == 1, "not at every page"
    (run,) = (await sync.store.runs.list()).items
    assert [entry["code"] for entry in run.errors] == ["not_permitted"]


async def test_a_caller_goes_before_a_long_export(sync: SyncWorld) -> None:
    await sync.poll()
    for number in range(120):
        await sync.edits.create(ContactFields(email=f"by-hand{number}@example.com", first_name="Other"))
    caller = await sync.edits.create(ContactFields(email="caller@example.com", first_name="Caller"))
    await sync.converse(caller.id, "conv_1")
    sync.transport.requests.clear()
    assert await sync.poll() == "completed"
    creations = places(sync, "POST /lead/")
    assert len(creations) == 121
    # Its contact leads the second batch of 50, and the call goes beside the third.
    assert max(places(sync, "POST /activity/call/")) < creations[115]


async def test_what_waits_for_a_contact_whose_creation_is_unsettled_is_not_asked_about_at_every_step(
    sync: SyncWorld,
) -> None:
    sync.transport.choose = lambda request: (
        "timeout_after" if request.method == "POST" and request.url.endswith("/lead/") else None
    )
    caller = await sync.edits.create(ContactFields(email="caller@example.com", first_name="Caller"))
    await sync.converse(caller.id, "conv_1")
    await sync.poll()
    assert not sync.close.store.activities
    sync.transport.choose = lambda request: None
    sync.pass_time(SETTLE_S + 1)
    assert await sync.poll() == "completed"
    assert len(sync.close.store.leads) == 1
    assert len(sync.close.store.activities) == 2
