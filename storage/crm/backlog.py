"""What waits of each platform: to be read, to be sent, to be decided by a person."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_backlog.sql")


class Backlog(Struct, frozen=True, kw_only=True):
    """``due_at``: when the first change that waits was due, or will be. ``at_work``: a worker syncs it just now."""

    platform: str
    waiting_in: int
    waiting_out: int
    due_at: datetime | None
    dead_letters: int
    open_conflicts: int
    at_work: bool

    def overdue_s(self, now: datetime) -> float:
        """How long the first change that is due has waited; 0 when none is."""
        return max(0.0, (now - self.due_at).total_seconds()) if self.due_at is not None else 0.0


class CrmBacklogs:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, platforms: Sequence[str]) -> dict[str, Backlog]:
        """One for each."""
        rows = await self._database.fetch_all(_SQL["crm_backlogs"], platforms=platforms)
        return {row["platform"]: Backlog(**row) for row in rows}
