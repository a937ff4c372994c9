"""The background worker: syncs, outbox and schedules as jobs, alone or beside a server's doors. Whatever fails, the
database first of all, it goes on when that is back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from aiohttp import web

from agent_server.call_audio.schedule import SweepJob
from agent_server.crm_sync.parts import CrmParts
from agent_server.services import SERVICES
from crm.advice import told
from crm.client import CallOptions
from crm.errors import CrmError
from crm.platforms import TWO_WAY
from crm.sync.jobs import WEBHOOKS, SyncJobs
from crm.sync.outbox_watch import OutboxWatch
from pipelines.engines.restarts import RestartRules, Restarts
from storage.errors import StorageError
from storage.postgres.jobs import job_app

log = logging.getLogger(__name__)

_AT_ONCE = 8
_GRACE_S = 20.0
"""How long jobs may take to come to the end of the record they are at."""
_AT_LEISURE = CallOptions(deadline_s=15.0, share=0.9, try_timeout_s=5.0)
_AGAIN = RestartRules(first_delay_s=1.0, longest_delay_s=30.0, settled_after_s=60.0)


async def work(parts: CrmParts, dsn: str, stop: asyncio.Event, sweeping: SweepJob) -> None:
    """Run background jobs until ``stop``; then let those under way come to the end of the record they are at.
    ``sweeping``: what else there is to do in time."""
    again, loop = Restarts(_AGAIN), asyncio.get_running_loop()
    looking = asyncio.create_task(_tell_who_is_connected(parts), name="crm-look-around")
    try:
        while not stop.is_set():
            began = loop.time()
            try:
                await _run_jobs(parts, dsn, stop, sweeping)
                code = "connection_lost"  # of which the queue only logs
            except Exception as error:  # the queue's own errors are many; whatever it was, it is tried anew
                code = getattr(error, "code", type(error).__name__)
            if not stop.is_set():
                wait_s = again.delay_s(loop.time() - began)
                log.warning("background jobs stopped (%s), next try in %.0f s", code, wait_s)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await stop.wait()
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _run_jobs(parts: CrmParts, dsn: str, stop: asyncio.Event, sweeping: SweepJob) -> None:
    """Raises what ended it before ``stop``."""
    app = job_app(dsn)
    jobs = SyncJobs(parts.store, parts.crm, parts.queue, parts.jobs, stop, parts.now, parts.schedules, parts.keepers)
    jobs.register(app)
    sweeping.register(app)
    await parts.jobs.defer(WEBHOOKS, {"timestamp": 0}, once=WEBHOOKS)
    async with app.open_async():
        log.info("background jobs begin")
        watch = OutboxWatch(parts.store, parts.queue, TWO_WAY & set(parts.crm.providers), parts.now)
        jobs_run = app.run_worker_async(
            concurrency=_AT_ONCE,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=_GRACE_S,
        )
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(watch.run(), name="outbox-watch"),
            asyncio.create_task(parts.campaigns.run(), name="campaign-release"),
            asyncio.create_task(jobs_run, name="job-worker"),
            asyncio.create_task(stop.wait(), name="job-worker-stop"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_GRACE_S + 5.0)
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _tell_who_is_connected(parts: CrmParts) -> None:
    """To whoever starts it: a key that is refused would else be met at the next schedule, hours later."""
    set_up = [platform for platform in parts.crm.providers if await _is_set_up(parts, platform)]
    if not set_up:
        log.warning("no CRM is connected: set CLOSE_API_KEY, or store a key (PUT /api/sync/credentials/close)")
    for platform in set_up:
        try:
            await parts.crm.providers[platform].check(_AT_LEISURE)
            log.info("syncing with %s", platform)
        except (CrmError, StorageError) as error:
            log.warning("%s lets nobody in: %s", platform, told(platform, error.code))


async def _is_set_up(parts: CrmParts, platform: str) -> bool:
    try:
        return await parts.crm.is_set_up(platform)
    except StorageError as error:
        log.warning("credential of %s cannot be read: %s", platform, error.code)
        return False


class CompanionWorker:
    """The worker inside ``serve``. It starts when there is a CRM to work for, and not before: until then it would cost
    memory and connections for nothing."""

    def __init__(self, parts: CrmParts, dsn: str, sweeping: SweepJob) -> None:
        self._parts = parts
        self._sweeping = sweeping
        self._dsn = dsn
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(
                work(self._parts, self._dsn, self._stop, self._sweeping), name="companion-worker"
            )

    async def start_if_connected(self) -> None:
        for platform in self._parts.crm.providers:
            if await _is_set_up(self._parts, platform):
                self.start()
                return

    async def aclose(self) -> None:
        self._stop.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_GRACE_S + 10.0)


WORKER = web.AppKey("companion_worker", CompanionWorker)


async def running(app: web.Application) -> AsyncIterator[None]:
    """For an application's ``cleanup_ctx``: the worker beside its doors."""
    services = app[SERVICES]
    worker = CompanionWorker(services.crm, services.database.dsn, SweepJob(services.call_audio.keeping))
    if services.settings.crm.sync_worker:
        app[WORKER] = worker
        await worker.start_if_connected()
    yield
    await worker.aclose()
