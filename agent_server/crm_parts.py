"""What the doors to CRMs share in one process, made from the settings; and the worker that runs beside them."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp import web
from msgspec import Struct

from agent_server.services import SERVICES
from agent_server.settings import CrmSettings as Variables
from agent_server.settings import Settings
from agent_server.shared_redis import SharedRedis
from crm import assembly
from crm.adapter import HttpAdapter
from crm.credentials import CredentialStore
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.sync import phones
from crm.sync.edits import TWO_WAY, ContactEdits
from crm.sync.jobs import WEBHOOKS, SyncJobs, SyncQueue, quietly
from crm.sync.opportunities import OpportunityOrders
from crm.sync.outbox_watch import OutboxWatch
from crm.sync.standing import Standing
from crm.sync.store import SyncStore, sync_store
from crm.sync.subscription import SubscriptionKeeper
from crm.sync.webhooks import WebhookDoor
from crm.vault import Vault, VaultError, generate_key
from storage.circuit_breaker import CircuitBreaker
from storage.crm_credentials import CrmCredentials
from storage.database import Database
from storage.errors import StorageError
from storage.jobs import Jobs, job_app
from storage.rate_limit import RateLimiter
from storage.shared_state import SharedState

log = logging.getLogger(__name__)

ENCRYPTION_KEY_FILE = "encryption-key"
_AT_ONCE = 8
_GRACE_S = 20.0
"""How long jobs may take to come to the end of the record they are at."""


class CrmParts(Struct, frozen=True, kw_only=True):
    """Everything a door to the CRMs may need."""

    crm: assembly.Crm
    store: SyncStore
    jobs: Jobs
    queue: SyncQueue
    edits: ContactEdits
    opportunities: OpportunityOrders
    webhooks: WebhookDoor
    phones: phones.PhoneDoor | None
    standing: Standing
    breaker: CircuitBreaker
    limiter: RateLimiter
    schedules: dict[str, str]
    keepers: dict[str, SubscriptionKeeper]
    now: Callable[[], datetime]


CRM = web.AppKey("crm", CrmParts)


@asynccontextmanager
async def crm_parts(settings: Settings, database: Database, now: Callable[[], datetime]) -> AsyncIterator[CrmParts]:
    """Made without asking anybody anything. Raises VaultError or OSError when no encryption key can be had."""
    keys = settings.process.encryption_key or _own_encryption_key(settings.process.data_dir)
    redis = SharedRedis(settings.process.redis_url, cluster=settings.process.redis_cluster)
    adapter = HttpAdapter()
    hints: set[asyncio.Task[None]] = set()
    try:
        state = SharedState(redis)
        limiter, breaker = RateLimiter(state), CircuitBreaker(state)
        rows = CredentialStore(CrmCredentials(database), Vault.from_setting(keys))
        shared = assembly.CrmRim(adapter=adapter, limiter=limiter, breaker=breaker, store=rows)
        crm = assembly.assemble(_assembly_settings(settings, keys), shared)
        store, jobs = sync_store(database), Jobs(database)
        queue = SyncQueue(store, jobs, now)

        def changed(platform: str) -> None:
            """Have what waits be looked at soon; nobody waits for it."""
            hint = asyncio.create_task(quietly(queue.changed(platform), "a hint to the sync"), name="sync-hint")
            hints.add(hint)
            hint.add_done_callback(hints.discard)

        yield CrmParts(
            crm=crm,
            store=store,
            jobs=jobs,
            queue=queue,
            edits=ContactEdits(store, now, changed),
            opportunities=OpportunityOrders(store),
            webhooks=WebhookDoor(store, crm.providers["close"], crm.signature_keys["close"], now, changed),
            phones=_phone_door(settings, keys, store, now, changed),
            standing=Standing(store, crm, breaker),
            breaker=breaker,
            limiter=limiter,
            schedules=schedules(settings.crm),
            keepers=_keepers(settings, crm),
            now=now,
        )
    finally:
        if hints:
            await asyncio.wait(hints, timeout=2.0)
        await adapter.aclose()
        await redis.aclose()


async def run_jobs(parts: CrmParts, dsn: str, stop: asyncio.Event) -> None:
    """Run background jobs until ``stop``, then let those under way come to the end of the record they are at."""
    app = job_app(dsn)
    jobs = SyncJobs(parts.store, parts.crm, parts.queue, parts.jobs, stop, parts.now, parts.schedules, parts.keepers)
    jobs.register(app)
    await parts.jobs.defer(WEBHOOKS, {"timestamp": 0}, once=WEBHOOKS)
    async with app.open_async():
        log.info("background jobs begin")
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=_AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=_GRACE_S,
            ),
            name="job-worker",
        )
        watch = OutboxWatch(parts.store, parts.queue, TWO_WAY & set(parts.crm.providers), parts.now)
        watching = asyncio.create_task(watch.run(), name="outbox-watch")
        stopping = asyncio.create_task(stop.wait(), name="job-worker-stop")
        try:
            await asyncio.wait({working, stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            watching.cancel()
            stop.set()
            working.cancel()
            await asyncio.wait({working, stopping, watching}, timeout=_GRACE_S + 5.0)
    if watching.done() and not watching.cancelled() and (error := watching.exception()) is not None:
        raise error
    if working.done() and not working.cancelled() and (error := working.exception()) is not None:
        raise error


class CompanionWorker:
    """The worker inside ``serve``. It starts when there is a CRM to work for, and not before: until then it would cost
    memory and connections for nothing."""

    def __init__(self, parts: CrmParts, dsn: str) -> None:
        self._parts = parts
        self._dsn = dsn
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="companion-worker")

    async def start_if_connected(self) -> None:
        for platform in self._parts.crm.providers:
            try:
                if await self._parts.crm.is_connected(platform):
                    self.start()
                    return
            except (StorageError, VaultError) as error:
                log.warning("credential of %s cannot be read: %s", platform, error.code)

    async def aclose(self) -> None:
        self._stop.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_GRACE_S + 10.0)

    async def _run(self) -> None:
        wait_s = 1.0
        while not self._stop.is_set():
            try:
                await run_jobs(self._parts, self._dsn, self._stop)
            except Exception as error:  # the queue's own errors are many; whatever it was, calls go on
                log.warning("background jobs stopped (%s), next try in %.0f s", type(error).__name__, wait_s)
                try:
                    await asyncio.wait_for(self._stop.wait(), wait_s)
                except TimeoutError:
                    wait_s = min(60.0, wait_s * 2)


WORKER = web.AppKey("companion_worker", CompanionWorker)


async def running(app: web.Application) -> AsyncIterator[None]:
    """For an application's ``cleanup_ctx``: the parts, and the worker beside them, while it runs."""
    services = app[SERVICES]
    async with crm_parts(services.settings, services.database, services.utc_now) as parts:
        app[CRM] = parts
        services.agent_service.use_crm(parts.crm)
        worker = CompanionWorker(parts, services.database.dsn)
        if services.settings.crm.sync_worker:
            app[WORKER] = worker
            await worker.start_if_connected()
        try:
            yield
        finally:
            await worker.aclose()


