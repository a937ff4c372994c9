"""Work that waits in a table and is in the hands of one process at a time, for so long: what a dead one had is
another's then."""

from typing import Generic, TypeVar

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import Query

W = TypeVar("W", bound=Struct)


class Leases(Generic[W]):
    """``claim``: a query that takes the next piece of work for ``lease_s`` seconds and returns it."""

    def __init__(self, database: Database, form: type[W], claim: Query, *, lease_s: float) -> None:
        self._database = database
        self._form = form
        self._claim = claim
        self._lease_s = lease_s

    async def claim(self) -> W | None:
        """None: there is nothing to do. Raises StorageError."""
        row = await self._database.fetch_one(self._claim, lease_s=self._lease_s)
        return self._form(**row) if row is not None else None
