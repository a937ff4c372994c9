"""Webhooks: endpoints of other programs that are told of what happens."""

import msgspec

from agent_server.api.endpoint import Call, Resource
from agent_server.api.webhook_forms import (
    Delivery,
    MadeWebhook,
    NewSecret,
    NewWebhook,
    Webhook,
    WebhookChanges,
    WebhookEventKind,
    just_made,
    no_webhook,
    webhook_of,
    webhooks_of,
    whole,
)
from agent_server.web.errors import Problem
from agent_server.webhooks.addresses import check_url
from agent_server.webhooks.events import KINDS, example_of
from agent_server.webhooks.signing import new_secret
from agent_server.webhooks.work import MOST_ENDPOINTS
from storage.errors import InvalidData
from storage.keys.secret_tokens import new_id
from storage.postgres.cursor import Page

webhooks = Resource(
    "webhooks",
    "Other programs are told of what happens, as the Standard Webhooks specification has it: signed, and tried again "
    "for three days. The kinds of events are at the end of this part.",
)


@webhooks.get("/api/webhooks", scope="admin", summary="List webhooks, newest first")
async def list_webhooks(call: Call) -> Page[Webhook]:
    """All of them: there are at most 25."""
    return Page(items=tuple(await webhooks_of(call, await call.services.webhooks.endpoints.all())))


@webhooks.post("/api/webhooks", scope="admin", summary="Add a webhook", status=201, errors=(409, 422))
async def add_webhook(call: Call, body: NewWebhook) -> MadeWebhook:
    """Events that happen from now on go there, each at least once, in no promised order: their `timestamp` tells, and
    `webhook-id` is the same at every attempt. HTTPS alone; on a server that only its own machine can reach, programs
    of that machine by HTTP too. A URL is there once, so that a request that is repeated makes no second one."""
    work = call.services.webhooks
    endpoint_id, secret = new_id("whe"), new_secret()
    url = check_url(body.url, work.reach)
    try:
        made = await work.endpoints.create(
            endpoint_id,
            url=url,
            description=body.description.strip(),
            events=sorted(set(body.events)),
            include_words=body.include_words,
            enabled=body.enabled,
            secret=work.box.seal(endpoint_id, secret),
            most=MOST_ENDPOINTS,
            now=call.services.utc_now(),
        )
    except InvalidData as error:
        raise _taken(error) from error
    if made is None:
        raise Problem(409, "webhooks_full", f"There are {MOST_ENDPOINTS} webhooks already: delete one first.")
    return just_made(made, secret)


@webhooks.get("/api/webhooks/events", scope="admin", summary="What can be heard of")
async def list_webhook_events(call: Call) -> Page[WebhookEventKind]:
    """Each kind with its meaning, and an example."""
    return Page(
        items=tuple(
            WebhookEventKind(type=kind.name, meaning=kind.meaning, example=msgspec.to_builtins(example_of(kind)))
            for kind in KINDS
        )
    )


@webhooks.get("/api/webhooks/{id}", scope="admin", summary="One webhook", errors=(404,))
async def get_webhook(call: Call) -> Webhook:
    return (await webhooks_of(call, [await webhook_of(call)]))[0]


@webhooks.patch("/api/webhooks/{id}", scope="admin", summary="Change a webhook", errors=(404, 409, 422))
async def change_webhook(call: Call, body: WebhookChanges) -> Webhook:
    """What waits goes to the new URL."""
    work = call.services.webhooks
    try:
        changed = await work.endpoints.change(
            call.path("id"),
            url=check_url(body.url, work.reach) if body.url is not None else None,
            description=body.description.strip() if body.description is not None else None,
            events=sorted(set(body.events)) if body.events is not None else None,
            include_words=body.include_words,
            enabled=body.enabled,
            now=call.services.utc_now(),
        )
    except InvalidData as error:
        raise _taken(error) from error
    if not changed:
        raise no_webhook()
    return await get_webhook(call)


@webhooks.delete("/api/webhooks/{id}", scope="admin", summary="Delete a webhook", errors=(404,))
async def delete_webhook(call: Call) -> None:
    """With what waits for it, and what is known of what was sent."""
    endpoint_id, work = call.path("id"), call.services.webhooks
    if not await work.endpoints.delete(endpoint_id):
        raise no_webhook()
    await work.deliveries.delete_of(endpoint_id)


@webhooks.post("/api/webhooks/{id}/rotate-secret", scope="admin", summary="Make a new secret", errors=(404,))
async def rotate_webhook_secret(call: Call) -> NewSecret:
    """For a day requests carry both signatures, then that of the new one alone."""
    made = await call.services.webhooks.rotate(call.path("id"))
    if made is None:
        raise no_webhook()
    secret, until = made
    return NewSecret(secret=secret, old_secret_until=until)


@webhooks.post("/api/webhooks/{id}/test", scope="admin", summary="Send a test", errors=(404,))
async def test_webhook(call: Call) -> Delivery:
    """`webhook.test`, at once and once, also to one that is disabled; what came of it is the answer."""
    endpoint = await webhook_of(call)
    delivery = await call.services.webhooks.test(endpoint.id)
    if delivery is None:
        raise no_webhook()
    return whole(delivery, {})


def _taken(error: InvalidData) -> Exception:
    if error.code != "already_exists":
        return error
    return Problem(409, "webhook_url_taken", "There is a webhook with this URL: change that one.", param="url")
