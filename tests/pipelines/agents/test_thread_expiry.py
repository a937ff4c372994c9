"""Threads that nobody goes on with end after their time; those that are young, or being run, stay."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from agent_world import AgentWorld, running_agents
from fake_calendar import NOON, FakeCalendar
from langgraph.checkpoint.base.id import uuid6

from pipelines.agents.errors import AgentError
from pipelines.agents.thread_expiry import expire_threads
from storage.agents.runs import AgentRuns, RunClaim
from storage.agents.threads import AgentThreads, Looked, first_id_at
from storage.postgres.database import Database
from storage.postgres.named_query import Query

LEAD = {"lead": {"company_name": "Acme", "notes": "They need better follow-up."}}
LEFT = Query(
    "left",
    """
    SELECT (SELECT count(DISTINCT thread_id) FROM checkpoints) AS checkpoints,
        (SELECT count(DISTINCT thread_id) FROM checkpoint_blobs) AS blobs,
        (SELECT count(DISTINCT thread_id) FROM checkpoint_writes) AS writes,
        (SELECT count(*) FROM agent_runs) AS claims
    """,
)


def now() -> datetime:
    return datetime.now(UTC)


async def asked(world: AgentWorld, *names: str) -> None:
    """Threads that wait for a person."""
    for name in names:
        assert (await world.agents.invoke("bdr", LEAD, thread_id=name)).status == "interrupted"


async def left(database: Database) -> tuple[int, ...]:
    row = await database.fetch_one(LEFT)
    assert row is not None
    return tuple(row)


def test_ids_stand_in_the_order_of_their_times() -> None:
    before = now() - timedelta(milliseconds=2)
    made = str(uuid6())
    after = now() + timedelta(milliseconds=2)
    assert first_id_at(before) < made < first_id_at(after)


async def test_the_old_go_in_small_batches_and_the_young_stay(database: Database) -> None:
    threads = AgentThreads(database)
    async with running_agents(database, calendar=FakeCalendar(), now=lambda: NOON) as world:
        await asked(world, "a", "c", "e", "g", "i")
        moment = now()
        await asked(world, "b", "d")
        later = moment + timedelta(days=30)
        task = asyncio.create_task(
            expire_threads(threads, timedelta(days=30), lambda: later, first_s=0, every_s=60, at_once=2, pause_s=0)
        )
        async with asyncio.timeout(10):
            while (await left(database))[0] > 2:
                await asyncio.sleep(0.02)
        task.cancel()
        assert await left(database) == (2, 2, 2, 0)
        with pytest.raises(AgentError) as gone:
            await world.agents.resume("bdr", "a", "yes")
        assert gone.value.code == "thread_not_found"
        assert (await world.agents.resume("bdr", "b", "yes")).status == "completed"


async def test_one_that_is_being_run_stays_however_old(database: Database) -> None:
    threads, runs = AgentThreads(database), AgentRuns(database)
    async with running_agents(database, calendar=FakeCalendar(), now=lambda: NOON) as world:
        await asked(world, "a", "b")
        run = RunClaim(thread_id="a", execution_id="e", agent="bdr", holder="another process", started_at=now())
        assert (await runs.claim(run))[0]
        assert await threads.drop_unused(since=now()) == Looked(dropped=1, last=None)
        assert await left(database) == (1, 1, 1, 1)
        await runs.release(run)
        assert (await world.agents.resume("bdr", "a", "yes")).status == "completed"


async def test_a_database_without_any_thread_has_none_to_drop(database: Database) -> None:
    assert await AgentThreads(database).drop_unused(since=now()) == Looked(dropped=0, last=None)
