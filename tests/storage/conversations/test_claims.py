"""One holder a conversation: who claims it last."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.conversations.claims import NOTICE_S, Claims
from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord, ConversationStatus
from storage.errors import StorageError
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


async def begin(database: Database) -> str:
    record = ConversationRecord(id="conv_1", channel="phone", status="open", created_at=NOW, updated_at=NOW)
    await Conversations(database).create(record)
    return record.id


async def test_what_does_not_exist_cannot_be_claimed(database: Database) -> None:
    assert await Claims(database).take("nobody") is None


async def test_each_claim_has_the_next_number(database: Database) -> None:
    name = await begin(database)
    claims = [await Claims(database).take(name) for _ in range(3)]
    assert [claim.fence for claim in claims if claim] == [1, 2, 3]


async def test_the_holder_before_is_told_and_waited_for(database: Database) -> None:
    name = await begin(database)
    old, new = Claims(database), Claims(database)
    with old.holding(name, 0) as lost:
        await old.look()
        assert not lost.is_set()
        claim = await new.take(name)
        assert claim is not None
        waiting = asyncio.create_task(new.departure(claim))
        await old.look()
        assert lost.is_set()
        await asyncio.sleep(NOTICE_S + 0.3)
        assert not waiting.done(), "it noticed: its last words are waited for"
        await old.release(name, 0)
        async with asyncio.timeout(1.0):
            await waiting


async def test_a_dead_one_is_not_waited_for_long(database: Database) -> None:
    name = await begin(database)
    claim = await Claims(database).take(name)
    assert claim is not None
    async with asyncio.timeout(NOTICE_S + 1.0):
        await Claims(database).departure(claim)


async def test_one_that_ended_not_at_all(database: Database) -> None:
    name = await begin(database)
    await Conversations(database).end(name, "closed", now=NOW)
    claim = await Claims(database).take(name)
    assert claim is not None
    assert not claim.was_held


async def test_an_outage_of_many_looks_is_two_lines(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("storage.conversations.claims.LOOK_EVERY_S", 0.001)
    claims, looks = Claims(database), []

    async def look() -> None:
        looks.append(None)
        if len(looks) < 20:
            raise StorageError("database_unavailable", "There is no connection to the database.")
        if len(looks) == 30:
            raise asyncio.CancelledError

    monkeypatch.setattr(claims, "look", look)
    with claims.holding("conv_1", 0), pytest.raises(asyncio.CancelledError):
        await claims.keep()
    assert [record.getMessage() for record in caplog.records] == [
        "cannot see which conversations were continued elsewhere: database_unavailable",
        "which conversations were continued elsewhere is seen again",
    ]


@pytest.mark.parametrize(("fence", "status"), [(0, "open"), (1, "dropped"), (None, "dropped")])
async def test_only_the_holder_changes_the_conversation(
    database: Database, fence: int | None, status: ConversationStatus
) -> None:
    name = await begin(database)
    await Claims(database).take(name)
    async with ConversationLog(database) as log:
        log.status(name, "dropped", now=NOW + timedelta(seconds=1), fence=fence)
        assert await log.flush(name, 5.0)
    record = await Conversations(database).get(name)
    assert record is not None
    assert record.status == status
