"""What has been used of a day's allowance, kept in the database: it outlives every process, with Redis or without."""

from datetime import date

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "daily_counts.sql")


class DailyCounts:
    """For what no vendor counts for us."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, name: str, day: date, *, most: int) -> bool:
        """Count one; False: the day has had its ``most``, and nothing is counted. Raises StorageError."""
        used = await self._database.fetch_value(_SQL["daily_count_take"], name=name, day=day, most=most)
        return used is not None
