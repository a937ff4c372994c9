"""Erases threads of agents as LangGraph's saver keeps them in PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")


class PostgresThreads:
    """An eraser."""

    name = "threads"

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        return {"threads": await self._on(transaction, "erasure_checkpoints_count", person)}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        return {"threads": await self._on(transaction, "erasure_checkpoints", person)}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        """What threads worked on is shown by their leads, results and messages."""
        for thread in person.threads:
            yield "threads", {"thread_id": thread}

    async def _on(self, transaction: Transaction, name: str, person: Person) -> int:
        if not person.threads or not await transaction.fetch_value(_SQL["erasure_checkpoints_are_there"]):
            return 0
        return int(await transaction.fetch_value(_SQL[name], threads=list(person.threads)))
