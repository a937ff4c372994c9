"""What the doors of one process share. Built by ``agent_server.startup``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from aiohttp import web
from msgspec import Struct

from agent_server.admission import Admission
from agent_server.auth import Authenticator
from agent_server.client_address import AddressLimit
from agent_server.origins import OriginPolicy
from agent_server.realtime.session import SessionConfig
from agent_server.settings import Settings
from pipelines.conversation.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from storage.api_keys import ApiKeys
from storage.client_secrets import ClientSecrets
from storage.conversation_log import ConversationLog
from storage.conversations import Conversations
from storage.database import Database


class ComponentState(Struct, frozen=True):
    """How a part of the server is. ``degraded``: it works, on something less good than it should.

    ``detail`` is for operators and names no customer and no secret.
    """

    status: Literal["ok", "degraded", "down"]
    detail: str | None = None
    latency_ms: float | None = None


class Component(Struct, frozen=True):
    """A part whose state ``/api/health`` shows. While it is down the server is not ready."""

    name: str
    check: Callable[[], Awaitable[ComponentState]]


class Services(Struct, frozen=True, kw_only=True):
    """Everything a handler may need."""

    settings: Settings
    database: Database
    conversations: Conversations
    conversation_log: ConversationLog
    api_keys: ApiKeys
    client_secrets: ClientSecrets
    authenticator: Authenticator
    admission: Admission
    origins: OriginPolicy
    widget_visits: AddressLimit
    """Sessions an address may open without a key."""
    engines: Engines
    synthesis: asyncio.Semaphore
    """Texts spoken at once for the API; callers' replies come first, so more of them wait."""
    session_defaults: SessionConfig
    """What a session starts from before its client says anything: the operator's instructions."""
    conversation_defaults: ConversationSettings
    """What the server decides for every conversation: limits, pacing, own tools, the length of the ladders."""
    components: tuple[Component, ...] = ()
    utc_now: Callable[[], datetime]


SERVICES = web.AppKey("services", Services)
