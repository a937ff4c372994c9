"""Deals at the CRMs, as they were last read there."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_opportunities.sql")

StatusKind = Literal["active", "won", "lost"]
ValuePeriod = Literal["one_time", "monthly", "annual"]


class OpportunityRow(Struct, frozen=True, kw_only=True):
    """One row; migration 0011_crm_contacts says what its columns are for. ``external_id`` None: it is on its way."""

    id: str
    platform: str
    external_id: str | None = None
    parent_id: str | None = None
    contact_id: str | None = None
    mark: str | None = None
    status: str | None = None
    status_kind: StatusKind | None = None
    value_cents: int | None = None
    value_currency: str | None = None
    value_period: ValuePeriod | None = None
    confidence_percent: int | None = None
    note: str | None = None
    remote_updated_at: datetime | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class CrmOpportunities:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, opportunity_id: str) -> OpportunityRow | None:
        row = await self._database.fetch_one(_SQL["crm_opportunity_get"], id=opportunity_id)
        return of_row(OpportunityRow, row) if row else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        platform: str | None = None,
        contact_id: str | None = None,
        status_kind: StatusKind | None = None,
    ) -> Page[OpportunityRow]:
        """Newest first, without deleted ones. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["crm_opportunities_list"],
            platform=platform,
            contact_id=contact_id,
            status_kind=status_kind,
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
        )
        return page_of([of_row(OpportunityRow, row) for row in rows], limit, key=lambda row: (row.created_at, row.id))


async def lock_opportunities(
    transaction: Transaction, platform: str, external_ids: Sequence[str], marks: Sequence[str]
) -> tuple[OpportunityRow, ...]:
    """The rows with one of these ids over there, or one of these marks of ours."""
    rows = await transaction.fetch_all(
        _SQL["crm_opportunities_lock_matching"], platform=platform, external_ids=external_ids, marks=marks
    )
    return tuple(of_row(OpportunityRow, row) for row in rows)


async def opportunities_of_parents(
    transaction: Transaction, platform: str, parents: Collection[str]
) -> tuple[OpportunityRow, ...]:
    """What these records hold over there, as far as it is known."""
    rows = await transaction.fetch_all(_SQL["crm_opportunities_of_parents"], platform=platform, parents=[*parents])
    return tuple(of_row(OpportunityRow, row) for row in rows)


async def save_opportunities(transaction: Transaction, rows: Iterable[OpportunityRow]) -> None:
    """Insert, or overwrite what has the same id."""
    values = [msgspec.to_builtins(row) for row in sorted(rows, key=lambda row: row.id)]
    if values:
        await transaction.execute(_SQL["crm_opportunities_upsert"], rows=values)


async def drop_opportunities(
    transaction: Transaction, platform: str, parent: str, *, kept: Collection[str], now: datetime
) -> None:
    """The parent holds ``kept`` and no others any more."""
    await transaction.execute(_SQL["crm_opportunities_drop"], platform=platform, parent=parent, kept=[*kept], now=now)


async def give_up_opportunity(transaction: Transaction, opportunity_id: str, *, now: datetime) -> None:
    """It will not be made over there; one that was is left as it is."""
    await transaction.execute(_SQL["crm_opportunity_give_up"], id=opportunity_id, now=now)
