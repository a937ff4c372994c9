"""Erases contacts of the CRM and what waits to be told there, and orders what was entered there to be deleted. A
contact leaves a row that says which record it was, so that no sync brings it back."""

from collections.abc import AsyncIterator
from typing import Any

from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.erasure.tables import Tables
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")


class CrmRecords:
    """An eraser."""

    name = "crm"

    def __init__(self) -> None:
        self._tables = Tables("crm")

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        return {
            "contacts": await _number(transaction, "erasure_contacts_count", contacts=person.contacts),
            "crm_messages": await _number(transaction, "erasure_outbox_count", references=person.references),
            **await self._tables.count(transaction, person),
        }

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        contacts = list(person.contacts)
        await transaction.fetch_all(_SQL["erasure_contacts_lock"], contacts=contacts)
        erased = await transaction.execute(_SQL["erasure_contacts"], contacts=contacts, crm=how.crm, now=how.now)
        told = await _number(transaction, "erasure_outbox_count", references=person.references)
        if how.crm == "delete":
            await transaction.execute(_SQL["erasure_outbox_remove"], references=list(person.references), now=how.now)
        await transaction.execute(_SQL["erasure_outbox"], references=list(person.references), now=how.now)
        if erased:
            await transaction.execute(_SQL["erasure_outbox_delete"], contacts=contacts, now=how.now)
        return {"contacts": erased, "crm_messages": told, **await self._tables.erase(transaction, person, how)}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        for row in await transaction.fetch_all(_SQL["erasure_contacts_show"], contacts=list(person.contacts)):
            yield "contacts", row["row"]
        async for shown in self._tables.show(transaction, person):
            yield shown


async def _number(transaction: Transaction, name: str, **ids: tuple[str, ...]) -> int:
    return int(await transaction.fetch_value(_SQL[name], **{key: list(value) for key, value in ids.items()}))
