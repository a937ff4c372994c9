"""Looks at companies, each once a day whoever asks and in whichever process, and keeps what was found with the lead."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from pipelines.social.networks import company_of
from pipelines.social.reader import READ_S, SocialReader
from pipelines.social.values import Post, Reading
from pipelines.tools.port import ToolError
from storage.errors import StorageError
from storage.leads.social import SocialAccountRow, SocialPostRow, SocialPosts

log = logging.getLogger(__name__)

FRESH: Final = timedelta(days=1)
FRESH_PARTLY: Final = timedelta(hours=1)
"""When something did not answer that may answer soon."""

FRESH_ENOUGH: Final = timedelta(minutes=10)
"""For somebody who wants to look now."""

MOST_AT_ONCE: Final = 4
LONGEST_S: Final = READ_S + 6.0


class CompanyPosts:
    """Made on the event loop, closed by its owner. A look goes on when who asked for it waits no longer, so that it is
    there for the next."""

    def __init__(self, reader: SocialReader, kept: SocialPosts, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self.kept = kept
        self._now = now
        self._looks: dict[str, asyncio.Task[Reading]] = {}

    async def look(self, website: str, *, lead_id: UUID | None = None, now_please: bool = False) -> Reading:
        """What was found today, or is found now. ``now_please``: unless somebody looked minutes ago.

        Raises ToolError ``invalid_arguments``, ``address_not_allowed``, ``social_busy``, ``site_unreachable``,
        StorageError.
        """
        site = company_of(website)
        if site is None:
            raise ToolError("invalid_arguments", "That is no web address.")
        reading = await self.known(site, now_please=now_please)
        if reading is None:
            look = self._looks.get(site)
            if look is None:
                if len(self._looks) >= MOST_AT_ONCE:
                    raise ToolError("social_busy", "Other companies are being looked at; try again.", retryable=True)
                look = self._looks[site] = asyncio.create_task(self._look(site, website), name=f"look at {site}")
                look.add_done_callback(lambda done: self._over(site, done))
            reading = await asyncio.shield(look)
        if lead_id is not None:
            await self._keep(lead_id, reading)
        return reading

    async def known(self, site: str, *, now_please: bool = False) -> Reading | None:
        """What was found lately enough; None: nothing. Raises StorageError."""
        found = await self.kept.reading(site)
        if found is None:
            return None
        fresh = FRESH_ENOUGH if now_please else FRESH if found.is_whole else FRESH_PARTLY
        if found.read_at + fresh <= self._now():
            return None
        return msgspec.convert(found.reading, Reading)

    async def posts_of(self, lead_id: UUID | None, website: str | None, *, most: int = 20) -> list[Post]:
        """Those of the website that are kept, the newest first; nobody is asked. Raises StorageError."""
        site = company_of(website or "")
        if site is None:
            return []
        if lead_id is not None:
            rows = await self.kept.posts(lead_id, site=site, most=most)
            if rows:
                return [msgspec.convert(row, Post, from_attributes=True) for row in rows]
        reading = await self.known(site)
        return list(reading.posts[:most]) if reading is not None else []

    async def of_lead(self, lead_id: UUID, *, most: int) -> tuple[list[SocialAccountRow], list[SocialPostRow]]:
        """Raises StorageError."""
        return await self.kept.accounts(lead_id), await self.kept.posts(lead_id, most=most)

    async def aclose(self) -> None:
        looks = list(self._looks.values())
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, site: str, website: str) -> Reading:
        try:
            async with asyncio.timeout(LONGEST_S):
                reading = await self._reader.read(website)
        except TimeoutError:
            raise ToolError("site_unreachable", "The site did not answer.", retryable=True) from None
        kept = msgspec.to_builtins(reading)
        await self.kept.keep_reading(site, kept, is_whole=reading.is_whole, read_at=reading.read_at)
        return reading

    def _over(self, site: str, look: "asyncio.Task[Reading]") -> None:
        self._looks.pop(site, None)
        # Whoever waits is told; when nobody does, it is told here.
        error = None if look.cancelled() else look.exception()
        if error is not None and not isinstance(error, ToolError | StorageError):
            log.error("a look at a company's posts broke", exc_info=error)

    async def _keep(self, lead_id: UUID, reading: Reading) -> None:
        """With the lead whose website it is, and no other. A site that does not answer takes away nothing that is
        there."""
        if company_of(await self.kept.website_of(lead_id) or "") != reading.site:
            return
        if not reading.is_read and any(row.site == reading.site for row in await self.kept.accounts(lead_id)):
            return
        await self.kept.keep(
            lead_id,
            reading.site,
            accounts=msgspec.to_builtins(reading.accounts),
            posts=msgspec.to_builtins(reading.posts),
            read_at=reading.read_at,
        )
