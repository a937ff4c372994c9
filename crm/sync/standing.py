"""How the syncs stand: what each platform did last and what waits, and whether all of it works."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from crm.advice import told
from crm.assembly import Crm
from crm.sync.store import SyncStore
from storage.crm.sync_runs import RunStatus, SyncRun
from storage.postgres.jobs import Jobs
from storage.shared.circuit_breaker import CircuitBreaker

OVERDUE_S = 900.0
"""What has waited for longer, while nobody was at work, is waited for in vain."""
HealthStatus = Literal["healthy", "degraded", "unhealthy"]


class SyncError(Struct, frozen=True):
    """What went wrong, and how often."""

    code: str
    count: int


class RunningSync(Struct, frozen=True):
    """A sync at work. `total` is unknown (null) the first time."""

    id: str
    phase: str
    contacts_processed: int
    total: int | None
    started_at: datetime | None


class PlatformStatus(Struct, frozen=True, kw_only=True):
    """The figures are of the last sync; `waiting_in` and `waiting_out` are changes not yet read or sent, and
    `overdue_seconds` how long the first of those whose time has come has waited. `webhook` is `active`, or the code of
    what keeps the platform from telling us at once; null: it is not asked to."""

    platform: str
    connected: bool
    status: RunStatus | Literal["never"]
    last_sync_at: datetime | None
    contacts_processed: int
    contacts_created: int
    contacts_updated: int
    contacts_failed: int
    duration_seconds: float | None
    errors: list[SyncError]
    running: RunningSync | None
    waiting_in: int
    waiting_out: int
    overdue_seconds: float
    open_conflicts: int
    dead_letters: int
    circuit: Literal["closed", "open"]
    webhook: str | None


class SyncHealth(Struct, frozen=True, kw_only=True):
    """`unhealthy`: no configured platform can be synced. `degraded`: something failed lately, waits for a person, or is
    done by nobody. `workers`: how many run, on all machines."""

    configured_platforms: list[str]
    syncs_last_24h: int
    failures_last_24h: int
    workers: int
    health_status: HealthStatus
    problems: list[str]


class Standing:
    """Looks it up. Methods raise StorageError."""

    def __init__(self, store: SyncStore, crm: Crm, breaker: CircuitBreaker, jobs: Jobs) -> None:
        self._store = store
        self._crm = crm
        self._breaker = breaker
        self._jobs = jobs

    async def of(self, platform: str, *, now: datetime) -> PlatformStatus:
        store = self._store
        backlog = (await store.backlogs.of([platform]))[platform]
        run = (await store.runs.latest([platform])).get(platform)
        succeeded = (await store.runs.last_success([platform])).get(platform)
        running = None
        if run is not None and run.status in ("queued", "running"):
            running = RunningSync(run.id, run.phase, run.contacts_processed, run.total, run.started_at)
        return PlatformStatus(
            platform=platform,
            connected=await self._crm.is_set_up(platform),
            status=run.status if run else "never",
            last_sync_at=succeeded,
            contacts_processed=run.contacts_processed if run else 0,
            contacts_created=run.contacts_created if run else 0,
            contacts_updated=run.contacts_updated if run else 0,
            contacts_failed=run.contacts_failed if run else 0,
            duration_seconds=run.duration_seconds if run else None,
            errors=[SyncError(entry["code"], entry["count"]) for entry in run.errors] if run else [],
            running=running,
            waiting_in=backlog.waiting_in,
            waiting_out=backlog.waiting_out,
            overdue_seconds=round(backlog.overdue_s(now), 1),
            open_conflicts=backlog.open_conflicts,
            dead_letters=backlog.dead_letters,
            webhook=(await store.state.get(platform)).webhook,
            circuit="open" if await self._is_open(platform) else "closed",
        )

    async def health(self, *, now: datetime) -> SyncHealth:
        store = self._store
        configured = [platform for platform in self._crm.providers if await self._crm.is_set_up(platform)]
        backlogs = await store.backlogs.of(configured)
        workers = await self._jobs.workers()
        rows = await store.runs.metrics(since=now - timedelta(days=1))
        latest = await store.runs.latest(configured)
        failing = [platform for platform, run in latest.items() if run.status == "failed"]
        problems = [f"{platform}: {told(platform, _first_code(latest[platform]))}" for platform in failing]
        if configured and not workers:
            problems.append("no worker runs")
        for platform, backlog in backlogs.items():
            if backlog.dead_letters:
                letters = "dead letter" if backlog.dead_letters == 1 else "dead letters"
                problems.append(f"{platform}: {backlog.dead_letters} {letters}")
            if not backlog.at_work and (overdue_s := backlog.overdue_s(now)) > OVERDUE_S:
                problems.append(f"{platform}: changes wait since {overdue_s / 60:.0f} minutes")
            if platform not in failing and await self._is_open(platform):
                problems.append(f"{platform}: {told(platform, 'circuit_open')}")
            if (webhook := (await store.state.get(platform)).webhook) not in (None, "active"):
                problems.append(f"{platform}: webhook {told(platform, webhook)}")
        total, failures = sum(row.total_syncs for row in rows), sum(row.failed_syncs for row in rows)
        if failures and not failing:
            problems.append(f"{failures} of {total} syncs of the last 24 hours failed")
        status: HealthStatus = "degraded" if problems else "healthy"
        if configured and len(failing) == len(configured):
            status = "unhealthy"
        return SyncHealth(
            configured_platforms=configured,
            syncs_last_24h=total,
            failures_last_24h=failures,
            workers=workers,
            health_status=status,
            problems=problems,
        )

    async def _is_open(self, platform: str) -> bool:
        return bool((await self._breaker.state(f"{platform}:default")).open_until)


def _first_code(run: SyncRun) -> str:
    return str(run.errors[0]["code"]) if run.errors else run.status
