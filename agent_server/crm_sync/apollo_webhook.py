"""``POST /webhooks/apollo``: Apollo brings telephone numbers it was asked for."""

import logging

from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body
from crm.provider import WebhookRefused
from crm.sync.phones import MAX_BODY_BYTES

log = logging.getLogger(__name__)

PATH = "/webhooks/apollo"

webhooks_apollo = Resource("webhooks", "Doors for the CRMs' own messages.")


class Address(Struct, frozen=True):
    """`key` is part of the address that Apollo was given."""

    key: str = ""


@webhooks_apollo.post(
    PATH, scope=None, summary="Apollo brings telephone numbers", errors=(400, 401, 404, 408, 413, 503)
)
async def take_numbers(call: Call, query: Address) -> None:
    """Taken are numbers of people Apollo was asked about; a repeated delivery is answered alike and changes nothing."""
    door = call.services.crm.phones
    if door is None:
        raise Problem(404, "not_expected", "Apollo is not asked for telephone numbers.")
    try:
        door.check(query.key)
        learned = await door.take(await read_body(call.request, max_bytes=MAX_BODY_BYTES))
    except WebhookRefused as refusal:
        log.warning("delivery of telephone numbers refused: %s", refusal.code)
        raise Problem(401 if refusal.code == "bad_secret" else 400, refusal.code, str(refusal)) from None
    log.info("telephone numbers of %d contacts came", learned)
