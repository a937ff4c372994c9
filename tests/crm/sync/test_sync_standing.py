"""What an operator is told: what waits, for how long, and whether anybody works on it."""

from datetime import timedelta

from sync_world import SyncWorld
from test_sync_jobs import jobs_of

from crm.contact import ContactFields
from crm.sync.standing import OVERDUE_S, Standing, SyncHealth
from storage.postgres.database import Database
from storage.postgres.jobs import Jobs
from storage.postgres.named_query import Query
from storage.shared.circuit_breaker import CircuitBreaker

BEAT = Query("beat", "INSERT INTO procrastinate_workers DEFAULT VALUES")


def standing(sync: SyncWorld, database: Database) -> Standing:
    crm = jobs_of(sync, database).crm
    return Standing(sync.store, crm, CircuitBreaker(sync.state, clock=sync.clock), Jobs(database))


async def health(sync: SyncWorld, database: Database, *, later_s: float = 0.0) -> SyncHealth:
    return await standing(sync, database).health(now=sync.now() + timedelta(seconds=later_s))


async def test_that_nobody_works_is_a_problem(sync: SyncWorld, database: Database) -> None:
    told = await health(sync, database)
    assert (told.workers, told.health_status, told.problems) == (0, "degraded", ["no worker runs"])
    await database.execute(BEAT)
    told = await health(sync, database)
    assert (told.workers, told.health_status, told.problems) == (1, "healthy", [])


async def test_what_failed_says_what_to_do_about_it(sync: SyncWorld, database: Database) -> None:
    await database.execute(BEAT)
    sync.transport.choose = lambda request: "unauthorized"
    assert await sync.poll() == "failed"
    (problem,) = (told := await health(sync, database)).problems
    assert told.health_status == "unhealthy"
    assert problem.startswith("close: credentials_refused, ")
    assert "CLOSE_API_KEY" in problem
    sync.transport.choose = lambda request: None
    sync.pass_time(60)
    assert await sync.poll() == "completed"
    told = await health(sync, database)
    assert (told.health_status, told.problems) == ("degraded", ["1 of 2 syncs of the last 24 hours failed"])


async def test_changes_that_wait_for_long_are_a_problem_unless_somebody_is_at_work(
    sync: SyncWorld, database: Database
) -> None:
    await database.execute(BEAT)
    await sync.edits.create(ContactFields(email="ada@example.com"))
    assert (await health(sync, database, later_s=OVERDUE_S)).problems == []
    late_s = OVERDUE_S + 60
    assert (await health(sync, database, later_s=late_s)).problems == ["close: changes wait since 16 minutes"]
    told = await standing(sync, database).of("close", now=sync.now() + timedelta(seconds=late_s))
    assert (told.waiting_in, told.waiting_out, told.overdue_seconds) == (0, 1, late_s)
    await sync.store.state.take_lease("close", "somebody", 60)
    assert (await health(sync, database, later_s=late_s)).problems == []
    await sync.store.state.leave_lease("close", "somebody")
    await sync.poll()
    told = await standing(sync, database).of("close", now=sync.now())
    assert (told.waiting_out, told.overdue_seconds) == (0, 0.0)
