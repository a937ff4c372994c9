"""Who in a live conversation waits for a person."""

from datetime import datetime

from msgspec import Struct

from storage.conversations.records import Channel
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "persons_wanted.sql")


class WantedPerson(Struct, frozen=True, kw_only=True):
    """``id``: the conversation's. ``reason``: as the agent noted it. ``name`` and ``company``: where they are known."""

    id: str
    channel: Channel
    since: datetime
    reason: str | None
    name: str | None
    company: str | None


async def persons_wanted(database: Database, *, after: datetime, rows: int) -> list[WantedPerson]:
    """The longest wait first, of those that began after then. Raises StorageError."""
    found = await database.fetch_all(_SQL["persons_wanted"], after=after, rows=rows)
    return [WantedPerson(**row) for row in found]
