"""Erases rows of tables that need no more than that."""

from collections.abc import AsyncIterator
from typing import Any

from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.erasure.places import STEPS
from storage.postgres.database import Transaction


class Tables:
    """An eraser of a step's places in the database."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._places = STEPS[name]

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        return {place.kind: await place.count(transaction, person) for place in self._places}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        return {place.kind: await place.erase(transaction, person) for place in self._places}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        for place in self._places:
            after: str | None = ""
            while after is not None:
                rows, after = await place.rows(transaction, person, after)
                for row in rows:
                    yield place.kind, row