def _keepers(settings: Settings, crm: assembly.Crm) -> dict[str, SubscriptionKeeper]:
    """Close tells us what changes where it can reach us, unless somebody looks after the subscription by hand."""
    url = settings.process.public_url
    if url is None or settings.crm.close_webhook_signature_key is not None:
        return {}
    return {"close": SubscriptionKeeper(crm.providers["close"], crm.store, f"{url.rstrip('/')}/webhooks/close")}


def schedules(crm: Variables) -> dict[str, str]:
    return {
        "close": crm.close_sync_schedule,
        "apollo": crm.apollo_sync_schedule,
        "linkedin": crm.linkedin_sync_schedule,
    }


def _phone_address(settings: Settings, keys: str) -> str | None:
    """Where Apollo may bring numbers. The secret is in the query, which no log of ours holds."""
    url = settings.process.public_url
    if url is None or not settings.crm.apollo_phone_numbers:
        return None
    return f"{url.rstrip('/')}/webhooks/apollo?key={phones.secret(keys.partition(',')[0].strip())}"


def _phone_door(
    settings: Settings, keys: str, store: SyncStore, now: Callable[[], datetime], changed: Callable[[str], object]
) -> phones.PhoneDoor | None:
    """Addresses given out before ENCRYPTION_KEY was replaced stay good while the older key is there."""
    if _phone_address(settings, keys) is None:
        return None
    return phones.PhoneDoor(store, [phones.secret(key.strip()) for key in keys.split(",") if key.strip()], now, changed)


def _assembly_settings(settings: Settings, keys: str) -> assembly.CrmSettings:
    crm = settings.crm
    terms = None
    if crm.linkedin_scraping_accepted_by.strip() and crm.linkedin_scraping_legal_basis.strip():
        terms = ScrapingTerms(crm.linkedin_scraping_accepted_by, crm.linkedin_scraping_legal_basis)
    return assembly.CrmSettings(
        close_api_key=crm.close_api_key,
        close_api_base=crm.close_api_base,
        close_signature_keys=(crm.close_webhook_signature_key,) if crm.close_webhook_signature_key else (),
        apollo_api_key=crm.apollo_api_key,
        apollo_api_base=crm.apollo_api_base,
        apollo_phone_url=_phone_address(settings, keys),
        linkedin_client_id=crm.linkedin_client_id,
        linkedin_client_secret=crm.linkedin_client_secret,
        linkedin_redirect_uri=crm.linkedin_redirect_uri,
        linkedin_api_base=crm.linkedin_api_base,
        browserbase_api_key=crm.browserbase_api_key,
        browserbase_project_id=crm.browserbase_project_id,
        browserbase_api_base=crm.browserbase_api_base,
        scraping_terms=terms,
        state_secret=keys.partition(",")[0],
    )


def _own_encryption_key(data_dir: Path) -> str:
    """The key of a server nobody gave one, kept in the data directory for its owner alone; of several processes that
    start at once one makes it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / ENCRYPTION_KEY_FILE
    draft = data_dir / f".{ENCRYPTION_KEY_FILE}.{os.getpid()}"
    if not path.exists():
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(generate_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
