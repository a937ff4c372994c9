"""Threads of agents that wait for a person's answer."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

MOST: Final = 50

_SQL = load_queries("storage.queries", "agent_threads.sql")


class WaitingThread(Struct, frozen=True, kw_only=True):
    """``since``: when the agent asked · ``lead_id``: whom it is about, as it is called now; None: nobody of ours."""

    thread_id: str
    agent: str
    since: datetime
    lead_id: UUID | None
    company_name: str | None
    contact_name: str | None


async def waiting_threads(database: Database, *, since: datetime) -> tuple[WaitingThread, ...]:
    """Of those that asked ``since`` then the last, newest first. Raises StorageError."""
    rows = await database.fetch_all(_SQL["threads_waiting"], since=since, rows=MOST)
    return tuple(WaitingThread(**row) for row in rows)
