"""Answers of enrichment sources, kept for all processes for as long as they are likely to hold."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_QUERIES = load_queries("storage.queries", "enrichment_cache.sql")

FRESH_FOR = timedelta(days=30)
UNKNOWN_FOR = timedelta(days=2)
"""Somebody nobody knows may be known soon, and asking again costs no credit."""


class CachedEnrichment(Struct, frozen=True):
    """``data`` None: the source knew nobody."""

    data: dict[str, Any] | None
    fetched_at: datetime


class EnrichmentCache:
    """The repository of cached answers. Every method raises StorageError."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    async def get(self, source: str, key: str) -> CachedEnrichment | None:
        row = await self._database.fetch_one(_QUERIES["select_enrichment"], source=source, key=key, now=self._now())
        return CachedEnrichment(**row) if row is not None else None

    async def put(self, source: str, key: str, data: dict[str, Any] | None) -> None:
        now = self._now()
        await self._database.execute(
            _QUERIES["upsert_enrichment"],
            source=source,
            key=key,
            data=data,
            fetched_at=now,
            expires_at=now + (UNKNOWN_FOR if data is None else FRESH_FOR),
        )

    async def purge(self) -> int:
        """Forget what has expired; returns how many answers."""
        return await self._database.execute(_QUERIES["purge_enrichments"], now=self._now())
