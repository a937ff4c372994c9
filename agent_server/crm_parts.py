"""What the doors to CRMs share in one process, made from the settings."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web
from msgspec import Struct

from agent_server.calendar_zone import calendar_zone
from agent_server.campaigns.pacing import Pace
from agent_server.campaigns.releasing import CampaignRelease
from agent_server.campaigns.terms import terms_of
from agent_server.campaigns.unsubscribing import UnsubscribeLinks, links_of
from agent_server.encryption_key import encryption_keys
from agent_server.settings import CrmSettings as Variables
from agent_server.settings import Settings
from agent_server.shared_redis import SharedRedis
from agent_server.telemetry.crm_figures import record_call
from crm import assembly
from crm.adapter import HttpAdapter
from crm.credentials import CredentialStore
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.sync import phones
from crm.sync.edits import ContactEdits
from crm.sync.jobs import SyncQueue, quietly
from crm.sync.opportunities import OpportunityOrders
from crm.sync.standing import Standing
from crm.sync.store import SyncStore, sync_store
from crm.sync.subscription import SubscriptionKeeper
from crm.sync.webhooks import WebhookDoor
from crm.vault import Vault
from pipelines.calendar.rules import read_hours
from storage.circuit_breaker import CircuitBreaker
from storage.crm_credentials import CrmCredentials
from storage.database import Database
from storage.erasure.digests import Digests, ErasedPeople
from storage.jobs import Jobs
from storage.rate_limit import RateLimiter
from storage.shared_state import SharedState


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
    redis: SharedRedis
    schedules: dict[str, str]
    keepers: dict[str, SubscriptionKeeper]
    unsubscribing: UnsubscribeLinks
    campaigns: CampaignRelease
    now: Callable[[], datetime]


CRM = web.AppKey("crm", CrmParts)


@asynccontextmanager
async def crm_parts(settings: Settings, database: Database, now: Callable[[], datetime]) -> AsyncIterator[CrmParts]:
    """Made without asking anybody anything. Raises VaultError or OSError when no encryption key can be had."""
    keys = encryption_keys(settings.process)
    redis = SharedRedis(settings.process.redis_url, cluster=settings.process.redis_cluster)
    adapter = HttpAdapter()
    hints: set[asyncio.Task[None]] = set()
    try:
        state = SharedState(redis)
        limiter, breaker = RateLimiter(state), CircuitBreaker(state)
        rows = CredentialStore(CrmCredentials(database), Vault.from_setting(keys))
        shared = assembly.CrmRim(adapter=adapter, limiter=limiter, breaker=breaker, store=rows, report=record_call)
        crm = assembly.assemble(_assembly_settings(settings, keys), shared)
        store, jobs = sync_store(database, ErasedPeople(database, Digests.from_setting(keys))), Jobs(database)
        queue = SyncQueue(store, jobs, now)

        def changed(platform: str) -> None:
            """Have what waits be looked at soon; nobody waits for it."""
            hint = asyncio.create_task(quietly(queue.changed(platform), "a hint to the sync"), name="sync-hint")
            hints.add(hint)
            hint.add_done_callback(hints.discard)

        links = links_of(settings.process.public_url, keys)
        yield CrmParts(
            crm=crm,
            store=store,
            jobs=jobs,
            queue=queue,
            edits=ContactEdits(store, now, changed),
            opportunities=OpportunityOrders(store),
            webhooks=WebhookDoor(store, crm.providers["close"], crm.signature_keys["close"], now, changed),
            phones=_phone_door(settings, keys, store, now, changed),
            standing=Standing(store, crm, breaker, jobs),
            breaker=breaker,
            limiter=limiter,
            redis=redis,
            schedules=schedules(settings.crm),
            keepers=_keepers(settings, crm),
            unsubscribing=links,
            campaigns=CampaignRelease(
                store.campaigns,
                terms_of(settings, links),
                _pace(settings),
                now,
                erased=store.erased,
                platform="close",
            ),
            now=now,
        )
    finally:
        if hints:
            await asyncio.wait(hints, timeout=2.0)
        await adapter.aclose()
        await redis.aclose()


def _keepers(settings: Settings, crm: assembly.Crm) -> dict[str, SubscriptionKeeper]:
    """Close tells us what changes where it can reach us, unless somebody looks after the subscription by hand."""
    url = settings.process.public_url
    if url is None or settings.crm.close_webhook_signature_key is not None:
        return {}
    return {"close": SubscriptionKeeper(crm.providers["close"], crm.store, f"{url.rstrip('/')}/webhooks/close")}


def _pace(settings: Settings) -> Pace:
    hours = read_hours(settings.campaigns.hours)
    return Pace(hours, settings.campaigns.messages_per_hour, calendar_zone(settings.calendar))


def _own_address(settings: Settings) -> str:
    """As browsers know us."""
    return (settings.process.public_url or settings.process.loopback_address).rstrip("/")


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
        linkedin_redirect_uri=crm.linkedin_redirect_uri or f"{_own_address(settings)}/api/linkedin/callback",
        linkedin_api_base=crm.linkedin_api_base,
        browserbase_api_key=crm.browserbase_api_key,
        browserbase_project_id=crm.browserbase_project_id,
        browserbase_api_base=crm.browserbase_api_base,
        scraping_terms=terms,
        state_secret=keys.partition(",")[0],
    )
