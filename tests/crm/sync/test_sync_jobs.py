"""Schedules, hints and what a dead worker left, as jobs."""

import asyncio
from datetime import timedelta
from typing import Any

import procrastinate
from procrastinate.testing import InMemoryConnector
from sync_world import SyncWorld

from crm.assembly import Crm
from crm.sync.jobs import CHANGES, RUN, STALE, WEBHOOKS, SyncJobs, SyncQueue
from storage.postgres.database import Database
from storage.postgres.jobs import Jobs
from storage.postgres.named_query import Query

DEAD_JOB = Query(
    "dead_job",
    "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id)"
    " INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id)"
    " SELECT 'default', %(task)s::text, %(task)s::text, 'doing', id FROM dead",
)
ALL_JOBS = Query("all_jobs", "SELECT id FROM procrastinate_jobs")
WAITING = Query("waiting", "SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")


def jobs_of(sync: SyncWorld, database: Database) -> SyncJobs:
    class Connected:
        async def get(self, platform: str) -> Any:
            return None

        async def rotate(self) -> int:
            return 0

    crm = Crm({"close": sync.provider}, None, None, Connected(), frozenset({"close"}))  # type: ignore[arg-type]
    jobs = Jobs(database)
    queue = SyncQueue(sync.store, jobs, sync.now)
    schedules = {"close": "0 */2 * * *", "apollo": "0 2 * * *"}
    return SyncJobs(sync.store, crm, queue, jobs, asyncio.Event(), sync.now, schedules)


async def waiting(database: Database) -> list[tuple[str, dict[str, Any]]]:
    return [(row["task_name"], row["args"]) for row in await database.fetch_all(WAITING)]


async def test_a_schedule_starts_one_sync_both_ways(sync: SyncWorld, database: Database) -> None:
    jobs = jobs_of(sync, database)
    await jobs.scheduled("close")
    await jobs.scheduled("close")
    (run,) = (await sync.store.runs.list()).items
    assert (run.operation, run.trigger, run.status) == ("bidirectional", "schedule", "queued")
    assert await waiting(database) == [(RUN, {"run_id": run.id})]
    await jobs.run(run.id)
    assert (await sync.store.runs.list()).items[0].status == "completed"


async def test_a_tick_takes_up_what_a_dead_worker_left(sync: SyncWorld, database: Database) -> None:
    jobs = jobs_of(sync, database)
    run_id = await sync.store.runs.queue("close", "import", trigger="manual", now=sync.now() - STALE)
    sync.pass_time(1)
    await jobs.tick(0)
    await jobs.tick(0)
    assert await waiting(database) == [(RUN, {"run_id": run_id})]


async def test_a_tick_looks_at_what_is_due(sync: SyncWorld, database: Database) -> None:
    jobs = jobs_of(sync, database)
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.deliver(sync.close.store.log.entries[-1])
    await jobs.tick(0)
    assert await waiting(database) == [(CHANGES, {"platform": "close"})]
    await jobs.changes("close")
    assert len(await sync.ours()) == 1


async def test_changes_wait_in_line_once_and_go_right_after_the_run_at_work(
    sync: SyncWorld, database: Database
) -> None:
    jobs = jobs_of(sync, database)
    await sync.store.state.take_lease("close", "somebody else", 60)
    first = asyncio.create_task(jobs.changes("close"))
    while "close" not in jobs.in_line:
        await asyncio.sleep(0.01)
    await jobs.changes("close")
    assert not first.done()
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.deliver(sync.close.store.log.entries[-1])
    await sync.store.state.leave_lease("close", "somebody else")
    async with asyncio.timeout(10):
        await first
    assert len(await sync.ours()) == 1
    assert len((await sync.store.runs.list()).items) == 1


async def test_the_tasks_are_registered_with_their_hours(sync: SyncWorld, database: Database) -> None:
    app = procrastinate.App(connector=InMemoryConnector())
    jobs_of(sync, database).register(app)
    crons = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert crons["crm_sync_scheduled_close"] == "0 */2 * * *"
    assert "crm_sync_scheduled_apollo" not in crons, "it is not set up here"
    assert {RUN, CHANGES} <= set(app.tasks)


async def test_old_runs_and_jobs_are_forgotten(sync: SyncWorld, database: Database) -> None:
    await sync.poll(trigger="change")
    sync.pass_time(timedelta(days=2).total_seconds())
    jobs = jobs_of(sync, database)
    await jobs._keep_house(sync.now())
    assert (await sync.store.runs.list()).items == ()


async def test_a_job_of_a_dead_worker_keeps_no_other_waiting(sync: SyncWorld, database: Database) -> None:
    """Its lock would be held for ever: nobody looked after the webhooks any more."""
    await database.execute(DEAD_JOB, task=WEBHOOKS)
    await jobs_of(sync, database)._keep_house(sync.now())
    assert await database.fetch_all(ALL_JOBS) == []
    assert await Jobs(database).workers() == 0
