"""The tools of this server, for its conversations and its agents. A tool is there only when it can work; those of a CRM
are offered while it is connected, by the settings or by a key that is stored while everything runs.

The agents are asked for when a tool runs: tools are made first.
"""

import logging
from collections.abc import Mapping
from uuid import UUID

from msgspec import structs

from agent_server.agents.lead_facts import facts_of
from agent_server.erasing.wishes import wishes_of
from agent_server.meetings.meeting_calendar import MeetingCalendar
from agent_server.settings import Settings
from crm.assembly import Crm
from crm.vault import VaultError
from pipelines.agents.enrichment.crm_sources import ApolloSource, LinkedInSource
from pipelines.agents.lead import LeadFacts
from pipelines.agents.qualification.agent import Qualified
from pipelines.agents.service import Agents
from pipelines.conversation.settings import ConversationSettings, OwnTool
from pipelines.knowledge.port import Knowledge
from pipelines.social.company_posts import CompanyPosts
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.tools.booking import booking_tools
from pipelines.tools.company_posts import read_company_posts
from pipelines.tools.crm_search import search_crm
from pipelines.tools.erasure import request_erasure
from pipelines.tools.outcomes import conversation_tools
from pipelines.tools.people import enrich_with_apollo, scrape_linkedin
from pipelines.tools.port import Tool, ToolContext
from pipelines.tools.qualification import qualify_lead
from pipelines.tools.recorded import recorded
from pipelines.tools.speech import generate_voice
from pipelines.tools.tech_stack.tool import analyze_tech_stack
from pipelines.tools.web_search.brave import BraveSearch
from pipelines.tools.web_search.tool import search_web
from pipelines.tts.port import TextToSpeech
from storage.conversations.outcomes import Outcomes
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.leads.enrichment_cache import EnrichmentCache
from storage.leads.further import all_of
from storage.leads.leads import Leads
from storage.leads.of_conversations import lead_of_conversation
from storage.ledger.records import Tracker
from storage.postgres.database import Database

log = logging.getLogger(__name__)

FOR_AGENTS_ALONE = frozenset({"generate_voice", "read_company_posts"})
"""A conversation speaks for itself, and an audio file is nothing to put before its model; nor is there time in it to
read what a company wrote."""

PLATFORM_OF = {"search_crm": "close", "enrich_with_apollo": "apollo"}
"""What has to be connected for these."""


class RunningParts:
    """What tools need of the process. What is not given is set once it is there."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.agents: Agents | None = None
        self.web_search: BraveSearch | None = None
        self.social: CompanyPosts | None = None

    async def usable(self, settings: ConversationSettings) -> ConversationSettings:
        """With the tools that work now, for a conversation that begins."""
        connected = {platform for platform in PLATFORM_OF.values() if await self._is_connected(platform)}
        tools = (tool for tool in settings.own_tools if PLATFORM_OF.get(tool.spec.name) in {None, *connected})
        return structs.replace(settings, own_tools=tuple(tools))

    async def _is_connected(self, platform: str) -> bool:
        """What cannot be read now is not: a conversation begins all the same."""
        try:
            return await self.crm.is_connected(platform)
        except (StorageError, VaultError) as error:
            log.warning("a conversation begins without the tools of %s: %s", platform, error.code)
            return False

    async def aclose(self) -> None:
        if self.web_search is not None:
            await self.web_search.aclose()
        if self.social is not None:
            await self.social.aclose()


def own_tools(
    settings: Settings,
    database: Database,
    tracker: Tracker,
    voices: tuple[TextToSpeech, ...],
    speech: SpeechLedger,
    *,
    knowledge: Knowledge,
    meetings: MeetingCalendar,
    running: RunningParts,
) -> Mapping[str, Tool]:
    """By name, each run in the ledger."""
    tools = dict(conversation_tools(Outcomes(database), knowledge))
    tools |= booking_tools(meetings.calendar, meetings.rules.zone, invites=meetings.invites)
    asked = request_erasure(wishes_of(settings, database, utc_now))
    tools |= {asked.spec.name: asked}
    tools |= {tool.spec.name: tool for tool in _looking_up(settings, database, running)}
    if settings.agents.social_research and running.social is not None:
        posts = read_company_posts(running.social)
        tools |= {posts.spec.name: posts}
    tools |= {tool.spec.name: tool for tool in (generate_voice(voices, speech),)}
    return recorded(tools, tracker, utc_now)


def offered(tools: Mapping[str, Tool]) -> tuple[OwnTool, ...]:
    """Those a conversation may be given (``RunningParts.usable``)."""
    return tuple(OwnTool(tool.spec, tool.policy) for name, tool in tools.items() if name not in FOR_AGENTS_ALONE)


def _looking_up(settings: Settings, database: Database, running: RunningParts) -> list[Tool]:
    cache = EnrichmentCache(database)

    async def known(context: ToolContext) -> tuple[UUID | None, LeadFacts]:
        if context.conversation_id is None:
            return None, LeadFacts()
        lead = await lead_of_conversation(database, context.conversation_id)
        return (lead.id, facts_of(lead)) if lead is not None else (None, LeadFacts())

    async def qualify(lead: LeadFacts, lead_id: UUID | None, conversation_id: str | None) -> Qualified:
        assert running.agents is not None, "tools run once the server does"
        return await running.agents.qualify(lead, lead_id=lead_id, conversation_id=conversation_id)

    async def emails_of(lead_id: UUID) -> frozenset[str]:
        lead = await Leads(database).get(lead_id)
        return all_of(lead, "contact_email") if lead is not None else frozenset()

    tools = [
        qualify_lead(known, qualify),
        analyze_tech_stack(),
        search_crm(running.crm.providers["close"], emails_of),
        enrich_with_apollo(ApolloSource(running.crm.providers["apollo"]), cache),
    ]
    if running.crm.scraper is not None:
        tools.append(scrape_linkedin(LinkedInSource(running.crm.scraper), cache))
    if settings.agents.brave_api_key is not None:
        running.web_search = BraveSearch(settings.agents.brave_api_key, settings.agents.brave_api_base)
        tools.append(search_web(running.web_search))
    return tools
