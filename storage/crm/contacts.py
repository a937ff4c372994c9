"""Contacts kept in step with a CRM: whole rows, read under a lock, decided on, written back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from storage.leads.search import LeadSearch
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_contacts.sql")
_NEAR_ROWS = 2_000
"""A page of what more than about one in forty has is found among so many."""

_FEW_CONTACTS = 500
"""Contacts with the whole words of a search: so many are looked at one by one, since the beginning that comes last may
be one that all have."""


class ContactRow(Struct, frozen=True, kw_only=True):
    """One row; migration 0011_crm_contacts says what its columns are for. ``version`` counts the changes made here and
    not those that came from the CRM. ``erased``: it tells of nobody any more, and its record there goes, or stays
    unlooked at."""

    id: str
    crm_platform: str
    external_id: str | None = None
    parent_id: str | None = None
    reference: str
    lead_id: UUID | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    title: str | None = None
    phone: str | None = None
    linkedin_url: str | None = None
    further_emails: tuple[str, ...] = ()
    further_phones: tuple[str, ...] = ()
    address_types: dict[str, str] = {}
    enrichment_data: dict[str, Any] = {}
    field_times: dict[str, datetime] = {}
    base: dict[str, Any] = {}
    writing: dict[str, Any] = {}
    refused: dict[str, Any] = {}
    enriched_at: dict[str, datetime] = {}
    remote_updated_at: datetime | None = None
    create_tried_at: datetime | None = None
    version: int = 1
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    erased: Literal["delete", "keep"] | None = None
    last_synced_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class CrmContacts:
    """The repository. What changes rows takes the transaction it belongs to. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, contact_id: str) -> ContactRow | None:
        rows = await self._database.fetch_all(_SQL["crm_contacts_by_ids"], ids=[contact_id])
        return _read(rows[0]) if rows else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        platform: str | None = None,
        email: str | None = None,
        search: LeadSearch | None = None,
    ) -> Page[ContactRow]:
        """Newest first, without deleted ones. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        sought = {
            "platform": platform,
            "email": email,
            "before": after.at if after else None,
            "before_id": after.id if after else None,
            "rows": limit + 1,
        }
        if search is not None and search.is_empty:
            return Page(())
        if search is None:
            rows: Sequence[Record] = await self._database.fetch_all(_SQL["crm_contacts_list"], **sought)
        else:
            rows = await self._found(sought | search.parameters())
        return page_of([_read(row) for row in rows], limit, key=lambda row: (row.created_at, row.id))

    async def _found(self, sought: dict[str, Any]) -> Sequence[Record]:
        """What many contacts have is met early in the list; what few have, an index finds."""
        everybody = sought | {"near": _NEAR_ROWS, "ids": None}
        if sought["email"] is None and sought["email_start"] is None:
            near = await self._database.fetch_all(_SQL["crm_contacts_near"], **everybody)
            if len(near) == sought["rows"] or not await self._database.fetch_all(
                _SQL["crm_contacts_beyond_near"], **everybody
            ):
                return near
        if sought["whole_words"] is not None:
            few = await self._database.fetch_all(
                _SQL["crm_contacts_with_words"], whole_words=sought["whole_words"], rows=_FEW_CONTACTS
            )
            if len(few) < _FEW_CONTACTS:
                named = sought | {"ids": [row["id"] for row in few], "near": _FEW_CONTACTS}
                return await self._database.fetch_all(_SQL["crm_contacts_near"], **named)
        return await self._database.fetch_all(_SQL["crm_contacts_found"], **sought)

    async def of_parents(self, platform: str, parents: Iterable[str]) -> tuple[ContactRow, ...]:
        """The contacts these records hold over there, deleted ones too."""
        rows = await self._database.fetch_all(_SQL["crm_contacts_of_parents"], platform=platform, parents=[*parents])
        return tuple(map(_read, rows))

    async def of_external_ids(self, platform: str, external_ids: Iterable[str]) -> tuple[ContactRow, ...]:
        rows = await self._database.fetch_all(
            _SQL["crm_contacts_of_external_ids"], platform=platform, external_ids=[*external_ids]
        )
        return tuple(map(_read, rows))

    async def to_enrich(self, platform: str, *, after: str, before: datetime, rows: int) -> tuple[ContactRow, ...]:
        """The next contacts by id that ``platform`` was not asked about since ``before``."""
        found = await self._database.fetch_all(
            _SQL["crm_contacts_to_enrich"], platform=platform, after=after, before=before, rows=rows
        )
        return tuple(map(_read, found))

    async def of_person(self, email: str | None, linkedin_url: str | None) -> ContactRow | None:
        """The oldest contact with this address, be it a further one, or profile."""
        row = await self._database.fetch_one(
            _SQL["crm_contacts_matching_person"], email=email, linkedin_url=linkedin_url
        )
        return _read(row) if row else None

    async def of_conversation(self, platform: str, conversation_id: str) -> ContactRow | None:
        """Whom a conversation was held with, as far as it says."""
        row = await self._database.fetch_one(
            _SQL["crm_contact_of_conversation"], platform=platform, conversation_id=conversation_id
        )
        return _read(row) if row else None

    async def of_address_hash(self, platform: str, address_hash: bytes) -> ContactRow | None:
        """Whose address has this hash (see ``storage.email_address``), one that is over there before others."""
        row = await self._database.fetch_one(
            _SQL["crm_contact_of_address_hash"], platform=platform, address_hash=address_hash
        )
        return _read(row) if row else None

    async def parents_of(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """The records that hold these contacts over there, by our id; those that are nowhere yet are left out."""
        rows = await self._database.fetch_all(_SQL["crm_contacts_parents"], ids=contact_ids)
        return {row["id"]: row["parent_id"] for row in rows}

    async def lead_of_conversation(self, conversation_id: str) -> UUID | None:
        """Whose conversation it is, where that is known by the lead alone."""
        found = await self._database.fetch_value(_SQL["crm_lead_of_conversation"], conversation_id=conversation_id)
        return found if isinstance(found, UUID) else None

    async def lead_of_qualification(self, execution_id: str) -> UUID | None:
        """Who was judged; leads that turned out to be one are one here too."""
        found = await self._database.fetch_value(_SQL["crm_lead_of_qualification"], execution_id=execution_id)
        return found if isinstance(found, UUID) else None

    async def count(self, platform: str) -> int:
        return int(await self._database.fetch_value(_SQL["crm_contacts_count"], platform=platform))

    async def current_name(self, platform: str, old_id: str) -> str:
        """The record that took over ``old_id``, or ``old_id`` itself."""
        return (await self._database.fetch_value(_SQL["crm_alias_get"], platform=platform, old_id=old_id)) or old_id


async def lock_contact(transaction: Transaction, contact_id: str) -> ContactRow | None:
    """The row as it is, unchanged by others until the transaction ends."""
    row = await transaction.fetch_one(_SQL["crm_contact_lock"], id=contact_id)
    return _read(row) if row else None


async def contacts_of_lead(transaction: Transaction, platform: str, lead_id: UUID) -> tuple[ContactRow, ...]:
    """The rows of a lead, deleted ones too, the oldest first; unchanged by others until the transaction ends."""
    rows = await transaction.fetch_all(_SQL["crm_contacts_of_lead"], platform=platform, lead_id=lead_id)
    return tuple(sorted(map(_read, rows), key=lambda row: (row.created_at, row.id)))


async def lock_of_emails(transaction: Transaction, platform: str, emails: Sequence[str]) -> tuple[ContactRow, ...]:
    """The rows with one of these addresses, be it a further one, that are no lead's; the oldest first."""
    rows = await transaction.fetch_all(_SQL["crm_contacts_lock_of_emails"], platform=platform, emails=emails)
    return tuple(sorted(map(_read, rows), key=lambda row: (row.created_at, row.id)))


