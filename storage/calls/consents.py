"""Who said that they may be called: one record a number, the newest."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

ConsentKind = Literal["express", "express_written", "existing_relationship", "none"]

_SQL = load_queries("storage.queries", "call_consents.sql")


class ConsentRecord(Struct, frozen=True, kw_only=True):
    """``kind`` "none": it was refused or taken back · ``source``: where it was given, for who has to show it ·
    ``valid_until`` None: until it is taken back; an existing relationship always ends · ``recorded_by``: an API
    key's id."""

    number: str
    kind: ConsentKind
    source: str
    given_at: datetime
    valid_until: datetime | None
    lead_id: UUID | None
    recorded_by: str | None
    updated_at: datetime


class ListedConsent(ConsentRecord, frozen=True, kw_only=True):
    """With whose it is, as its lead is called now."""

    company_name: str | None
    contact_name: str | None


class CallConsents(Struct, frozen=True):
    """The repository of consents. Every method raises StorageError."""

    database: Database

    async def put(
        self,
        number: str,
        kind: ConsentKind,
        *,
        source: str,
        given_at: datetime,
        valid_until: datetime | None,
        lead_id: UUID | None = None,
        recorded_by: str | None = None,
        now: datetime,
    ) -> ConsentRecord:
        row = await self.database.fetch_one(
            _SQL["consent_put"],
            number=number,
            kind=kind,
            source=source,
            given_at=given_at,
            valid_until=valid_until,
            lead_id=lead_id,
            recorded_by=recorded_by,
            now=now,
        )
        assert row is not None, "an upsert returns its row"
        return ConsentRecord(**row)

    async def get(self, number: str) -> ConsentRecord | None:
        row = await self.database.fetch_one(_SQL["consent_get"], number=number)
        return ConsentRecord(**row) if row is not None else None

    async def list(
        self, *, kind: ConsentKind | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[ListedConsent]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before = decode_cursor(cursor) if cursor is not None else None
        rows = await self.database.fetch_all(
            _SQL["consent_list"],
            kind=kind,
            before_at=before.at if before is not None else None,
            before_number=before.id if before is not None else None,
            rows=limit + 1,
        )
        return page_of([ListedConsent(**row) for row in rows], limit, key=lambda row: (row.updated_at, row.number))
