"""What the doors of one process share. Built by ``agent_server.assembly``."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from msgspec import Struct

from agent_server.agents.parts import AgentService
from agent_server.call_audio.work import CallAudioWork
from agent_server.call_lists.work import CallListWork
from agent_server.campaigns.writing import CampaignWork
from agent_server.capacity.admission import Admission
from agent_server.capacity.load import Load
from agent_server.crm_sync.parts import CrmParts
from agent_server.erasing.retention import RetentionWork
from agent_server.erasing.work import ErasureWork
from agent_server.hosting.lead_changes import LeadChanges
from agent_server.knowledge.document_work import DocumentWork
from agent_server.knowledge.teaching import Teaching
from agent_server.meetings.meeting_calendar import MeetingCalendar
from agent_server.profiles.known import Profiles
from agent_server.realtime.hearing import talking, understood
from agent_server.realtime.session_object import SessionConfig
from agent_server.settings import Settings
from agent_server.supervising.supervision import Supervision
from agent_server.supervising.switchboard import Switchboard
from agent_server.telemetry.components import Component
from agent_server.telemetry.watching import Watch, watch_nothing
from agent_server.telephony.outbound.calling import OutboundCalling
from agent_server.telephony.outbound.wishes import Wishes
from agent_server.web.auth import Authenticator
from agent_server.web.client_address import AddressLimit
from agent_server.web.origins import OriginPolicy
from agent_server.webhooks.work import WebhookWork
from pipelines.agents.service import Agents
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from pipelines.language.tags import primary
from pipelines.social.company_posts import CompanyPosts
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.speech_usage.meter import SpeechMeter
from storage.conversations.claims import Claims
from storage.conversations.conversations import Conversations
from storage.conversations.presence import Presence
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import ClientSecrets
from storage.leads.leads import Leads
from storage.ledger.tracking import TrackingLog
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database

log = logging.getLogger(__name__)


class Services(Struct, frozen=True, kw_only=True):
    """Everything a handler may need."""

    settings: Settings
    database: Database
    conversations: Conversations
    conversation_log: ConversationLog
    load: Load
    presence: Presence
    claims: Claims
    supervision: Supervision
    leads: Leads
    lead_changes: LeadChanges
    meetings: MeetingCalendar
    calls: OutboundCalling
    wishes: Wishes
    """For no more calls."""
    call_audio: CallAudioWork
    teaching: Teaching
    documents: DocumentWork
    campaigns: CampaignWork
    call_lists: CallListWork
    social: CompanyPosts
    erasures: ErasureWork
    retention: RetentionWork
    webhooks: WebhookWork
    crm: CrmParts
    tracker: TrackingLog
    api_keys: ApiKeys
    client_secrets: ClientSecrets
    authenticator: Authenticator
    admission: Admission
    origins: OriginPolicy
    widget_visits: AddressLimit
    """Sessions an address may open without a key."""
    engines: Engines
    agent_service: AgentService
    synthesis: asyncio.Semaphore
    """Texts spoken at once for the API; callers' replies come first, so more of them wait."""
    imports: asyncio.Semaphore
    """Files of leads taken in at once."""
    profiles: Profiles
    """Who the agent is."""
    conversation_defaults: ConversationSettings
    """What the server decides for every conversation: limits, pacing, own tools, the length of the ladders."""
    components: tuple[Component, ...] = ()
    speech: SpeechLedger
    """Where the use of speech is entered."""
    watch: Watch = watch_nothing
    """Figures and traces of each conversation."""
    utc_now: Callable[[], datetime]

    async def settings_of(self, agent: str) -> ConversationSettings:
        """What a conversation with this agent is set to before its client says anything."""
        language = self.profiles.get(agent).facts.language
        if primary(language) not in understood(self.engines.recognisers):
            log.warning("no recogniser of this server understands '%s', which an agent talks: typing works", language)
        return talking(await self.agent_service.usable(self.conversation_defaults), language)

    def meter(self, conversation_id: str) -> SpeechMeter:
        """Counts the speech of a conversation that begins."""
        return SpeechMeter(conversation_id, self.engines, self.speech)

    @property
    def switchboard(self) -> Switchboard:
        return self.supervision.switchboard

    @property
    def session_defaults(self) -> SessionConfig:
        """What a session starts from before its client says anything, of the default agent."""
        return self.profiles.session(self.profiles.default)

    @property
    def agents(self) -> Agents:
        return self.agent_service.agents


SERVICES = web.AppKey("services", Services)
