"""Where the sync with each platform stands, and the lease that says which worker carries it on.

The lease is fenced: every transaction of a sync holds it, so a worker that lost it (paused for long, cut off) writes
nothing more.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from msgspec import Struct

from storage.errors import StorageError
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_sync_state.sql")


class SyncState(Struct, frozen=True, kw_only=True):
    """One row; migration 0012_crm_sync says what its columns are for."""

    platform: str
    lease_owner: str | None = None
    lease_until: datetime | None = None
    feed_cursor: str | None = None
    feed_read_at: datetime | None = None
    listing_id: str | None = None
    listing_cursor: str | None = None
    listing_started_at: datetime | None = None
    listing_done: int = 0
    listed_at: datetime | None = None
    watermark: datetime | None = None
    clock_offset_s: float | None = None
    enrich_after: str | None = None
    webhook: str | None = None
    webhook_checked_at: datetime | None = None


class LeaseLost(StorageError):  # noqa: N818 - names the fact
    """Another worker carries this platform's sync on; nothing was written."""

    def __init__(self, platform: str) -> None:
        super().__init__("sync_lease_lost", f"Another worker has taken over the sync with {platform}.", retryable=True)


class CrmSyncState:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, platform: str) -> SyncState:
        row = await self._database.fetch_one(_SQL["crm_state_get"], platform=platform)
        return of_row(SyncState, row) if row else SyncState(platform=platform)

    async def take_lease(self, platform: str, owner: str, ttl_s: float) -> bool:
        """Take or prolong it; False while another worker has it."""
        query = _SQL["crm_lease_take"]
        return await self._database.execute(query, platform=platform, owner=owner, ttl_s=ttl_s) == 1

    async def leave_lease(self, platform: str, owner: str) -> None:
        await self._database.execute(_SQL["crm_lease_leave"], platform=platform, owner=owner)

    async def save_webhook(self, platform: str, webhook: str | None, *, now: datetime) -> None:
        """How the webhook subscription stands: ``active``, or a code; None: there is to be none."""
        await self._database.execute(_SQL["crm_webhook_save"], platform=platform, webhook=webhook, now=now)

    @asynccontextmanager
    async def holding(self, platform: str, owner: str) -> AsyncIterator[Transaction]:
        """A transaction during which nobody else gets the lease. Raises LeaseLost when somebody has it already."""
        async with self._database.transaction() as transaction:
            if not await transaction.fetch_value(_SQL["crm_lease_hold"], platform=platform, owner=owner):
                raise LeaseLost(platform)
            yield transaction


async def save_feed(transaction: Transaction, platform: str, cursor: str, *, now: datetime) -> None:
    await transaction.execute(_SQL["crm_feed_save"], platform=platform, cursor=cursor, now=now)


async def save_watermark(transaction: Transaction, platform: str, watermark: datetime, *, now: datetime) -> None:
    await transaction.execute(_SQL["crm_watermark_save"], platform=platform, watermark=watermark, now=now)


async def begin_listing(transaction: Transaction, platform: str, listing_id: str, *, now: datetime) -> None:
    await transaction.execute(_SQL["crm_listed_forget"], platform=platform)
    await transaction.execute(_SQL["crm_listing_begin"], platform=platform, listing_id=listing_id, now=now)


async def want_listing(transaction: Transaction, platform: str) -> None:
    """Have the next run list everything, as if it had never been listed; one that lists it now does not count."""
    await transaction.execute(_SQL["crm_listing_want"], platform=platform)


async def advance_listing(
    transaction: Transaction, platform: str, listing_id: str, cursor: str | None, external_ids: Sequence[str]
) -> None:
    """Note a page that was taken in, and where the next one begins."""
    await transaction.execute(
        _SQL["crm_listed_add"], platform=platform, listing_id=listing_id, external_ids=external_ids
    )
    await transaction.execute(_SQL["crm_listing_advance"], platform=platform, cursor=cursor, rows=len(external_ids))


async def end_listing(transaction: Transaction, platform: str) -> None:
    await transaction.execute(_SQL["crm_listed_forget"], platform=platform)
    await transaction.execute(_SQL["crm_listing_end"], platform=platform)


async def save_clock_offset(transaction: Transaction, platform: str, offset_s: float) -> None:
    await transaction.execute(_SQL["crm_clock_offset_save"], platform=platform, offset_s=offset_s)


async def save_enrich_after(transaction: Transaction, platform: str, after: str | None) -> None:
    await transaction.execute(_SQL["crm_enrich_after_save"], platform=platform, after=after)
