"""From a request at one of the protocol's doors to what its conversation starts from."""

import secrets
from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from aiohttp import web

from agent_server.hosting.host import ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.hosting.visitor_place import VISITS_FROM, place_of
from agent_server.hosting.who_calls import lead_of_caller
from agent_server.profiles.choice import Asked
from agent_server.realtime.hearing import check_languages
from agent_server.realtime.session import effective_session, of_visitor
from agent_server.services import Services
from agent_server.web.auth import Caller
from agent_server.web.client_address import is_loopback
from agent_server.web.errors import Problem
from storage.agents.profiles import AgentProfile
from storage.conversations.records import Channel

CHANNELS = frozenset(get_args(Channel))


async def caller_at(request: web.Request, services: Services) -> Caller:
    """Who may hold a conversation here. Raises Problem: 403 ``origin_not_allowed``, and what a key is refused with."""
    if not services.origins.allows(request.headers.get("Origin"), request.host):
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
    return await services.authenticator.authenticate(request, "realtime")


def visitor_at(request: web.Request, caller: Caller, services: Services) -> str | None:
    """The address of a page's visitor, by which their conversations are counted; None for who has a key."""
    return services.authenticator.address_of(request) if caller.is_visitor else None


async def opening_of(
    query: Mapping[str, str],
    caller: Caller,
    services: Services,
    host: ConversationHost,
    *,
    channel: Channel,
    visitor: str | None = None,
    session: dict[str, Any] | None = None,
    takes_over: bool = True,
) -> Opening:
    """``channel``: what it is unless the client says so itself. ``visitor``: the address of a page's. ``session``: what
    the client wants of it from the beginning. Raises Problem or ProtocolError; a conversation that is continued is
    taken over last of all, and only if ``takes_over``: for who merely asks whether it would be."""
    profile = _profile(query, caller, services, session)
    config = services.profiles.session(profile)
    if caller.session:
        config = effective_session(config, {"type": "realtime", **caller.session})
    if session is not None:
        session = of_visitor(session, "session") if caller.is_visitor else session
        config = effective_session(config, session)
        check_languages(config, services.engines.recognisers)
    model = query.get("model")
    if model:
        config = msgspec.structs.replace(config, model=model[:128])
    given = query.get("channel")
    if given in CHANNELS:
        channel = given  # type: ignore[assignment]
    wanted = query.get("conversation")
    conversation_id = wanted if wanted is not None else f"conv_{secrets.token_hex(12)}"
    lead_id = await lead_of_caller(services, query, caller, conversation_id)
    opening = Opening(
        conversation_id,
        channel,
        config,
        visitor=caller.is_visitor,
        lead_id=lead_id,
        metadata=_place(visitor, services),
        may_record=_may_record(query),
        agent=profile.slug,
    )
    if wanted is None:
        await _begin(caller, services, spends=takes_over)
        return opening
    continued = await (host.continued(opening, session) if takes_over else host.known(opening))
    if continued is None:
        raise Problem(404, "conversation_not_found", "There is no such conversation.", param="conversation")
    return continued


def _profile(
    query: Mapping[str, str], caller: Caller, services: Services, session: dict[str, Any] | None
) -> AgentProfile:
    """Who is to talk. Raises Problem ``agent_profile_not_found``."""
    named = (query.get("model"), (session or {}).get("model"), (caller.session or {}).get("model"))
    model = next((name for name in named if isinstance(name, str) and name), None)
    return services.profiles.chosen(Asked(agent=query.get("agent"), model=model, arranged=caller.agent))


async def _begin(caller: Caller, services: Services, *, spends: bool) -> None:
    """Raises Problem ``client_secret_used_up``."""
    if caller.secret_hash is None:
        return
    may = services.client_secrets.begin if spends else services.client_secrets.begins
    if not await may(caller.secret_hash):
        message = (
            "As many conversations as it may begin began with this client secret: take a new one, or continue one."
        )
        raise Problem(403, "client_secret_used_up", message)


def _place(visitor: str | None, services: Services) -> dict[str, str]:
    """Where a page's visitor comes from. An address of this machine is a proxy's, and stands for many."""
    if visitor is None or is_loopback(visitor):
        return {}
    return {VISITS_FROM: place_of(visitor, services.settings.process)}


def _may_record(query: Mapping[str, str]) -> bool:
    """Raises Problem: who means to refuse must not be recorded for a slip of the pen."""
    wanted = query.get("recording")
    if wanted not in (None, "on", "off"):
        raise Problem(400, "invalid_value", "`recording` is `off`, or left out.", param="recording")
    return wanted != "off"
