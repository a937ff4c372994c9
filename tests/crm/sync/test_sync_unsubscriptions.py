"""Who unsubscribes is told to Close once, whatever dies when, and heard of from there."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sync_world import SyncWorld

from crm.close import changes
from crm.close.records import Event
from crm.contact import ContactFields
from storage import email_address
from storage.campaigns.sending import CampaignSending
from storage.postgres.database import Database
from storage.postgres.named_query import Query

ADDRESS = "ann@one.test"
HASH = email_address.hashed(ADDRESS)
SUPPRESSED = Query("suppressed", "SELECT address_hash, reason FROM mail_suppressions")


@pytest.fixture
async def ann(sync: SyncWorld) -> SyncWorld:
    """She is on both sides."""
    sync.make("One", name="Ann One", email=ADDRESS)
    await sync.poll()
    return sync


async def unsubscribe(world: SyncWorld) -> None:
    """By the link in a message that is gone."""
    await CampaignSending(world.plain).unsubscribe(uuid4(), HASH, "close", now=world.now())


def told(world: SyncWorld) -> list[str]:
    return [request for request in world.transport.requests if "/unsubscribe/" in request]


def marks(world: SyncWorld) -> list[bool]:
    return [entry["is_unsubscribed"] for person in world.close.store.contacts.values() for entry in person["emails"]]


async def test_an_unsubscription_here_is_told_there_once(ann: SyncWorld) -> None:
    for _ in range(2):
        await unsubscribe(ann)
        for _ in range(2):
            ann.pass_time(3600)
            assert await ann.poll() == "completed"
    assert marks(ann) == [True]
    assert len(told(ann)) == 1


async def test_an_address_beside_the_first_is_told_by_itself(sync: SyncWorld) -> None:
    sync.make("One", name="Ann One", email="first@example.com", further=ADDRESS)
    await sync.poll()
    await unsubscribe(sync)
    sync.pass_time(3600)
    assert await sync.poll() == "completed"
    assert marks(sync) == [False, True]


async def test_a_process_that_is_killed_at_any_write_tells_it(ann: SyncWorld) -> None:
    await unsubscribe(ann)
    for kills in range(40):
        if not await ann.poll_killed(kills):
            break
        ann.pass_time(120)
    assert marks(ann) == [True]
    assert [event["action"] for event in events(ann)] == ["created"]
    assert kills > 3, "there were moments to be killed at"


@pytest.mark.parametrize("fault", ["timeout_after", "timeout_before", "rate_limit", "server_error"])
async def test_without_an_answer_it_is_told_again(ann: SyncWorld, fault: Any) -> None:
    await unsubscribe(ann)
    ann.transport.choose = lambda request: fault if "/unsubscribe/" in request.url else None
    await ann.poll()
    ann.transport.choose = lambda request: None
    ann.pass_time(3600)
    assert await ann.poll() == "completed"
    assert marks(ann) == [True]
    assert await ann.waiting_out() == 0


async def test_of_nobody_who_is_known_nothing_is_told(sync: SyncWorld) -> None:
    await unsubscribe(sync)
    assert await sync.poll() == "completed"
    assert told(sync) == []
    assert await sync.outbox_states() == {"skipped": 1}


async def test_who_is_not_there_yet_is_told_of_all_the_same(sync: SyncWorld) -> None:
    await sync.edits.create(ContactFields(first_name="Ann", email=ADDRESS))
    await unsubscribe(sync)
    await sync.poll()
    sync.pass_time(60)
    await sync.poll()
    assert marks(sync) == [True]


async def test_an_unsubscription_there_is_heard_of_and_not_told_back(ann: SyncWorld, database: Database) -> None:
    ann.close.mail.unsubscribe({"email": ADDRESS})
    ann.transport.requests.clear()
    await ann.poll()
    rows = await database.fetch_all(SUPPRESSED)
    assert [tuple(row) for row in rows] == [(HASH, "unsubscribed")]
    ann.close.mail.resubscribe(ADDRESS)
    await ann.poll()
    assert len(await database.fetch_all(SUPPRESSED)) == 1, "who wants messages again says so to a person"
    assert told(ann) == []


async def test_a_delivery_tells_of_it_too(ann: SyncWorld, database: Database) -> None:
    ann.close.mail.unsubscribe({"email": ADDRESS.upper()})
    (event,) = events(ann)
    await ann.deliver(event)
    await ann.poll(trigger="change")
    assert len(await database.fetch_all(SUPPRESSED)) == 1


@pytest.mark.parametrize("data", [None, {}, {"email": "nonsense"}, {"email": 7}])
def test_what_an_event_does_not_tell_is_left(data: Any) -> None:
    about = {"id": "ev", "object_type": "unsubscribed_email", "object_id": "x", "action": "created"}
    assert changes.change(Event(**about, date_updated=datetime(2026, 1, 1, tzinfo=UTC), data=data)) is None


def events(world: SyncWorld) -> list[dict[str, Any]]:
    return [event for event in world.close.store.log.entries if event["object_type"] == "unsubscribed_email"]
