"""One place where a person's data lies: said once, it is counted, shown and erased by the same words."""

from functools import cached_property
from typing import Any, Final

from msgspec import Struct, structs

from storage.erasure.person import Person
from storage.postgres.database import Transaction
from storage.postgres.named_query import Query

MOST_ROWS: Final = 500
"""Of a place, read at once for an export."""


class Place(Struct, frozen=True, kw_only=True, dict=True):
    """Rows of ``table`` that are a person's, and what becomes of them. Methods raise StorageError.

    ``where`` names parameters after the fields of ``Person``. Without ``clears`` the rows go; with it only what it
    names does, each column taking the value given in SQL. ``keeps`` are all other columns, apart by spaces, which tell
    of nobody: what that is good for is what ``stays``. ``marks``: those of them that are set beside that.
    ``hidden``: columns that an export leaves out, since they are ours and not theirs.
    """

    kind: str
    table: str
    where: str
    clears: dict[str, str] = {}
    marks: dict[str, str] = {}
    stays: str = ""
    keeps: str = ""
    key: str = "id"
    hidden: tuple[str, ...] = ()

    @cached_property
    def _left(self) -> str:
        """The rows in which there is something to erase."""
        if not self.clears:
            return f"({self.where})"
        changed = " OR ".join(f"{column} IS DISTINCT FROM {value}" for column, value in self.clears.items())
        return f"({self.where}) AND ({changed})"

    @cached_property
    def _count(self) -> Query:
        return self._query("count", f"SELECT count(*) FROM {self.table} WHERE {self._left}")  # noqa: S608

    @cached_property
    def _erase(self) -> Query:
        if not self.clears:
            return self._query("rows", f"DELETE FROM {self.table} WHERE {self._left}")  # noqa: S608
        news = ", ".join(f"{column} = {value}" for column, value in (self.clears | self.marks).items())
        return self._query("fields", f"UPDATE {self.table} SET {news} WHERE {self._left}")  # noqa: S608

    @cached_property
    def _export(self) -> Query:
        shown = "".join(f" - '{column}'" for column in self.hidden)
        key = f'({self.key})::text COLLATE "C"'
        return self._query(
            "show",
            f"SELECT to_jsonb(person){shown} AS row, {key} AS key FROM {self.table} AS person"  # noqa: S608
            f" WHERE {self._left} AND {key} > %(after)s ORDER BY {key} LIMIT {MOST_ROWS}",
        )

    def _query(self, does: str, sql: str) -> Query:
        return Query(f"erasure_{does}_{self.kind}", sql)

    async def count(self, transaction: Transaction, person: Person) -> int:
        """How many rows there are."""
        return int(await transaction.fetch_value(self._count, **_values(person)))

    async def erase(self, transaction: Transaction, person: Person) -> int:
        """Returns how many rows there were."""
        return await transaction.execute(self._erase, **_values(person))

    async def rows(
        self, transaction: Transaction, person: Person, after: str
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The next rows by key, and the key to go on from; None: there are no more."""
        found = await transaction.fetch_all(self._export, **_values(person), after=after)
        return [row["row"] for row in found], str(found[-1]["key"]) if len(found) == MOST_ROWS else None


def _values(person: Person) -> dict[str, Any]:
    return {name: list(value) for name, value in structs.asdict(person).items()}
