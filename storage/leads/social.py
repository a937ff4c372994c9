"""What companies say in public: looks at websites, kept for everybody, and each lead's accounts and posts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "social.sql")

READINGS_KEPT: Final = timedelta(days=2)
POSTS_KEPT: Final = 100
"""Of a lead."""


class KeptReading(Struct, frozen=True):
    """``is_whole``: another look soon would find no more."""

    reading: dict[str, Any]
    is_whole: bool
    read_at: datetime


class SocialAccountRow(Struct, frozen=True, kw_only=True):
    network: str
    handle: str
    url: str
    site: str
    state: str
    fetched_at: datetime


class SocialPostRow(Struct, frozen=True, kw_only=True):
    network: str
    author: str
    url: str
    title: str
    text: str
    published_at: datetime | None
    fetched_at: datetime


class SocialPosts:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reading(self, site: str) -> KeptReading | None:
        row = await self._database.fetch_one(_SQL["select_social_reading"], site=site)
        return KeptReading(**row) if row is not None else None

    async def keep_reading(self, site: str, reading: dict[str, Any], *, is_whole: bool, read_at: datetime) -> None:
        """In place of the one before; what is old by now goes."""
        await self._database.execute(
            _SQL["upsert_social_reading"], site=site, reading=reading, is_whole=is_whole, read_at=read_at
        )
        await self._database.execute(_SQL["drop_old_social_readings"], before=read_at - READINGS_KEPT)

    async def website_of(self, lead_id: UUID) -> str | None:
        """None: there is no such lead, or it has none."""
        website = await self._database.fetch_value(_SQL["website_of_lead"], lead_id=lead_id)
        return website if isinstance(website, str) else None

    async def keep(
        self,
        lead_id: UUID,
        site: str,
        *,
        accounts: Sequence[dict[str, Any]],
        posts: Sequence[dict[str, Any]],
        read_at: datetime,
    ) -> None:
        """The accounts as they are now; posts join those that were found before, of the same site."""
        numbered = [{**account, "position": number} for number, account in enumerate(accounts)]
        about = {"lead_id": lead_id, "site": site, "read_at": read_at}
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["upsert_social_accounts"], accounts=numbered, **about)
            urls = [account["url"] for account in accounts]
            await transaction.execute(_SQL["drop_other_social_accounts"], lead_id=lead_id, urls=urls)
            await transaction.execute(_SQL["upsert_social_posts"], posts=list(posts), **about)
            await transaction.execute(_SQL["drop_other_social_posts"], lead_id=lead_id, site=site, most=POSTS_KEPT)

    async def accounts(self, lead_id: UUID) -> list[SocialAccountRow]:
        rows = await self._database.fetch_all(_SQL["list_social_accounts"], lead_id=lead_id)
        return [SocialAccountRow(**row) for row in rows]

    async def posts(self, lead_id: UUID, *, site: str | None = None, most: int) -> list[SocialPostRow]:
        """The newest first; of that site alone, where one is given."""
        rows = await self._database.fetch_all(_SQL["list_social_posts"], lead_id=lead_id, site=site, most=most)
        return [SocialPostRow(**row) for row in rows]
