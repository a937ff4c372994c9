"""Conversations of processes that died."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.conversations.conversations import Conversations
from storage.conversations.presence import Presence
from storage.conversations.records import ConversationRecord, ItemRecord
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database
from storage.postgres.named_query import Query

SILENCE_S = 30.0
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=2)
AGE = Query("age", "UPDATE conversation_presence SET seen_at = %(at)s WHERE conversation_id = %(id)s")

SPOKEN_FOR = Query("spoken_for", "SELECT count(*) FROM conversation_presence WHERE conversation_id = %(id)s")
END = Query("end", "UPDATE conversations SET status = 'closed' WHERE id = %(id)s")


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


@pytest.fixture
def presence(database: Database) -> Presence:
    return Presence(database, silence_s=SILENCE_S)


async def begin(conversations, name, at=LONG_AGO, status="open"):
    ended_at = None if status == "open" else at
    record = ConversationRecord(
        id=name, channel="phone", status=status, created_at=at, updated_at=at, ended_at=ended_at
    )
    await conversations.create(record)


async def test_what_nobody_speaks_for_is_dropped_and_ended_when_it_was_last_heard_of(database, conversations, presence):
    for name in ("dead", "seen once", "held", "elsewhere"):
        await begin(conversations, name)
    await begin(conversations, "new", at=datetime.now(UTC))
    await begin(conversations, "closed", status="closed")
    other = Presence(database, silence_s=SILENCE_S)
    seen_at = LONG_AGO + timedelta(minutes=5)
    with presence.holding("seen once"):
        await presence.beat()
    await database.execute(AGE, id="seen once", at=seen_at)
    with presence.holding("held"), other.holding("elsewhere"):
        await presence.beat()
        await other.beat()
        assert sum(await asyncio.gather(presence.sweep(), other.sweep(), presence.sweep())) == 2
    statuses = {
        name: await conversations.get(name) for name in ("dead", "seen once", "held", "elsewhere", "new", "closed")
    }
    assert {name: record.status for name, record in statuses.items()} == {
        "dead": "dropped",
        "seen once": "dropped",
        "held": "open",
        "elsewhere": "open",
        "new": "open",
        "closed": "closed",
    }
    assert statuses["dead"].ended_at == LONG_AGO
    assert statuses["seen once"].ended_at == seen_at


async def test_what_was_under_way_in_a_dropped_one_is_incomplete(database, conversations, presence):
    for name in ("dead", "alive"):
        await begin(conversations, name)
        async with ConversationLog(database) as log:
            for position, status in enumerate(("completed", "in_progress"), 1):
                item_id, at = f"{name} {position}", LONG_AGO
                log.item(name, ItemRecord(id=item_id, position=position, status=status, created_at=at, updated_at=at))
            assert await log.flush(name, 10)
    with presence.holding("alive"):
        await presence.beat()
        assert await presence.sweep() == 1
    statuses = {name: [item.status for item in (await conversations.load(name)).items] for name in ("dead", "alive")}
    assert statuses == {"dead": ["completed", "incomplete"], "alive": ["completed", "in_progress"]}


async def test_one_that_is_continued_is_open_again(conversations, presence):
    await begin(conversations, "conv_1")
    assert await presence.sweep() == 1
    await conversations.resume("conv_1", latest=9, now=datetime.now(UTC))
    assert await presence.sweep() == 0
    assert (await conversations.get("conv_1")).status == "open"


async def test_a_conversation_that_changes_hands_within_a_process_stays_held(database, conversations, presence):
    await begin(conversations, "conv_1")
    with presence.holding("conv_1"):
        with presence.holding("conv_1"):
            pass
        await presence.beat()
    assert await presence.sweep() == 0


async def test_the_task_beats_at_once_and_sweeps_only_after_a_while(database, conversations):
    await begin(conversations, "dead")
    await begin(conversations, "held")
    presence = Presence(database, beat_every_s=0.02, silence_s=0.5)
    with presence.holding("held"):
        task = asyncio.create_task(presence.keep())
        try:
            await asyncio.sleep(0.25)
            assert (await conversations.get("dead")).status == "open"

            async def is_dropped() -> bool:
                return (await conversations.get("dead")).status == "dropped"

            async with asyncio.timeout(10):
                while not await is_dropped():
                    await asyncio.sleep(0.02)
            assert (await conversations.get("held")).status == "open"
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_one_that_begins_by_a_clock_that_is_behind_is_spoken_for_at_once(database, conversations, presence):
    """To the others it looks as silent as a dead one; the next round is seconds away."""
    other = Presence(database, silence_s=SILENCE_S)
    task = asyncio.create_task(presence.keep())
    try:
        await asyncio.sleep(0.2)
        for name in ("first", "second"):
            await begin(conversations, name)
            with presence.holding(name):
                async with asyncio.timeout(5):
                    while not await database.fetch_value(SPOKEN_FOR, id=name):
                        await asyncio.sleep(0.02)
                assert await other.sweep() == 0
            await database.execute(END, id=name)
    finally:
        task.cancel()
        await asyncio.wait([task])
