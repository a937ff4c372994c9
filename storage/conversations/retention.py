"""The words of conversations that have been kept for long enough."""

from collections.abc import Sequence
from datetime import datetime

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "retention.sql")


class Retention:
    """Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def too_old(self, before: datetime, *, rows: int) -> list[str]:
        """Conversations that ended before then and have their words, the oldest first."""
        found = await self._database.fetch_all(_SQL["retention_too_old"], before=before, rows=rows)
        return [row["id"] for row in found]

    async def drop_words(self, conversations: Sequence[str], before: datetime) -> int:
        """Of those that still are too old; returns how many. Figures stay, and nobody goes on with them."""
        return int(
            await self._database.fetch_value(_SQL["retention_drop_words"], ids=list(conversations), before=before)
        )
