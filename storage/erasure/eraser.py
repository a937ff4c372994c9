"""What an eraser is: one part of the product that holds something of people, and lets go of it."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from storage.erasure.digests import CrmChoice
from storage.erasure.person import Person
from storage.postgres.database import Transaction

Counts = Mapping[str, int]
"""How many there are, by kind."""


class How(Struct, frozen=True):
    """``crm``: what becomes of the person's records over there."""

    crm: CrmChoice
    now: datetime


class Eraser(Protocol):
    """One step. Whatever it does can be done again, by another process, after it broke off anywhere. Methods raise
    StorageError."""

    name: str

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        """What there is to erase."""
        ...

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        """What was erased. What is done elsewhere than in the database is done when it returns."""
        ...

    def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        """Each record by its kind, for the person to read."""
        ...
