"""``POST /v1/realtime/client_secrets``: short-lived keys for browsers, as the realtime protocol has them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from agent_server.api.agent_profile_forms import Slug
from agent_server.api.endpoint import Call, Resource
from agent_server.profiles.choice import Asked
from agent_server.realtime.hearing import check_languages
from agent_server.realtime.session import MAX_SESSION_BYTES, effective_session
from agent_server.web.errors import Problem
from storage.keys.client_secrets import DEFAULT_CONVERSATIONS, DEFAULT_TTL_S, MAX_TTL_S, MIN_TTL_S, MOST_CONVERSATIONS
from storage.keys.secret_tokens import new_id

client_secrets = Resource("realtime", "Conversations over the OpenAI Realtime protocol.")

MAX_ORIGIN_CHARS = 320
"""Of an e-mail address, at the most."""

_SECONDS = Meta(ge=int(MIN_TTL_S), le=int(MAX_TTL_S))


class ExpiresAfter(Struct, frozen=True):
    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, _SECONDS] = int(DEFAULT_TTL_S)


class NewClientSecret(Struct, frozen=True):
    """How long the secret opens sessions, and what they start from. Sessions that run survive its end. Beside what the
    protocol has: who talks in them, `lead` by its id or else `from`, the number (with its country code) or the e-mail
    address they are known by; one that is withheld is no obstacle. The browser itself cannot say so. `agent`: the
    profile they talk with, unless the browser names another one. `conversations`: how many begin with it (10, unless
    said here); lines that were lost and continue one are not counted. Past that it is refused (403
    `client_secret_used_up`)."""

    expires_after: ExpiresAfter | None = None
    session: dict[str, Any] | None = None
    lead: UUID | None = None
    from_: Annotated[str, Meta(max_length=MAX_ORIGIN_CHARS)] | None = msgspec.field(default=None, name="from")
    agent: Slug | None = None
    conversations: Annotated[int, Meta(ge=1, le=MOST_CONVERSATIONS)] = DEFAULT_CONVERSATIONS


class ClientSecret(Struct, frozen=True):
    """`value` begins with `ek_`; `expires_at` is in seconds since 1970; `session` is the full effective session."""

    value: str
    expires_at: int
    session: dict[str, Any]


@client_secrets.post(
    "/v1/realtime/client_secrets",
    scope="realtime",
    summary="Mint a client secret for a browser",
    max_body_bytes=MAX_SESSION_BYTES,
    errors=(404,),
)
async def create_client_secret(call: Call, body: NewClientSecret) -> ClientSecret:
    caller = call.key_holder
    if caller.kind != "api_key":
        raise Problem(403, "insufficient_permissions", "A client secret cannot mint another one; use an API key.")
    services = call.services
    session = body.session if body.session is not None else {"type": "realtime"}
    model = session.get("model")
    profile = services.profiles.chosen(
        Asked(model=model if isinstance(model, str) else None, arranged=services.profiles.check(body.agent))
    )
    effective = effective_session(services.profiles.session(profile), session)
    check_languages(effective, services.engines.recognisers)
    if body.lead is not None and await services.leads.get(body.lead) is None:
        raise Problem(404, "lead_not_found", "There is no such lead.", param="lead")
    expires = body.expires_after or ExpiresAfter()
    issued = await services.client_secrets.mint(
        session,
        ttl_s=expires.seconds,
        api_key_id=caller.key_id,
        lead_id=body.lead,
        calls_from=body.from_,
        agent=body.agent,
        conversations=body.conversations,
    )
    expires_at = int(issued.record.expires_at.timestamp())
    shown = {
        "id": new_id("sess"),
        "object": "realtime.session",
        "expires_at": expires_at,
        **msgspec.to_builtins(effective),
    }
    return ClientSecret(issued.value, expires_at, shown)
