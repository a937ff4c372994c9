"""Puts together what the doors of a process share, once its engines and its database run."""

import asyncio
import logging
import time
from collections.abc import Callable
from ipaddress import ip_network

from msgspec import structs

from agent_server.agents.company_posts import company_posts
from agent_server.agents.conversations import KeptConversations
from agent_server.agents.own_tools import RunningParts, offered, own_tools
from agent_server.agents.parts import AgentService
from agent_server.background.regularly import regularly
from agent_server.call_audio.keeping import call_audio_keeping
from agent_server.call_audio.work import CallAudioWork
from agent_server.call_lists.work import CallListWork
from agent_server.campaigns.writing import CampaignWork
from agent_server.capacity.admission import Admission
from agent_server.capacity.load import Load
from agent_server.crm_sync.parts import CrmParts
from agent_server.engines.model_gateway import gateway_components, record_calls
from agent_server.engines.speech_prices import speech_price_list
from agent_server.engines.starting import EMBEDDED_STT, chosen_stt, engine_components
from agent_server.erasing.erasers import erased_people, erasures, retention_work
from agent_server.erasing.work import ErasureWork
from agent_server.hosting.lead_changes import LeadChanges
from agent_server.knowledge.document_work import DocumentWork
from agent_server.knowledge.teaching import Teaching
from agent_server.meetings.meeting_calendar import meeting_calendar
from agent_server.profiles.known import Profiles
from agent_server.services import Services
from agent_server.settings import ProcessSettings, Settings
from agent_server.stores.database_watch import database_component
from agent_server.stores.encryption_key import encryption_key_component
from agent_server.stores.first_key import own_key
from agent_server.stores.opening import OpenStorage
from agent_server.stores.redis_watch import redis_components
from agent_server.supervising.supervision import Supervision
from agent_server.telemetry.components import Component, ComponentState
from agent_server.telemetry.tracing import Tracing
from agent_server.telemetry.watching import watching
from agent_server.telephony.outbound.calling import outbound_calling
from agent_server.telephony.outbound.wishes import Wishes
from agent_server.web.auth import Authenticator
from agent_server.web.client_address import AddressLimit, is_loopback
from agent_server.web.origins import ANY_ORIGIN, OriginPolicy, normal_origin
from agent_server.webhooks.work import webhook_work
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from pipelines.knowledge.taught import TaughtKnowledge
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.stt.keyterms import keyterms
from pipelines.stt.port import SttOptions
from storage.conversations.claims import Claims
from storage.conversations.conversations import Conversations
from storage.conversations.presence import Presence
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import ClientSecrets
from storage.keys.secret_tokens import utc_now
from storage.knowledge.documents import Documents
from storage.knowledge.topics import KnowledgeTopics
from storage.leads.leads import Leads
from storage.ledger.tracking import TrackingLog
from storage.log.conversation_log import ConversationLog

log = logging.getLogger(__name__)

DEFAULT_CONVERSATIONS_EMBEDDED = 20
"""One PocketSphinx process decodes about a tenth of real time an utterance, and a caller speaks half of the time."""

DEFAULT_CONVERSATIONS_CLOUD = 100
SYNTHESES_AT_ONCE = 4
IMPORTS_AT_ONCE = 2
PURGE_EVERY_S = 600.0


