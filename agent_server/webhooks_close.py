"""``POST /webhooks/close``: Close tells that something changed."""

import asyncio
import logging

from aiohttp import web

from agent_server.crm_parts import CRM
from agent_server.errors import Problem
from crm.close.webhooks import WebhookRefused
from crm.sync.webhooks import MAX_BODY_BYTES

log = logging.getLogger(__name__)

PATH = "/webhooks/close"
_BODY_TIMEOUT_S = 10.0
_STATUS = {"unreadable_body": 400}
"""Of refusals; the others are 401: whoever it was could not show to be Close."""


async def take_delivery(request: web.Request) -> web.Response:
    """Checked and noted before it is answered, read by the worker afterwards."""
    body = await _body(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        await request.app[CRM].webhooks.take(headers, body)
    except WebhookRefused as refusal:
        log.warning("webhook refused: %s", refusal.code)
        raise Problem(_STATUS.get(refusal.code, 401), refusal.code, str(refusal)) from None
    return web.Response(status=204)


async def _body(request: web.Request) -> bytes:
    too_large = Problem(413, "body_too_large", f"The body may have {MAX_BODY_BYTES} bytes.")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise too_large
    except TimeoutError:
        raise Problem(408, "request_timeout", "The body took too long to arrive.") from None
    return bytes(body)


def routes() -> list[web.RouteDef]:
    return [web.post(PATH, take_delivery)]
