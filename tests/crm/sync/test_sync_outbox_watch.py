"""The sync is woken for what anybody puts into the outbox, when it is committed and when its time comes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sync_world import enter_note

from crm.sync.jobs import CHANGES, SyncQueue
from crm.sync.outbox_watch import OutboxWatch
from crm.sync.store import SyncStore, sync_store
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database, Transaction
from storage.postgres.jobs import Jobs
from storage.postgres.named_query import Query

WOKEN = Query("woken", "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %(task)s")
TAKE = Query("take", "DELETE FROM procrastinate_jobs")
CUT = Query("cut", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %(name)s")
LISTENERS = Query("listeners", "SELECT count(*) FROM pg_stat_activity WHERE application_name = %(name)s")
NAME = "sales-agent-listener"


@pytest.fixture
async def watched(database: Database) -> AsyncIterator[SyncStore]:
    store = sync_store(database)
    watch = OutboxWatch(store, SyncQueue(store, Jobs(database), utc_now), ["close"], utc_now, anew_s=0.05)
    task = asyncio.create_task(watch.run())
    await listens(database)
    yield store
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def listens(database: Database) -> None:
    async with asyncio.timeout(10):
        while not await database.fetch_value(LISTENERS, name=NAME):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # from connected to listening


async def enter(transaction: Transaction, reference: str, *, platform: str = "close", in_s: float = 0.0) -> None:
    due_at = utc_now() + timedelta(seconds=in_s)
    about: dict[str, Any] = {"conversation_id": "conv_1", "reference": reference, "payload": {}, "now": due_at}
    await enter_note(transaction, platform=platform, **about)


async def woken(database: Database, within_s: float) -> bool:
    """Whether a job waits; it is taken away."""
    try:
        async with asyncio.timeout(within_s):
            while not await database.fetch_value(WOKEN, task=CHANGES):
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    await database.execute(TAKE)
    return True


async def test_it_is_woken_at_the_commit_and_not_before(database: Database, watched: SyncStore) -> None:
    async with database.transaction() as transaction:
        await enter(transaction, "a")
        assert not await woken(database, 0.4)
    assert await woken(database, 5)
    assert not await woken(database, 0.4), "what cannot be sent is no reason to be woken again"


async def test_what_is_for_later_wakes_later(database: Database, watched: SyncStore) -> None:
    async with database.transaction() as transaction:
        await enter(transaction, "a", in_s=1.0)
    assert not await woken(database, 0.5)
    assert await woken(database, 5)


async def test_what_goes_nowhere_wakes_nobody(database: Database, watched: SyncStore) -> None:
    async with database.transaction() as transaction:
        await enter(transaction, "a", platform="apollo")
    assert not await woken(database, 0.5)


async def test_after_a_lost_connection_what_came_meanwhile_is_found(database: Database, watched: SyncStore) -> None:
    await database.fetch_all(CUT, name=NAME)
    async with database.transaction() as transaction:
        await enter(transaction, "a")
    assert await woken(database, 5)
    await listens(database)
    async with database.transaction() as transaction:
        await enter(transaction, "b")
    assert await woken(database, 5)
