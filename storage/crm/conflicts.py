"""Edits of both sides that contradict each other, with both values."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_conflicts.sql")

ConflictKind = Literal["both_changed", "cleared", "deleted", "refused"]
ConflictState = Literal["open", "resolved"]
Side = Literal["local", "remote"]


class ConflictRow(Struct, frozen=True, kw_only=True):
    """``kind``: both sides changed the field · one side emptied it · one side deleted the contact the other changed
    (field ``contact``) · the CRM does not take the value. ``winner`` is the side whose value the contact has for now;
    ``critical`` ones are open until somebody decides, the others are settled by the later edit."""

    id: str
    platform: str
    contact_id: str
    field: str
    kind: ConflictKind
    base_value: Any = None
    local_value: Any = None
    remote_value: Any = None
    local_at: datetime | None = None
    remote_at: datetime | None = None
    winner: Side
    critical: bool
    state: ConflictState
    resolution: str | None = None
    created_at: datetime
    resolved_at: datetime | None = None


class ConflictGroup(Struct, frozen=True, kw_only=True):
    """Open conflicts that are alike. ``deleted_here``, ``deleted_there``: in how many of them one side has no contact
    any more."""

    platform: str
    kind: ConflictKind
    field: str
    open: int
    newest_at: datetime
    deleted_here: int
    deleted_there: int


class CrmConflicts:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, conflict_id: str) -> ConflictRow | None:
        row = await self._database.fetch_one(_SQL["crm_conflict_get"], id=conflict_id)
        return of_row(ConflictRow, row) if row else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        platform: str | None = None,
        state: ConflictState | None = None,
        contact_id: str | None = None,
        kind: ConflictKind | None = None,
        field: str | None = None,
        until: datetime | None = None,
    ) -> Page[ConflictRow]:
        """Newest first, up to ``until``. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["crm_conflicts_list"],
            platform=platform,
            state=state,
            contact_id=contact_id,
            kind=kind,
            field=field,
            until=until,
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
        )
        return page_of([of_row(ConflictRow, row) for row in rows], limit, key=lambda row: (row.created_at, row.id))

    async def count_open(
        self,
        *,
        platform: str | None = None,
        kind: ConflictKind | None = None,
        field: str | None = None,
        until: datetime | None = None,
    ) -> int:
        row = await self._database.fetch_one(
            _SQL["crm_conflicts_count_open"], platform=platform, kind=kind, field=field, until=until
        )
        return int(row["open"]) if row else 0

    async def grouped(self) -> tuple[ConflictGroup, ...]:
        """The open ones by what they are about, the most frequent first."""
        return tuple(ConflictGroup(**row) for row in await self._database.fetch_all(_SQL["crm_conflicts_grouped"]))


async def lock_conflict(transaction: Transaction, conflict_id: str) -> ConflictRow | None:
    row = await transaction.fetch_one(_SQL["crm_conflict_lock"], id=conflict_id)
    return of_row(ConflictRow, row) if row else None


async def resolve_conflict(transaction: Transaction, conflict_id: str, resolution: str, *, now: datetime) -> None:
    await transaction.execute(_SQL["crm_conflict_resolve"], id=conflict_id, resolution=resolution, now=now)


async def add_conflicts(transaction: Transaction, rows: Iterable[ConflictRow]) -> None:
    """Keep them. A field whose value is held back (emptied, refused) is noted once, however often that is seen."""
    wanted = list(rows)
    if not wanted:
        return
    held = [row for row in wanted if row.kind in ("cleared", "refused")]
    known: set[tuple[str, str, str]] = set()
    if held:
        ids = sorted({row.contact_id for row in held})
        found = await transaction.fetch_all(_SQL["crm_conflict_open_same"], contact_ids=ids)
        known = {(row["contact_id"], row["field"], row["kind"]) for row in found}
    new = [row for row in wanted if row not in held or (row.contact_id, row.field, row.kind) not in known]
    if new:
        await transaction.execute(_SQL["crm_conflicts_add"], rows=msgspec.to_builtins(new))
