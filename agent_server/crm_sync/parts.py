"""The CRMs in one process: what its doors, its agents and its background jobs have of them, made from the settings and
closed together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from msgspec import Struct

from agent_server.campaigns.pacing import Pace
from agent_server.campaigns.releasing import CampaignRelease
from agent_server.campaigns.terms import terms_of
from agent_server.campaigns.unsubscribing import UnsubscribeLinks, links_of
from agent_server.crm_sync.settings import crm_settings, phone_address, schedules
from agent_server.meetings.calendar_zone import calendar_zone
from agent_server.settings import Settings
from agent_server.stores.encryption_key import encryption_keys
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.crm_figures import record_call
from crm import assembly
from crm.adapter import HttpAdapter
from crm.credentials import CredentialStore
from crm.sync import phones
from crm.sync.edits import ContactEdits
from crm.sync.jobs import SyncHints, SyncQueue
from crm.sync.opportunities import OpportunityOrders
from crm.sync.standing import Standing
from crm.sync.store import SyncStore, sync_store
from crm.sync.subscription import SubscriptionKeeper
from crm.sync.webhooks import WebhookDoor
from crm.vault import Vault
from pipelines.calendar.rules import read_hours
from storage.crm.credentials import CrmCredentials
from storage.erasure.digests import Digests, ErasedPeople
from storage.postgres.database import Database
from storage.postgres.jobs import Jobs
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.daily_counts import DailyCounts
from storage.shared.rate_limit import RateLimiter
from storage.shared.state import SharedState


class CrmParts(Struct, frozen=True, kw_only=True):
    """What is made once a process."""

    crm: assembly.Crm
    store: SyncStore
    jobs: Jobs
    queue: SyncQueue
    edits: ContactEdits
    opportunities: OpportunityOrders
    webhooks: WebhookDoor
    phones: phones.PhoneDoor | None
    standing: Standing
    redis: SharedRedis
    schedules: dict[str, str]
    keepers: dict[str, SubscriptionKeeper]
    unsubscribing: UnsubscribeLinks
    campaigns: CampaignRelease
    now: Callable[[], datetime]


@asynccontextmanager
async def crm_parts(settings: Settings, database: Database, now: Callable[[], datetime]) -> AsyncIterator[CrmParts]:
    """Made without asking anybody anything; closed in reverse order. Raises VaultError or OSError when no encryption
    key can be had."""
    keys = encryption_keys(settings.process)
    async with AsyncExitStack() as closing:
        redis = SharedRedis(settings.process.redis_url, cluster=settings.process.redis_cluster)
        closing.push_async_callback(redis.aclose)
        adapter = HttpAdapter()
        closing.push_async_callback(adapter.aclose)
        state = SharedState(redis)
        limiter, breaker = RateLimiter(state), CircuitBreaker(state)
        rows = CredentialStore(CrmCredentials(database), Vault.from_setting(keys))
        shared = assembly.CrmRim(
            adapter=adapter,
            limiter=limiter,
            breaker=breaker,
            store=rows,
            counts=DailyCounts(database),
            report=record_call,
        )
        crm = assembly.assemble(crm_settings(settings, keys), shared)
        store, jobs = sync_store(database, ErasedPeople(database, Digests.from_setting(keys))), Jobs(database)
        queue = SyncQueue(store, jobs, now)
        hints = SyncHints(queue)
        closing.push_async_callback(hints.aclose)
        links = links_of(settings.process.public_url, keys)
        yield CrmParts(
            crm=crm,
            store=store,
            jobs=jobs,
            queue=queue,
            edits=ContactEdits(store, now, hints.changed),
            opportunities=OpportunityOrders(store),
            webhooks=WebhookDoor(store, crm.providers["close"], crm.signature_keys["close"], now, hints.changed),
            phones=_phone_door(settings, keys, store, now, hints.changed),
            standing=Standing(store, crm, breaker, jobs),
            redis=redis,
            schedules=schedules(settings.crm),
            keepers=_keepers(settings, crm),
            unsubscribing=links,
            campaigns=CampaignRelease(
                store.campaigns, terms_of(settings, links), _pace(settings), now, erased=store.erased, platform="close"
            ),
            now=now,
        )


def _keepers(settings: Settings, crm: assembly.Crm) -> dict[str, SubscriptionKeeper]:
    """Close tells us what changes where it can reach us, unless somebody looks after the subscription by hand."""
    url = settings.process.public_url
    if url is None or settings.crm.close_webhook_signature_key is not None:
        return {}
    return {"close": SubscriptionKeeper(crm.providers["close"], crm.store, f"{url.rstrip('/')}/webhooks/close")}


def _pace(settings: Settings) -> Pace:
    hours = read_hours(settings.campaigns.hours)
    return Pace(hours, settings.campaigns.messages_per_hour, calendar_zone(settings.calendar))


def _phone_door(
    settings: Settings, keys: str, store: SyncStore, now: Callable[[], datetime], changed: Callable[[str], object]
) -> phones.PhoneDoor | None:
    """Addresses given out before ENCRYPTION_KEY was replaced stay good while the older key is there."""
    if phone_address(settings, keys) is None:
        return None
    return phones.PhoneDoor(store, [phones.secret(key.strip()) for key in keys.split(",") if key.strip()], now, changed)
