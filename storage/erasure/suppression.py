"""What must be known of somebody who is erased: not to be called again, and not to be brought back by a sync. Numbers
and addresses stay as keyed hashes alone."""

from collections.abc import AsyncIterator
from typing import Any

from storage.erasure.digests import Digests
from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")


class Suppression:
    """An eraser. It comes first: what it keeps is read from what the others erase."""

    name = "suppression"

    def __init__(self, digests: Digests) -> None:
        self._digests = digests

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        row = await self._suppressed(transaction, person)
        return {"do_not_call": len(row["numbers"])}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        row = await self._suppressed(transaction, person)
        numbers = {*person.phones, *row["numbers"]}
        known = {self._digests.of("phone", each): row["opted_out"] or each in row["numbers"] for each in numbers}
        known |= {self._digests.of("email", each): row["opted_out"] or bool(row["numbers"]) for each in person.emails}
        await transaction.execute(
            _SQL["erasure_remember"],
            digests=list(known),
            do_not_call=list(known.values()),
            crm=how.crm,
            now=how.now,
        )
        gone = await transaction.execute(
            _SQL["erasure_forget_numbers"], phones=list(person.phones), leads=list(person.leads)
        )
        return {"do_not_call": gone}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        rows = await transaction.fetch_all(
            _SQL["erasure_suppressed_show"], phones=list(person.phones), leads=list(person.leads)
        )
        for row in rows:
            yield "do_not_call", row["row"]

    async def _suppressed(self, transaction: Transaction, person: Person) -> Any:
        return await transaction.fetch_one(
            _SQL["erasure_suppressed"], phones=list(person.phones), leads=list(person.leads)
        )
