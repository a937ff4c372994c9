"""The background worker alone: syncs, outbox and schedules, without any door but that of its figures."""

import asyncio

from agent_server.background.kept_going import Work, kept_going
from agent_server.call_audio.keeping import call_audio_keeping
from agent_server.call_audio.schedule import SweepJob
from agent_server.crm_sync.jobs import work as work_jobs
from agent_server.crm_sync.parts import crm_parts
from agent_server.crm_sync.worker_metrics import worker_metrics
from agent_server.erasing.erasers import erasures, retention_work
from agent_server.erasing.work import ErasureWork
from agent_server.settings import Settings
from agent_server.stores.database_watch import database_component, keep_running
from agent_server.stores.encryption_key import tell_of_another_key
from agent_server.stores.redis_watch import keep_small, redis_components
from agent_server.telemetry.components import watch
from agent_server.webhooks.work import webhook_work
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate


async def run_worker(settings: Settings, stop_event: asyncio.Event) -> None:
    """Work until ``stop_event`` is set; then the record at hand is finished, and the rest left for the next worker.

    Raises StorageError when there is no database.
    """
    process = settings.process
    if process.database_url is not None:
        await _work(settings, process.database_url, stop_event)
        return
    async with EmbeddedPostgres(process.embedded_database) as embedded:
        await _work(settings, embedded.dsn, stop_event, embedded)


async def _work(settings: Settings, dsn: str, stop: asyncio.Event, embedded: EmbeddedPostgres | None = None) -> None:
    await migrate(dsn)
    async with (
        await open_database(dsn, max_connections=settings.process.database_connections) as database,
        crm_parts(settings, database, utc_now) as parts,
        worker_metrics(settings.process, database, parts),
    ):
        await tell_of_another_key(settings.process, database)
        components = (database_component(database), *redis_components(settings.process, parts.redis))
        erasing = ErasureWork(erasures(settings, database, parts.redis), utc_now)
        works: dict[str, Work] = {
            "redis": lambda: keep_small(parts.redis),
            "components": lambda: watch(components),
            "erasures": erasing.keep,
            "old words": retention_work(settings, database).keep,
            **webhook_work(settings, database, utc_now).work(),
        }
        if embedded is not None:
            works["database watch"] = lambda: keep_running(embedded, database)
        beside = [asyncio.create_task(kept_going(name, work), name=name) for name, work in works.items()]
        try:
            await work_jobs(parts, dsn, stop, SweepJob(call_audio_keeping(settings, database, utc_now)))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
