"""Carries a sync out: takes the lease, does the phases of a run, and leaves everything so that the next run, here or
elsewhere, goes on where this one was cut off.

A phase that fails ends early and the next one begins, unless nothing would get through: a full window of one endpoint
group, or a listing the CRM cannot give out, stalls nothing that uses another.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePath

from crm.advice import told
from crm.errors import CrmError, Forbidden, RateLimited
from crm.linkedin.scraper import LinkedInScraper
from crm.provider import Provider
from crm.sync.lease import LEASE_S, lease
from crm.sync.outbox import concerns_all
from crm.sync.phases import GATES, Phase, phases_of
from crm.sync.run import Run, Stopped
from crm.sync.store import SyncStore
from storage.crm.sync_runs import RunStatus, SyncRun
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id, utc_now

_log = logging.getLogger(__name__)

_ORDER: tuple[RunStatus, ...] = ("completed", "partial", "failed")


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
        self._stop = stop
        self._lease_s = lease_s
        self._scraper = scraper
        self._owner = new_id("worker")

    async def run(self, run_id: str, *, began: Callable[[], None] | None = None) -> RunStatus:
        """Carry out a queued run; returns how it ended. ``began`` is called when its turn has come, before it looks at
        anything. Raises Busy, and StorageError when the database is away: the run is gone on with later then."""
        noted = await self._store.runs.get(run_id)
        if noted is None or noted.status not in ("queued", "running", "interrupted"):
            return noted.status if noted is not None else "failed"
        async with lease(self._store.state, noted.platform, self._owner, lease_s=self._lease_s):
            if began is not None:
                began()
            if not await self._store.runs.start(run_id, noted.platform, now=self._now()):
                return noted.status
            return await self._carry_out(noted)

    async def _carry_out(self, noted: SyncRun) -> RunStatus:
        run = Run(
            self._store,
            platform=noted.platform,
            owner=self._owner,
            run_id=noted.id,
            now=self._now,
            processed=noted.contacts_processed,
            stop=self._stop,
        )
        run.clock_offset_s = (await self._store.state.get(noted.platform)).clock_offset_s
        provider = self._providers[noted.platform]
        status: RunStatus = "completed"
        try:
            for name, phase in phases_of(noted, provider, self._scraper):
                run.enter(name)
                failure = await _try(run, provider, phase)
                if failure is None:
                    continue
                status = max(status, "partial" if isinstance(failure, RateLimited) else "failed", key=_ORDER.index)
                if name in GATES or _ends_run(failure):
                    break
        except Stopped:
            status = "interrupted"
        except StorageError:
            raise
        except Exception as error:
            # A mistake of ours: without an end it would be taken up again for ever. Its text may hold anybody's words.
            run.note_error("internal_error")
            _log.error("sync with %s: %s in %s", run.platform, type(error).__name__, _place_of(error))
            status = "failed"
        if status == "completed" and run.errors:
            status = "partial"
        errors = [{"code": code, "count": count} for code, count in sorted(run.errors.items())]
        await self._store.runs.end(noted.id, status, errors, now=self._now())
        if run.processed or noted.trigger != "change":
            about = {"run": noted.id, "trigger": noted.trigger, "contacts": run.processed}
            _log.info("sync with %s: %s", run.platform, status, extra={"fields": about})
        return status


def _place_of(error: BaseException) -> str:
    """The line it was raised at."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


async def _try(run: Run, provider: Provider, phase: Phase) -> CrmError | None:
    """What went wrong, if anything."""
    try:
        await phase(run, provider)
    except CrmError as error:
        run.note_error(error.code)
        if not isinstance(error, RateLimited):
            _log.warning("sync with %s: %s", run.platform, told(run.platform, error.code))
        return error
    return None


def _ends_run(failure: CrmError) -> bool:
    """Whether the phases after this one would fare no better: what is not permitted here may be there."""
    return concerns_all(failure) and not isinstance(failure, Forbidden)