async def lock_matching(
    transaction: Transaction, platform: str, external_ids: Sequence[str], references: Sequence[str]
) -> tuple[ContactRow, ...]:
    """The rows with one of these ids over there, or with one of our references."""
    rows = await transaction.fetch_all(
        _SQL["crm_contacts_lock_matching"], platform=platform, external_ids=external_ids, references=references
    )
    return tuple(map(_read, rows))


async def lock_unlinked(transaction: Transaction, platform: str, emails: Sequence[str]) -> tuple[ContactRow, ...]:
    """The rows with one of these addresses, be it a further one, that are nowhere over there yet."""
    if not emails:
        return ()
    rows = await transaction.fetch_all(_SQL["crm_contacts_lock_unlinked"], platform=platform, emails=emails)
    return tuple(map(_read, rows))


async def save_contacts(transaction: Transaction, rows: Iterable[ContactRow]) -> None:
    """Insert, or overwrite what has the same id: whole rows, in one statement."""
    values = [msgspec.to_builtins(row) for row in sorted(rows, key=lambda row: row.id)]
    if values:
        await transaction.execute(_SQL["crm_contacts_upsert"], rows=values)


async def touch_contacts(transaction: Transaction, ids: Iterable[str], *, now: datetime) -> None:
    """Note that both sides were seen to be alike."""
    wanted = sorted(ids)
    if wanted:
        await transaction.execute(_SQL["crm_contacts_touch"], ids=wanted, now=now)


async def our_ids(transaction: Transaction, platform: str, external_ids: Iterable[str]) -> dict[str, str]:
    """Our ids by those over there."""
    rows = await transaction.fetch_all(_SQL["crm_contacts_our_ids"], platform=platform, external_ids=[*external_ids])
    return {row["external_id"]: row["id"] for row in rows}


async def put_aliases(transaction: Transaction, platform: str, aliases: Mapping[str, str]) -> None:
    """Note which records took over which."""
    if aliases:
        old_ids = sorted(aliases)
        new_ids = [aliases[old_id] for old_id in old_ids]
        await transaction.execute(_SQL["crm_aliases_put"], platform=platform, old_ids=old_ids, new_ids=new_ids)


def _read(record: Record) -> ContactRow:
    values = {name: record[name] for name in ContactRow.__struct_fields__}
    values |= {name: tuple(values[name]) for name in ("further_emails", "further_phones")}
    for name in ("field_times", "enriched_at"):
        if values[name]:
            values[name] = msgspec.convert(values[name], dict[str, datetime])
    return ContactRow(**values)
