"""``POST /api/widget/session``: the door of the chat and voice widget, open to the pages the operator allows.

No key is asked for, so three things guard it: where the page came from, how often its visitor asks, and the limit of
conversations. What it gives out opens sessions with the operator's own settings for ten minutes.
"""

import asyncio

from aiohttp import hdrs
from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem

WIDGET_SECRET_S = 600.0
WIDGET_CONVERSATIONS = 3
"""The widget takes a fresh secret for each connection; what may go wrong on the way to the first word takes another."""

REALTIME_PATH = "/v1/realtime"
MAX_BODY_BYTES = 4096


widget = Resource("widget", "The chat and voice widget on web pages.")


class WidgetVisit(Struct, frozen=True):
    """`conversation_id`: the conversation the visitor wants to go on with."""

    conversation_id: str | None = None


class WidgetSession(Struct, frozen=True):
    """`value` is a client secret for the WebSocket at `url`; `expires_at` is in seconds since 1970."""

    value: str
    expires_at: int
    url: str


@widget.post(
    "/api/widget/session",
    scope=None,
    summary="Open a session for a visitor of a web page",
    max_body_bytes=MAX_BODY_BYTES,
    errors=(403, 429, 503),
)
async def open_session(call: Call, body: WidgetVisit) -> WidgetSession:
    """Only for pages of this server and of `ALLOWED_ORIGINS`, so many a minute for each address."""
    services = call.services
    _check_origin(call)
    wait_s = services.widget_visits.take(call.address, asyncio.get_running_loop().time())
    if wait_s > 0:
        message = "Too many sessions were opened from this address; try again shortly."
        raise Problem(429, "rate_limit_exceeded", message, retry_after_s=wait_s)
    await services.admission.wait_for_room(visitor=call.address)
    issued = await services.client_secrets.mint(
        {"type": "realtime"}, ttl_s=WIDGET_SECRET_S, conversations=WIDGET_CONVERSATIONS
    )
    return WidgetSession(issued.value, int(issued.record.expires_at.timestamp()), REALTIME_PATH)


def _check_origin(call: Call) -> None:
    """Browsers name the page in every POST; who names none is no page, and comes in on loopback alone."""
    origin = call.request.headers.get(hdrs.ORIGIN)
    policy = call.services.origins
    if not policy.allows(origin, call.request.host) or (origin is None and not policy.loopback):
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
