"""Carries a sync out: takes the lease, does the phases of a run, and leaves everything so that the next run, here or
elsewhere, goes on where this one was cut off.

A phase that the CRM's limits hold up ends early and the next one begins: a full window of one endpoint group stalls
nothing that uses another.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from crm.contact import PersonKey
from crm.errors import CircuitOpen, CrmError, GiveUp, RateLimited, RetryLater
from crm.linkedin.scraper import LinkedInScraper
from crm.mapping import linkedin_url
from crm.provider import Capability, Provider
from crm.sync import cursors
from crm.sync.activities import ActivitySender
from crm.sync.dead_letters import bury_reading, bury_sending
from crm.sync.enrichment import EnrichmentRun
from crm.sync.exporting import ContactSender
from crm.sync.filtered import import_filtered
from crm.sync.importing import read_entry, take_in, take_out
from crm.sync.outbox import after_failure
from crm.sync.store import Run, SyncStore
from storage.crm_contacts import put_aliases
from storage.crm_inbox import InboxEntry, call_for, postpone_entry, settle_entry
from storage.crm_outbox import OutboxEntry, postpone_sending
from storage.crm_sync_runs import RunStatus, SyncRun, Tally
from storage.crm_sync_state import (
    advance_listing,
    begin_listing,
    end_listing,
    save_feed,
    save_watermark,
)
from storage.errors import StorageError
from storage.secret_tokens import new_id, utc_now

_log = logging.getLogger(__name__)

LEASE_S = 30.0
"""A worker that dies is replaced after this long."""
_AT_ONCE = 4
"""Records read side by side."""
_INBOX_BATCH = 100
_OUTBOX_BATCH = 50

Phase = Callable[[Run, Provider], Awaitable[None]]


class Busy(Exception):  # noqa: N818 - names the fact
    """Another worker syncs this platform."""


class _Stopped(Exception):  # noqa: N818 - names the fact
    """The worker is to end; what is left is done by the next run."""


class SyncEngine:
    """Runs syncs, one of each platform at a time."""

    def __init__(
        self,
        store: SyncStore,
        providers: Mapping[str, Provider],
        *,
        now: Callable[[], datetime] = utc_now,
        stop: asyncio.Event | None = None,
        lease_s: float = LEASE_S,
        scraper: LinkedInScraper | None = None,
    ) -> None:
        """``stop`` asks a run to end after the record it is at."""
        self._store = store
        self._providers = providers
        self._now = now
        self._stop = stop or asyncio.Event()
        self._lease_s = lease_s
        self._scraper = scraper
        self._owner = new_id("worker")

    async def run(self, run_id: str) -> RunStatus:
        """Carry out a queued run; returns how it ended. Raises Busy, and StorageError when the database is away: the
        run is gone on with later then."""
        noted = await self._store.runs.get(run_id)
        if noted is None or noted.status not in ("queued", "running", "interrupted"):
            return noted.status if noted is not None else "failed"
        async with self._lease(noted.platform):
            if not await self._store.runs.start(run_id, noted.platform, now=self._now()):
                return noted.status
            return await self._carry_out(noted)

    async def _carry_out(self, noted: SyncRun) -> RunStatus:
        run = Run(self._store, noted.platform, self._owner, noted.id, self._now)
        state = await self._store.state.get(noted.platform)
        run.clock_offset_s = state.clock_offset_s
        provider = self._providers[noted.platform]
        status: RunStatus = "completed"
        try:
            for name, phase in self._phases(noted, provider):
                run.enter(name)
                status = _worse(status, await self._try_phase(run, provider, phase))
                if status == "failed":
                    break
        except _Stopped:
            status = "interrupted"
        if status == "completed" and run.errors:
            status = "partial"
        errors = [{"code": code, "count": count} for code, count in sorted(run.errors.items())]
        await self._store.runs.end(noted.id, status, errors, now=self._now())
        return status

    async def _try_phase(self, run: Run, provider: Provider, phase: Phase) -> RunStatus:
        try:
            await phase(run, provider)
        except RateLimited as error:
            run.note_error(error.code)
            return "partial"
        except CrmError as error:
            run.note_error(error.code)
            _log.warning("sync with %s: %s", run.platform, error.code)
            return "failed"
        return "completed"

    def _phases(self, noted: SyncRun, provider: Provider) -> list[tuple[str, Phase]]:
        can = provider.capabilities
        if noted.filters and Capability.LIST in can:
            filtered: Phase = lambda run, p: import_filtered(run, p, noted.filters, self._check_stop)  # noqa: E731
            return [("check", self._check), ("import", filtered)]
        if Capability.LIST not in can:
            return [("enrich", lambda run, _: self._enrich(run, provider, noted.filters))]
        reading: list[tuple[str, Phase]] = [("prepare", self._prepare), ("inbox", self._work_inbox)]
        sending: list[tuple[str, Phase]] = [("outbox", self._work_outbox)]
        if noted.trigger == "change":
            return [*reading, *sending]
        reading = reading[1:]
        changed = self._read_feed if Capability.CHANGES in can else self._list_recent
        listing: Phase = lambda run, p: self._list_all(run, p, anew=noted.mode == "full")  # noqa: E731
        importing = [("check", self._check), ("listing", listing), ("feed", changed), *reading]
        return {
            "import": importing,
            "export": [("check", self._check), *sending],
        }.get(noted.operation, [*importing, *sending])

    async def _check(self, run: Run, provider: Provider) -> None:
        """Before anything is believed to be gone: that this is the CRM, and lets us in."""
        await provider.check()
        await self._prepare(run, provider)

    async def _prepare(self, run: Run, provider: Provider) -> None:
        """Without our references known, what we made ourselves would look like somebody else's."""
        await provider.prepare()

    async def _list_all(self, run: Run, provider: Provider, *, anew: bool) -> None:
        """A walk over everything: the first time, on demand, when the feed lost us; a walk begun is finished."""
        state = await run.store.state.get(run.platform)
        has_feed = Capability.CHANGES in provider.capabilities
        lost = state.feed_read_at is not None and run.now() - state.feed_read_at > cursors.FEED_PATIENCE
        if state.listing_id is None:
            if state.listed_at is not None and not anew and not (has_feed and lost):
                return
            await self._begin_listing(run, provider, new_feed=has_feed and (state.feed_cursor is None or lost))
            state = await run.store.state.get(run.platform)
        assert state.listing_id is not None  # begun above
        listing_id, cursor = state.listing_id, state.listing_cursor
        total = await run.store.contacts.count(run.platform) if state.listed_at else None
        run.enter("listing", total)
        while True:
            self._check_stop()
            page = await provider.list_contacts(cursor)
            tally = Tally()
            async with run.writing(lambda: tally) as transaction:  # noqa: B023 - read within this round
                tally = await take_in(transaction, run, page.contacts, listed=True)
                ids = [contact.external_id for contact in page.contacts]
                await advance_listing(transaction, run.platform, listing_id, page.cursor, ids)
            cursor = page.cursor
            if cursor is None:
                break
        await self._end_listing(run, listing_id)

    async def _begin_listing(self, run: Run, provider: Provider, *, new_feed: bool) -> None:
        async with run.writing() as transaction:
            await begin_listing(transaction, run.platform, new_id("listing"), now=run.now())
            if new_feed:
                await save_feed(transaction, run.platform, provider.changes_from(run.now()), now=run.now())

    async def _end_listing(self, run: Run, listing_id: str) -> None:
        """Contacts the listing has not come by are looked at one by one: a search index may be late, or wrong."""
        missed = await run.store.contacts.unlisted(run.platform, listing_id)
        wanted = [
            ("parent", parent) if parent is not None else ("contact", external_id) for external_id, parent in missed
        ]
        async with run.writing() as transaction:
            await call_for(transaction, run.platform, wanted, now=run.now())  # type: ignore[arg-type]
            await end_listing(transaction, run.platform)

    async def _read_feed(self, run: Run, provider: Provider) -> None:
        """What changed since the last time goes into the inbox, with the cursor, in one transaction."""
        state = await run.store.state.get(run.platform)
        cursor = state.feed_cursor or provider.changes_from(run.now())
        try:
            page = await provider.changes(cursor)
        except GiveUp as error:
            if error.code != "changes_expired":
                raise
            await self._begin_listing(run, provider, new_feed=True)
            await self._list_all(run, provider, anew=False)
            state = await run.store.state.get(run.platform)
            page = await provider.changes(state.feed_cursor or cursor)
        async with run.writing() as transaction:
            await call_for(transaction, run.platform, cursors.to_read(page.changes), now=run.now())
            await put_aliases(transaction, run.platform, cursors.aliases(page.changes))
            await save_feed(transaction, run.platform, page.cursor, now=run.now())

    async def _list_recent(self, run: Run, provider: Provider) -> None:
        """For a CRM without a feed: whatever changed since the latest time seen, less an overlap."""
        state = await run.store.state.get(run.platform)
        edge, cursor = cursors.Edge(state.watermark), None
        since = edge.since()
        while True:
            self._check_stop()
            page = await provider.list_contacts(cursor, since=since)
            edge, cursor = edge.after(page.contacts), page.cursor
            tally = Tally()
            async with run.writing(lambda: tally) as transaction:  # noqa: B023 - read within this round
                tally = await take_in(transaction, run, page.contacts)
                if cursor is None and edge.at is not None:
                    # Pages are in no promised order: the time they reach counts once all of them are in.
                    await save_watermark(transaction, run.platform, edge.at, now=run.now())
            if cursor is None:
                return

    async def _work_inbox(self, run: Run, provider: Provider) -> None:
        run.enter("inbox", await run.store.inbox.count(run.platform))
        while entries := await run.store.inbox.due(run.platform, now=run.now(), rows=_INBOX_BATCH):
            for start in range(0, len(entries), _AT_ONCE):
                self._check_stop()
                some = entries[start : start + _AT_ONCE]
                reads = [asyncio.create_task(self._read_in(run, provider, entry)) for entry in some]
                try:
                    await asyncio.gather(*reads)
                finally:
                    for task in reads:
                        task.cancel()
                    await asyncio.gather(*reads, return_exceptions=True)

    async def _read_in(self, run: Run, provider: Provider, entry: InboxEntry) -> None:
        """Read one record and take it in; what cannot be read is tried later, and in the end given up."""
        try:
            reading = await read_entry(run, provider, entry)
        except RetryLater as error:
            run.note_error(error.code)
            raise
        except GiveUp:
            raise
        except CrmError as error:
            await self._postpone_reading(run, entry, error)
            return
        tally = Tally()
        async with run.writing(lambda: tally) as transaction:
            tally = await take_in(transaction, run, reading.contacts)
            tally += await take_out(transaction, run, reading.gone)
            await settle_entry(transaction, run.platform, entry)

    async def _postpone_reading(self, run: Run, entry: InboxEntry, error: CrmError) -> None:
        run.note_error(error.code)
        verdict = after_failure(error, entry.attempts + 1, now=run.now())
        async with run.writing(lambda: Tally(failed=1)) as transaction:
            if verdict.due_at is not None:
                await postpone_entry(transaction, run.platform, entry, due_at=verdict.due_at)
            else:
                await bury_reading(transaction, run.platform, entry, error.code, now=run.now())

    async def _work_outbox(self, run: Run, provider: Provider) -> None:
        held_up: RetryLater | None = None
        while entries := await run.store.outbox.due(run.platform, now=run.now(), rows=_OUTBOX_BATCH):
            for entry in entries:
                self._check_stop()
                error = await self._send(run, provider, entry)
                if isinstance(error, RetryLater) and error.code in ("circuit_open", "provider_unreachable"):
                    raise error
                held_up = error if isinstance(error, RateLimited) else held_up
        if held_up is not None:
            raise held_up

    async def _send(self, run: Run, provider: Provider, entry: OutboxEntry) -> CrmError | None:
        """One change. What fails is postponed or given up; raises only what stops the whole platform."""
        sender = ContactSender if entry.kind == "contact" else ActivitySender
        try:
            await sender(run, provider, entry).send()
        except CrmError as error:
            waiting = error.code in _PATIENT or isinstance(error, RateLimited | CircuitOpen)
            attempts = entry.attempts + (0 if waiting else 1)
            verdict = after_failure(error, max(1, attempts), now=run.now())
            if verdict.action == "stop":
                raise
            if error.code not in _PATIENT:
                run.note_error(error.code)
            async with run.writing(lambda: Tally(failed=verdict.action == "bury")) as transaction:
                if verdict.due_at is not None:
                    await postpone_sending(
                        transaction, entry, due_at=verdict.due_at, error=error.code, attempts=attempts
                    )
                else:
                    await bury_sending(transaction, entry, error.code, now=run.now())
            return error
        return None

    async def _enrich(self, run: Run, provider: Provider, filters: dict[str, Any]) -> None:
        enrichment = EnrichmentRun(run, provider)
        if emails := filters.get("emails"):
            await enrichment.emails(emails)
        elif urls := filters.get("profile_urls"):
            await self._scrape(run, enrichment, urls)
        elif Capability.ENRICH_PERSON in provider.capabilities or Capability.ENRICH_PEOPLE in provider.capabilities:
            await provider.check()
            while await enrichment.step():
                self._check_stop()
        elif Capability.PROFILE in provider.capabilities:
            await self._own_profile(run, provider, enrichment)

    async def _own_profile(self, run: Run, provider: Provider, enrichment: EnrichmentRun) -> None:
        profile = await provider.profile()
        rows = await run.store.contacts.of_external_ids(run.platform, [profile.external_id or ""])
        tally = Tally()
        async with run.writing(lambda: tally) as transaction:
            tally = await enrichment.take_person(transaction, rows[0] if rows else None, profile)

    async def _scrape(self, run: Run, enrichment: EnrichmentRun, urls: list[str]) -> None:
        if self._scraper is None:
            raise GiveUp("scraping_not_allowed", "reading other people's profiles is switched off", platform="linkedin")
        for url in urls:
            self._check_stop()
            found = await self._scraper.enrich_person(PersonKey(linkedin_url=url))
            row = await run.store.contacts.of_person(None, linkedin_url.normalised(url))
            tally = Tally()
            async with run.writing(lambda: tally) as transaction:  # noqa: B023 - read within this round
                tally = await enrichment.take_person(transaction, row, found)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    @asynccontextmanager
    async def _lease(self, platform: str) -> AsyncIterator[None]:
        if not await self._store.state.take_lease(platform, self._owner, self._lease_s):
            raise Busy
        keeping = asyncio.create_task(self._keep_lease(platform), name=f"sync-lease-{platform}")
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            with suppress(StorageError):
                await self._store.state.leave_lease(platform, self._owner)

    async def _keep_lease(self, platform: str) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            with suppress(StorageError):
                await self._store.state.take_lease(platform, self._owner, self._lease_s)


_PATIENT = frozenset({"contact_not_ready", "attempt_unsettled"})
"""Not failures: their turn has not come."""
_ORDER: tuple[RunStatus, ...] = ("completed", "partial", "failed")


def _worse(one: RunStatus, other: RunStatus) -> RunStatus:
    return max(one, other, key=_ORDER.index)
