"""Reads public profiles through Browserbase, once ``scraping_terms`` are accepted. Read there before using this."""

import asyncio
import logging
from datetime import UTC, datetime

import msgspec

from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.contact import Account, Enrichment, PersonKey
from crm.errors import CrmError, DeadlineExceeded, NotFound, RateLimited, SkipRecord
from crm.linkedin import browserbase, profile_page, remote_page
from crm.linkedin.dialect import DAILY, DAY_S
from crm.linkedin.scraping_terms import ScrapingTerms, required
from crm.mapping import linkedin_url
from crm.provider import Capability, Provider
from storage.shared.daily_counts import DailyCounts

_log = logging.getLogger(__name__)

_COUNT = "linkedin_profiles"
_OPENING_S = 30.0
_RELEASE = CallOptions(deadline_s=10.0, share=1.0, try_timeout_s=5.0)


class LinkedInScraper(Provider):
    """``client`` is Browserbase's. One profile at a time, at most 100 a day over all processes, whatever is started
    anew; further calls wait for the one before within their deadline, the day's end is reported as RateLimited."""

    platform = "linkedin"
    capabilities = frozenset({Capability.ENRICH_PERSON})

    def __init__(
        self,
        client: ApiClient,
        opener: remote_page.SocketOpener,
        counts: DailyCounts,
        *,
        terms: ScrapingTerms | None,
        project_id: str | None = None,
        page_timeout_s: float = 45.0,
    ) -> None:
        self._client = client
        self._opener = opener
        self._counts = counts
        self._terms = terms
        self._project_id = project_id
        self._page_timeout_s = page_timeout_s
        self._one_at_a_time = asyncio.Lock()

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        """That the switch is on. Whether the key is good shows with the first session, since each costs a minute."""
        return Account("browserbase", required(self._terms).accepted_by)

    async def enrich_person(self, key: PersonKey, options: CallOptions = BACKGROUND) -> Enrichment | None:
        """The public profile at ``key.linkedin_url``; None when there is none."""
        required(self._terms)
        address = linkedin_url.normalised(key.linkedin_url)
        if address is None:
            raise SkipRecord("not_a_profile_url", "only linkedin.com/in/ addresses are read", platform=self.platform)
        try:
            async with asyncio.timeout(options.deadline_s), self._one_at_a_time:
                await self._take_one_of_today(options.share)
                page = await self._load(address, options)
        except TimeoutError as error:
            raise DeadlineExceeded("profile_timeout", "no profile within the deadline", platform="linkedin") from error
        try:
            return profile_page.read(page.url, page.html)
        except NotFound:
            return None

    async def _take_one_of_today(self, share: float) -> None:
        """Raises RateLimited."""
        now = self._client.rim.clock()
        today = datetime.fromtimestamp(now, UTC).date()
        if not await self._counts.take(_COUNT, today, most=int(DAILY.limit * share)):
            message, left_s = "no profile is left for today", DAY_S - now % DAY_S
            raise RateLimited("rate_limit_reached", message, platform=self.platform, retry_after_s=left_s)

    async def _load(self, address: str, options: CallOptions) -> remote_page.LoadedPage:
        lifetime_s = int(self._page_timeout_s) + 15
        session = await self._open(lifetime_s, options)
        try:
            return await remote_page.load(self._opener, session.connect_url, address, timeout_s=self._page_timeout_s)
        finally:
            await self._release(session.id)

    async def _open(self, lifetime_s: int, options: CallOptions) -> browserbase.Session:
        """A new session. Cancellation waits for the answer: without its id a session could not be ended."""
        bounded = msgspec.structs.replace(options, deadline_s=min(options.deadline_s, _OPENING_S))
        request = browserbase.create(self._project_id, lifetime_s=lifetime_s)
        opening = asyncio.create_task(self._client.json(request, browserbase.Session, bounded), name="browserbase-open")
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.wait([opening])
            if not opening.cancelled() and opening.exception() is None:
                await self._end(opening.result().id)
            raise

    async def _release(self, session_id: str) -> None:
        """A session left open goes on costing until its lifetime ends, so cancellation waits for this."""
        ending = asyncio.create_task(self._end(session_id), name="browserbase-release")
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await asyncio.wait([ending])
            raise

    async def _end(self, session_id: str) -> None:
        try:
            await self._client.send(browserbase.release(session_id, self._project_id), _RELEASE)
        except CrmError as error:
            _log.warning("a remote browser was left to its lifetime: %s", error.code)
