"""What is open with a customer."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

MOST_MATTERS: Final = 50

_SQL = load_queries("storage.queries", "customers.sql")


class OpenMatter(Struct, frozen=True):
    """``person_wanted``: they asked for a person in the conversation · ``answer_wanted``: the thread of an agent waits
    for somebody's answer."""

    kind: Literal["person_wanted", "answer_wanted"]
    since: datetime
    conversation_id: str | None
    thread_id: str | None
    agent: str | None


async def open_matters(database: Database, lead_id: UUID, *, since: datetime) -> tuple[OpenMatter, ...]:
    """Newest first; persons wanted ``since`` then. Raises StorageError."""
    rows = await database.fetch_all(_SQL["open_matters"], lead_id=lead_id, since=since, rows=MOST_MATTERS)
    return tuple(OpenMatter(**row) for row in rows)
