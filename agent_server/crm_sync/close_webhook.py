"""``POST /webhooks/close``: Close tells that something changed."""

import logging

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body
from crm.provider import WebhookRefused
from crm.sync.webhooks import MAX_BODY_BYTES

log = logging.getLogger(__name__)

webhooks_close = Resource("webhooks", "Doors for the CRMs' own messages.")

_STATUS = {"unreadable_body": 400}
"""Of refusals; the others are 401: whoever it was could not show to be Close."""


@webhooks_close.post(
    "/webhooks/close", scope=None, summary="Close tells that something changed", errors=(400, 401, 408, 413, 503)
)
async def take_delivery(call: Call) -> None:
    """Signed by Close over the raw body, at most five minutes ago. It is noted before it is answered, and read by the
    worker afterwards; a repeated delivery is answered alike."""
    body = await read_body(call.request, max_bytes=MAX_BODY_BYTES)
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    try:
        await call.services.crm.webhooks.take(headers, body)
    except WebhookRefused as refusal:
        log.warning("webhook refused: %s", refusal.code)
        raise Problem(_STATUS.get(refusal.code, 401), refusal.code, str(refusal)) from None
