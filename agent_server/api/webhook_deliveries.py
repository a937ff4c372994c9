"""What was sent to webhooks, what came of it, and sending it again."""

from typing import Final

from agent_server.api.endpoint import Call, Resource
from agent_server.api.webhook_forms import (
    Delivery,
    DeliveryQuery,
    FailedSince,
    ListedDelivery,
    Redelivered,
    listed,
    no_delivery,
    webhook_of,
    whole,
)
from agent_server.web.errors import Problem
from agent_server.webhooks.payload import words_of
from storage.postgres.cursor import Page
from storage.webhooks.deliveries import WebhookDelivery
from storage.webhooks.endpoints import WebhookEndpoint

webhook_deliveries = Resource("webhooks", "")

MOST_AT_ONCE: Final = 10_000


@webhook_deliveries.get(
    "/api/webhooks/{id}/deliveries", scope="admin", summary="What was sent, newest first", errors=(404,)
)
async def list_deliveries(call: Call, query: DeliveryQuery) -> Page[ListedDelivery]:
    """`status=given_up` is what ten attempts did not bring there. Kept for WEBHOOK_DAYS."""
    endpoint = await webhook_of(call)
    page = await call.services.webhooks.deliveries.list(
        endpoint.id, status=query.status, kind=query.type, limit=query.limit, cursor=query.cursor
    )
    return Page(items=tuple(map(listed, page.items)), next_cursor=page.next_cursor)


@webhook_deliveries.get(
    "/api/webhooks/{id}/deliveries/{delivery_id}", scope="admin", summary="One delivery, with its body", errors=(404,)
)
async def get_delivery(call: Call) -> Delivery:
    """Words of people that are gone by now are not in it."""
    endpoint = await webhook_of(call)
    return await _whole(call, endpoint, await _delivery_of(call, endpoint))


@webhook_deliveries.post(
    "/api/webhooks/{id}/deliveries/{delivery_id}/redeliver",
    scope="admin",
    summary="Send it again",
    status=202,
    errors=(404, 409),
)
async def redeliver(call: Call) -> Delivery:
    """From the first attempt on, under the same `webhook-id`, whatever came of it before. One of a webhook that is
    disabled waits until it is not."""
    endpoint = await webhook_of(call)
    delivery = await _delivery_of(call, endpoint)
    if not await call.services.webhooks.deliveries.redeliver(endpoint.id, delivery.id):
        raise Problem(409, "delivery_under_way", "It is being sent at this moment.", param="delivery_id")
    return await _whole(call, endpoint, await _delivery_of(call, endpoint))


@webhook_deliveries.post(
    "/api/webhooks/{id}/redeliver", scope="admin", summary="Send again what failed since then", errors=(404,)
)
async def redeliver_failed(call: Call, body: FailedSince) -> Redelivered:
    """Everything that was given up of what happened at `since` or later, the oldest first."""
    endpoint = await webhook_of(call)
    count = await call.services.webhooks.deliveries.redeliver_since(endpoint.id, body.since, rows=MOST_AT_ONCE)
    return Redelivered(count)


async def _delivery_of(call: Call, endpoint: WebhookEndpoint) -> WebhookDelivery:
    found = await call.services.webhooks.deliveries.get(endpoint.id, call.path("delivery_id"))
    if found is None:
        raise no_delivery()
    return found


async def _whole(call: Call, endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Delivery:
    words = {}
    if endpoint.include_words:
        kept = call.services.webhooks.deliveries
        words = await words_of(kept, delivery.type, delivery.conversation_id, delivery.subject)
    return whole(delivery, words)
