"""Every resource of the API. A new one is a file and a line here."""

from aiohttp import web

from agent_server.api.agent_profiles import agent_profiles
from agent_server.api.apollo import apollo
from agent_server.api.bookings import bookings
from agent_server.api.call_lists import call_lists
from agent_server.api.call_report import call_report
from agent_server.api.calls import calls
from agent_server.api.campaign_messages import campaign_messages
from agent_server.api.campaign_sending import campaign_sending
from agent_server.api.campaigns import campaigns
from agent_server.api.client_secrets import client_secrets
from agent_server.api.consents import consents
from agent_server.api.contacts import contacts
from agent_server.api.conversation_audio import conversation_audio
from agent_server.api.conversations import conversations
from agent_server.api.customers import customers
from agent_server.api.do_not_call import do_not_call
from agent_server.api.documents import documents
from agent_server.api.endpoint import Endpoint, Resource
from agent_server.api.erasures import erasures
from agent_server.api.following import following
from agent_server.api.health import health
from agent_server.api.keys import keys
from agent_server.api.knowledge import knowledge
from agent_server.api.langgraph import langgraph
from agent_server.api.latency import latency
from agent_server.api.lead_import import lead_import
from agent_server.api.lead_qualification import lead_qualification
from agent_server.api.leads import leads
from agent_server.api.linkedin import linkedin
from agent_server.api.listening import listening
from agent_server.api.metrics import metrics
from agent_server.api.opportunities import opportunities
from agent_server.api.people import people
from agent_server.api.persons_wanted import wanted
from agent_server.api.recordings import recordings
from agent_server.api.refine import refine
from agent_server.api.reports import reports
from agent_server.api.research import research
from agent_server.api.serving import handler_of
from agent_server.api.setup import setup
from agent_server.api.social import social
from agent_server.api.streaming_socket import streaming
from agent_server.api.supervision import supervision
from agent_server.api.sync import sync
from agent_server.api.sync_credentials import sync_credentials
from agent_server.api.sync_review import sync_review
from agent_server.api.transfer import transfer
from agent_server.api.voice import voice
from agent_server.api.webhook_deliveries import webhook_deliveries
from agent_server.api.webhooks import webhooks
from agent_server.api.widget import widget
from agent_server.crm_sync.apollo_webhook import webhooks_apollo
from agent_server.crm_sync.close_webhook import webhooks_close
from agent_server.web.unsubscribe_page import unsubscribe_page

RESOURCES: tuple[Resource, ...] = (
    bookings,
    calls,
    do_not_call,
    consents,
    erasures,
    people,
    client_secrets,
    conversations,
    conversation_audio,
    following,
    listening,
    supervision,
    wanted,
    leads,
    lead_qualification,
    lead_import,
    social,
    knowledge,
    documents,
    agent_profiles,
    reports,
    latency,
    call_report,
    langgraph,
    research,
    refine,
    campaigns,
    campaign_messages,
    campaign_sending,
    call_lists,
    customers,
    transfer,
    streaming,
    contacts,
    opportunities,
    sync,
    sync_review,
    sync_credentials,
    apollo,
    linkedin,
    webhooks_close,
    webhooks_apollo,
    unsubscribe_page,
    recordings,
    voice,
    widget,
    keys,
    webhooks,
    webhook_deliveries,
    health,
    setup,
    metrics,
)


def endpoints() -> list[Endpoint]:
    return [endpoint for resource in RESOURCES for endpoint in resource]


def routes() -> list[web.RouteDef]:
    return [_route(endpoint) for endpoint in endpoints()]


def _route(endpoint: Endpoint) -> web.RouteDef:
    if endpoint.method == "GET":
        return web.get(endpoint.path, handler_of(endpoint))  # answers HEAD as well
    return web.route(endpoint.method, endpoint.path, handler_of(endpoint))
