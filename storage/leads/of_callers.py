"""Whose lead it is before a word is said: by the number somebody calls from, or the address they are known by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from storage.errors import StorageError
from storage.leads.after_outcomes import SOURCE
from storage.leads.leads import find_lead, insert_leads, new_lead
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "caller_leads.sql")
_MOST_CONTACTS: Final = 20
"""The same person may be a contact on several platforms; a switchboard's number has many people."""

_MOST_CLAIMED: Final = 20


class Origin(Struct, frozen=True):
    """Where somebody calls or writes from: ``phone`` as E.164, or ``email`` in lower case. Exactly one is set."""

    phone: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        if (self.phone is None) == (self.email is None):
            raise ValueError("origin: either phone or email")


async def lead_of_origin(database: Database, origin: Origin, conversation_id: str, *, now: datetime) -> UUID:
    """The lead that has the number or address, else a new one, with what a synced contact tells.

    A number that several people share names none of them, and so does one that a caller put on somebody's lead: the
    lead is one of the number alone, and becomes who the caller turns out to be. Raises StorageError.
    """
    async with database.transaction() as transaction:
        await transaction.fetch_value(_SQL["lock_caller"], origin=origin.phone or origin.email)
        found = await _known(transaction, origin)
        if found is not None:
            return found
        contact = _one_person(await _contacts(transaction, origin))
        told = _told(contact) if contact is not None else {}
        if contact is not None and (kept := await _lead_of(transaction, contact)) is not None:
            if not await _is_claimed(transaction, kept, origin):
                return kept
            told = {}
        given = {"contact_phone": origin.phone, "contact_email": origin.email}
        fields = told | {name: value for name, value in given.items() if value is not None}
        lead = new_lead({**fields, "source": SOURCE, "conversation_id": conversation_id}, now=now)
        if await insert_leads(transaction, [lead]):
            return lead.id
    # Somebody else brought a lead with this address at this very moment.
    raise StorageError("database_conflict", "Another transaction was in the way.", retryable=True)


async def _known(transaction: Transaction, origin: Origin) -> UUID | None:
    if origin.email is not None:
        return await find_lead(transaction, email=origin.email, phone=None)
    rows = await transaction.fetch_all(_SQL["leads_of_number"], phone=origin.phone)
    # Whose first number it is comes before others: an office's may be a further one of many.
    rows = [row for row in rows if row["is_first"]] or rows
    known = len(rows) == 1 or (rows and rows[0]["is_nobody"])
    found: UUID | None = rows[0]["id"] if known else None
    return found


async def _contacts(transaction: Transaction, origin: Origin) -> Sequence[Record]:
    return await transaction.fetch_all(
        _SQL["contacts_of_caller"], email=origin.email, phone=origin.phone, rows=_MOST_CONTACTS
    )


def _one_person(contacts: Sequence[Record]) -> Record | None:
    """The contact, when all are of one person. Whose first number or address it is comes before others: an office's
    may be a further one of many."""
    contacts = [contact for contact in contacts if contact["is_first"]] or contacts
    people = {contact["email"] or (contact["first_name"], contact["last_name"]) for contact in contacts}
    return contacts[0] if len(people) == 1 else None


async def _lead_of(transaction: Transaction, contact: Record) -> UUID | None:
    if contact["lead_id"] is not None:
        lead_id: UUID = contact["lead_id"]
        return lead_id
    return await find_lead(transaction, email=contact["email"], phone=None) if contact["email"] else None


async def _is_claimed(transaction: Transaction, lead_id: UUID, origin: Origin) -> bool:
    found: bool = await transaction.fetch_value(_SQL["is_number_claimed"], lead_id=lead_id, phone=origin.phone)
    return found


async def claim_number(transaction: Transaction, lead_id: UUID, phone: str) -> None:
    """A caller says that the lead has it: they may have named anybody's address."""
    await transaction.execute(_SQL["number_claimed"], lead_id=lead_id, phone=phone, most=_MOST_CLAIMED)


def _told(contact: Record) -> dict[str, Any]:
    return {
        "contact_name": " ".join(filter(None, (contact["first_name"], contact["last_name"]))) or None,
        "contact_email": contact["email"],
        "contact_title": contact["title"],
        "contact_phone": contact["phone"],
        "company_name": contact["company"],
        "linkedin_url": contact["linkedin_url"],
    }