def assemble(
    settings: Settings,
    stored: OpenStorage,
    crm: CrmParts,
    engines: Engines,
    tracing: Tracing | None = None,
) -> Services:
    process = settings.process
    database, conversation_log = stored.database, stored.conversation_log
    leads = Leads(database)
    api_keys, client_secrets = ApiKeys(database), ClientSecrets(database)
    meetings = meeting_calendar(settings, database, engines.meeting_times)
    running = RunningParts(crm.crm)
    running.social = social = company_posts(settings, database, lambda: running.web_search)
    speech = SpeechLedger(
        tracker=stored.tracker,
        prices=speech_price_list(settings.speech),
        bills=engines.gateway.bills,
        utc_now=utc_now,
    )
    knowledge = engines.knowledge or TaughtKnowledge()
    own = own_tools(
        settings,
        database,
        stored.tracker,
        engines.voices,
        speech,
        knowledge=knowledge,
        meetings=meetings,
        running=running,
    )
    engines = structs.replace(engines, tools={**own, **engines.tools})
    conversations = Conversations(database)
    profiles = Profiles(database, settings)
    conversation_defaults = ConversationSettings(
        limits=settings.deadlines.limits,
        hearing=SttOptions(keyterms=keyterms(settings.speech.keyterms)),
        recognizer_turns=engines.recognisers[0].detects_turns,
        recognizer_rungs=len(engines.recognisers),
        own_tools=offered(engines.tools),
        model_rungs=len(engines.models),
        voice_rungs=len(engines.voices),
    )
    kept = KeptConversations(engines, speech, conversations, conversation_log, profiles, conversation_defaults, running)
    record_calls(engines.gateway, stored.tracker)
    agent_service = AgentService(
        settings,
        stored,
        engines,
        kept,
        knowledge=knowledge,
        calendar=meetings.calendar,
        zone=meetings.rules.zone,
        running=running,
    )
    teaching = Teaching(KnowledgeTopics(database), knowledge)
    load = Load(process.max_load_percent / 100)
    admission = Admission(
        conversation_limit(settings),
        durable=lambda: conversation_log.healthy,
        busy=lambda: load.is_full(time.monotonic(), kept=admission.kept),
        admitted=lambda: load.took_on(time.monotonic()),
    )
    calls = outbound_calling(settings, database, admission, utc_now, erased_people(settings, database))
    return Services(
        settings=settings,
        database=database,
        conversations=conversations,
        conversation_log=conversation_log,
        presence=Presence(database),
        claims=Claims(database),
        supervision=Supervision(database, agent_service.redis, utc_now),
        leads=leads,
        lead_changes=LeadChanges(database),
        meetings=meetings,
        teaching=teaching,
        campaigns=CampaignWork(database, leads, lambda: agent_service.agents, utc_now),
        documents=DocumentWork(Documents(database), teaching, utc_now),
        calls=calls,
        wishes=Wishes(database, conversation_log, utc_now),
        social=social,
        call_lists=CallListWork(database, calls, admission, utc_now, public_url=process.public_url),
        retention=retention_work(settings, database),
        webhooks=webhook_work(settings, database, utc_now),
        crm=crm,
        erasures=ErasureWork(erasures(settings, database, agent_service.redis), utc_now),
        call_audio=CallAudioWork(
            settings.call_audio, process, call_audio_keeping(settings, database, utc_now), utc_now
        ),
        tracker=stored.tracker,
        api_keys=api_keys,
        client_secrets=client_secrets,
        authenticator=Authenticator(
            api_keys, client_secrets, trusted_proxies=[ip_network(entry) for entry in process.trusted_proxies]
        ),
        load=load,
        admission=admission,
        origins=origin_policy(process),
        widget_visits=AddressLimit(
            burst=process.widget_sessions_per_minute, per_minute=process.widget_sessions_per_minute
        ),
        engines=engines,
        speech=speech,
        agent_service=agent_service,
        synthesis=asyncio.Semaphore(SYNTHESES_AT_ONCE),
        imports=asyncio.Semaphore(IMPORTS_AT_ONCE),
        profiles=profiles,
        conversation_defaults=conversation_defaults,
        components=(
            database_component(database),
            Component("conversation_log", lambda: _check_log(conversation_log)),
            Component("ledger", lambda: _check_ledger(stored.tracker)),
            encryption_key_component(process, database),
            *redis_components(process, agent_service.redis),
            *engine_components(engines),
            *gateway_components(engines.gateway),
            *meetings.components(),
        ),
        watch=watching(engines, tracing),
        utc_now=utc_now,
    )


def conversation_limit(settings: Settings) -> int:
    """How many conversations the process takes."""
    if settings.process.max_conversations is not None:
        return settings.process.max_conversations
    embedded = chosen_stt(settings.speech) == EMBEDDED_STT
    return DEFAULT_CONVERSATIONS_EMBEDDED if embedded else DEFAULT_CONVERSATIONS_CLOUD


def origin_policy(process: ProcessSettings) -> OriginPolicy:
    allowed = (entry if entry == ANY_ORIGIN else normal_origin(entry) for entry in process.allowed_origins)
    return OriginPolicy(
        allowed=frozenset(entry for entry in allowed if entry is not None),
        public_origin=normal_origin(process.public_url) if process.public_url else None,
        loopback=is_loopback(process.host),
    )


async def let_first_key_in(
    process: ProcessSettings, api_keys: ApiKeys, on_new_key: Callable[[str], None] | None
) -> None:
    key, made = (process.api_key, False) if process.api_key else own_key(process.data_dir)
    record = await api_keys.ensure_first_key(key)
    if record.revoked_at is not None:
        log.warning("the first key was revoked; it opens no door", extra={"fields": {"key_id": record.id}})
    elif made and on_new_key is not None:
        on_new_key(key)


async def _check_log(conversation_log: ConversationLog) -> ComponentState:
    return ComponentState("ok" if conversation_log.healthy else "down", _waiting(conversation_log.held_rows))


async def _check_ledger(tracker: TrackingLog) -> ComponentState:
    return ComponentState("ok" if tracker.healthy else "degraded", _waiting(tracker.held_rows))


def _waiting(rows: int) -> str:
    return f"{rows} rows wait for the disk" if rows else "everything is on the disk"


async def purge_secrets(client_secrets: ClientSecrets) -> None:
    await regularly(PURGE_EVERY_S, client_secrets.purge, what="expired client secrets stay for now")
