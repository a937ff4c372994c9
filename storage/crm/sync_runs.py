"""The log of sync runs: what each did, how far it is, how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from storage.keys.secret_tokens import new_id
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_sync_runs.sql")

Operation = Literal["import", "export", "bidirectional", "enrich"]
Mode = Literal["incremental", "full", "filtered"]
Trigger = Literal["schedule", "manual", "webhook", "change"]
RunStatus = Literal["queued", "running", "completed", "partial", "failed", "interrupted"]


class SyncRun(Struct, frozen=True, kw_only=True):
    """One run. ``partial``: it came to its end, and something is left for the next. ``interrupted``: its worker was
    stopped or died; the next one goes on where it was. ``errors`` are codes with counts, never anybody's data."""

    id: str
    platform: str
    operation: Operation
    mode: Mode
    trigger: Trigger
    filters: dict[str, Any]
    status: RunStatus
    phase: str
    total: int | None
    contacts_processed: int
    contacts_created: int
    contacts_updated: int
    contacts_failed: int
    errors: list[dict[str, Any]]
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None


class Tally(Struct, frozen=True):
    """What happened to contacts."""

    processed: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.processed + other.processed,
            self.created + other.created,
            self.updated + other.updated,
            self.failed + other.failed,
        )


class RunMetrics(Struct, frozen=True, kw_only=True):
    """A platform's runs of some days, added up."""

    platform: str
    total_syncs: int
    successful_syncs: int
    failed_syncs: int
    contacts_processed: int
    contacts_created: int
    contacts_updated: int
    contacts_failed: int
    avg_duration_seconds: float | None


class CrmSyncRuns:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(
        self,
        platform: str,
        operation: Operation,
        *,
        trigger: Trigger,
        now: datetime,
        mode: Mode = "incremental",
        filters: dict[str, Any] | None = None,
    ) -> str:
        """Note a run that is to start; returns its id."""
        run_id = new_id("sync")
        await self._database.execute(
            _SQL["crm_run_add"],
            id=run_id,
            platform=platform,
            operation=operation,
            mode=mode,
            trigger=trigger,
            filters=filters or {},
            now=now,
        )
        return run_id

    async def queue_alone(
        self,
        platform: str,
        operation: Operation,
        *,
        trigger: Trigger,
        now: datetime,
        stale: datetime,
        mode: Mode = "incremental",
        filters: dict[str, Any] | None = None,
    ) -> str | None:
        """The same, None when one waits or runs that gave a sign of life since ``stale``."""
        run_id = new_id("sync")
        async with self._database.transaction() as transaction:
            await transaction.fetch_value(_SQL["crm_run_lock_platform"], platform=platform)
            added = await transaction.execute(
                _SQL["crm_run_add_manual"],
                id=run_id,
                platform=platform,
                operation=operation,
                mode=mode,
                trigger=trigger,
                filters=filters or {},
                now=now,
                stale=stale,
            )
        return run_id if added else None

    async def get(self, run_id: str) -> SyncRun | None:
        row = await self._database.fetch_one(_SQL["crm_run_get"], id=run_id)
        return of_row(SyncRun, row) if row else None

    async def start(self, run_id: str, platform: str, *, now: datetime) -> bool:
        """False: it is over already. Whatever else ran for this platform has lost its worker."""
        return await self._database.execute(_SQL["crm_run_start"], id=run_id, platform=platform, now=now) == 1

    async def orphans(self, *, stale: datetime) -> tuple[str, ...]:
        """Ids of runs that gave no sign of life since ``stale``, or were stopped before their end, oldest first."""
        rows = await self._database.fetch_all(_SQL["crm_runs_orphans"], stale=stale)
        return tuple(row["id"] for row in rows)

    async def end(self, run_id: str, status: RunStatus, errors: Sequence[dict[str, Any]], *, now: datetime) -> None:
        await self._database.execute(_SQL["crm_run_end"], id=run_id, status=status, errors=[*errors], now=now)

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        platform: str | None = None,
        status: RunStatus | None = None,
        offset: int | None = None,
    ) -> Page[SyncRun]:
        """Newest first; ``offset`` leaves out the newest. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["crm_runs_list"],
            platform=platform,
            status=status,
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
            offset=offset,
        )
        return page_of([of_row(SyncRun, row) for row in rows], limit, key=lambda run: (run.created_at, run.id))

    async def latest(self, platforms: Sequence[str]) -> dict[str, SyncRun]:
        """The last run of each platform, those for single changes left out."""
        rows = await self._database.fetch_all(_SQL["crm_runs_latest"], platforms=platforms)
        return {row["platform"]: of_row(SyncRun, row) for row in rows}

    async def last_success(self, platforms: Sequence[str]) -> dict[str, datetime]:
        rows = await self._database.fetch_all(_SQL["crm_runs_last_success"], platforms=platforms)
        return {row["platform"]: row["completed_at"] for row in rows}

    async def metrics(self, *, since: datetime, platform: str | None = None) -> tuple[RunMetrics, ...]:
        """Runs that ended, by platform."""
        rows = await self._database.fetch_all(_SQL["crm_runs_metrics"], since=since, platform=platform)
        return tuple(RunMetrics(**row) for row in rows)

    async def forget(self, *, before: datetime, idle_before: datetime) -> None:
        """Let old runs go, and those for single changes that found nothing to do."""
        await self._database.execute(_SQL["crm_runs_forget"], before=before, idle_before=idle_before)


async def note_progress(
    transaction: Transaction, run_id: str, phase: str, tally: Tally, *, total: int | None, now: datetime
) -> None:
    """Add to a run's figures, in the transaction of the rows they count."""
    await transaction.execute(
        _SQL["crm_run_progress"],
        id=run_id,
        phase=phase,
        total=total,
        processed=tally.processed,
        created=tally.created,
        updated=tally.updated,
        failed=tally.failed,
        now=now,
    )
