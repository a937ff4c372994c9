"""Changes of different kinds and of different records go out side by side."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

from sync_world import SyncWorld, enter_note

from crm.contact import ContactFields
from crm.http import Request, Response
from crm.opportunity import OpportunityFields
from crm.sync.opportunities import OpportunityOrders


async def test_records_are_sent_side_by_side_but_those_of_one_lead_in_turn(sync: SyncWorld) -> None:
    lead, _ = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    for number in range(3):
        await sync.edits.create(ContactFields(first_name=f"Alone{number}", last_name="Else"))
        await sync.edits.create(ContactFields(first_name=f"Same{number}", last_name="Lead"), parent_id=lead)
    original = sync.transport._answer
    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()
    beside = asyncio.Event()

    async def slow(request: Request) -> Response:
        under_way[request.url] += 1
        most[request.url] = max(most[request.url], under_way[request.url])
        if under_way[request.url] > 1:
            beside.set()
        with suppress(TimeoutError):  # where one comes after the other, the first waits in vain
            await asyncio.wait_for(beside.wait(), 2.0 if request.url.endswith("/lead/") else 0.02)
        under_way[request.url] -= 1
        return await original(request)

    sync.transport._answer = slow  # type: ignore[method-assign]
    assert await sync.poll() == "completed"
    writes = {url.removeprefix("http://close/close/api/v1"): count for url, count in most.items()}
    assert writes["/lead/"] > 1
    assert writes["/contact/"] == 1
    assert len(sync.theirs()) == 7


async def test_a_full_limit_of_contacts_holds_up_no_call(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    (row,) = await sync.store.contacts.of_external_ids("close", [contact_id])
    await sync.edits.edit(row.id, {"title": "Countess"})
    payload: dict[str, Any] = {"contact_id": row.id, "outcome": "meeting", "data": {}}
    async with sync.store.database.transaction() as transaction:
        about: dict[str, Any] = {"conversation_id": "conv_1", "reference": "outcome:1", "payload": payload}
        await enter_note(transaction, **about, now=sync.now())
    sync.transport.choose = lambda request: "rate_limit" if "/contact/" in request.url else None
    assert await sync.poll() == "partial"
    assert len(sync.close.store.activities) == 1
    sync.transport.choose = lambda request: None
    sync.pass_time(60)
    assert await sync.poll() == "completed"
    assert sync.theirs()[contact_id].title == "Countess"


async def test_a_full_limit_of_one_kind_keeps_nothing_waiting_that_another_made_ready(sync: SyncWorld) -> None:
    """Deals cannot go out; a call that waits for its contact to be there goes right after it all the same."""
    known = await sync.edits.create(ContactFields(email="ada@example.com", first_name="Ada"))
    await sync.poll()
    await OpportunityOrders(sync.store).create(known, OpportunityFields(value_cents=1), now=sync.now())
    new = await sync.edits.create(ContactFields(email="grace@example.com", first_name="Grace"))
    await sync.converse(new.id, "conv_1")
    sync.transport.choose = lambda request: "rate_limit" if "/opportunity/" in request.url else None
    assert await sync.poll() == "partial"
    assert len(sync.close.store.activities) == 2
    assert not sync.close.store.opportunities


async def test_each_kind_has_a_batch_of_its_own(sync: SyncWorld) -> None:
    for number in range(3):
        await sync.edits.create(ContactFields(first_name=f"Number{number}", last_name="Waiting"))
    async with sync.plain.transaction() as transaction:
        for number in range(3):
            about = {"conversation_id": f"conv_{number}", "reference": f"note:{number}", "payload": {}}
            await enter_note(transaction, now=sync.now(), **about)
    due = await sync.store.outbox.due("close", ["contact", "note", "call"], now=sync.now(), rows=2)
    assert Counter(entry.kind for entry in due) == {"contact": 2, "note": 2}
    notes = await sync.store.outbox.due("close", ["note"], now=sync.now(), rows=5)
    assert [entry.subject for entry in notes] == ["conv_0", "conv_1", "conv_2"]


async def test_what_waits_for_somebody_who_was_given_up_is_looked_at_less_and_less(sync: SyncWorld) -> None:
    lost = await sync.edits.create(ContactFields(email="ada@example.com"), parent_id="lead_missing")
    await sync.converse(lost.id, "conv_1")
    await sync.poll()
    sync.pass_time(60)
    await sync.poll()
    assert (await sync.store.dead_letters.list(state="dead")).items
    sync.pass_time(86400)
    await sync.poll(trigger="change")
    coming = await sync.store.outbox.next_due("close", after=sync.now())
    assert coming is not None
    assert (coming - sync.now()).total_seconds() == 3600
