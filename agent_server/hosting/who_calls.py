"""Whose lead a conversation that begins is about, where somebody who is trusted says so: the address of the door, for
who holds an API key, or the client secret, for who was given one."""

import logging
from collections.abc import Mapping
from uuid import UUID

from agent_server.hosting.caller_origin import origin_of
from agent_server.services import Services
from agent_server.web.auth import Caller
from agent_server.web.errors import Problem
from storage.errors import StorageError
from storage.leads.of_callers import lead_of_origin

log = logging.getLogger(__name__)


async def lead_of_caller(
    services: Services, query: Mapping[str, str], caller: Caller, conversation_id: str
) -> UUID | None:
    """None: nobody said, or the number is withheld. A call is taken whoever it is, and whatever becomes of looking them
    up.

    Raises Problem: 403 ``lead_not_allowed`` or ``from_not_allowed`` for a client secret that says so itself, 400
    ``invalid_lead``, 404 ``lead_not_found``.
    """
    if caller.kind == "client_secret":
        _refuse(query, "lead")
        _refuse(query, "from")
        if caller.lead_id is not None and await services.leads.get(caller.lead_id) is not None:
            return caller.lead_id
        calls_from = caller.calls_from
    else:
        if "lead" in query:
            return await _given_lead(services, query["lead"])
        calls_from = query.get("from")
    return await lead_from(services, calls_from, conversation_id)


def _refuse(query: Mapping[str, str], name: str) -> None:
    """A page could name anybody, and would be told what is known of them."""
    if name in query:
        message = f"With a client secret, who minted it says who calls: '{name}' of /v1/realtime/client_secrets."
        raise Problem(403, f"{name}_not_allowed", message, param=name)


async def _given_lead(services: Services, given: str) -> UUID:
    try:
        lead_id = UUID(given)
    except ValueError:
        raise Problem(400, "invalid_lead", "The id of a lead is a UUID.", param="lead") from None
    if await services.leads.get(lead_id) is None:
        raise Problem(404, "lead_not_found", "There is no such lead.", param="lead")
    return lead_id


async def lead_from(services: Services, given: str | None, conversation_id: str) -> UUID | None:
    """By a number or an e-mail address; None: it is withheld, or cannot be looked up now."""
    if given is None:
        return None
    if given.startswith(" "):
        given = f"+{given[1:]}"  # a plus that was not escaped arrives as a space
    origin = origin_of(given)
    if origin is None:
        return None  # withheld
    try:
        return await lead_of_origin(services.database, origin, conversation_id, now=services.utc_now())
    except StorageError as error:
        log.warning("a caller is not looked up by number or address: %s", error.code)
        return None
