"""Background jobs on the product's own database, with procrastinate. Its tables are migration 0004_jobs.

Doors put jobs in through the pool they have (``Jobs``); the worker runs them on procrastinate's own connections
(``job_app``). A job here is a hint that there is something to do: what is to be done is in the product's own tables, so
a job that is lost, comes twice or runs beside another does no harm.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.errors import InvalidData
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

if TYPE_CHECKING:
    import procrastinate

_SQL = load_queries("storage.queries", "jobs.sql")

MOST_CONNECTIONS = 4


class Jobs:
    """Puts jobs into the queue. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def defer(self, task: str, args: dict[str, Any], *, once: str | None = None) -> bool:
        """Have ``task`` run. ``once``: not while a job of this name still waits; False then."""
        try:
            await self._database.execute(_SQL["job_defer"], task=task, args=args, queueing_lock=once)
        except InvalidData as error:
            if once is not None and error.code == "already_exists":
                return False
            raise
        return True

    async def workers(self) -> int:
        """How many there are, on all machines, that gave a sign of life within the last minute."""
        return int(await self._database.fetch_value(_SQL["job_workers"]))

    async def forget(self, before: datetime) -> None:
        """Let jobs go that were over before then, and those of workers that are dead: one with a lock would keep the
        next of its kind from running for ever."""
        await self._database.fetch_all(_SQL["job_workers_prune"])
        await self._database.execute(_SQL["jobs_forget"], before=before)


def job_app(dsn: str) -> "procrastinate.App":
    """The queue of the database at ``dsn``, to be opened by the worker."""
    import procrastinate  # noqa: PLC0415 - a server without a CRM never needs it

    connector = procrastinate.PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=MOST_CONNECTIONS, kwargs={"application_name": "sales-agent-worker"}
    )
    return procrastinate.App(connector=connector)
