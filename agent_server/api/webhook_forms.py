"""Webhooks in requests and answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call
from agent_server.web.errors import Problem
from agent_server.webhooks.events import EventType
from agent_server.webhooks.payload import body_of
from storage.postgres.cursor import MAX_LIMIT
from storage.webhooks.deliveries import DeliveryStatus, WebhookDelivery
from storage.webhooks.endpoints import DisabledReason, HourOfAttempts, WebhookEndpoint

Wanted = EventType | Literal["*"]
Events = Annotated[tuple[Wanted, ...], Meta(min_length=1, max_length=50)]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]
Description = Annotated[str, Meta(max_length=200)]

HOURS_SHOWN: Final = timedelta(hours=24)


class NewWebhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`events`: kinds of events, or `*` for all there are and will be. `include_words`: whether what people said goes
    along where an event has it."""

    url: Url
    events: Events
    description: Description = ""
    include_words: bool = False
    enabled: bool = True


class WebhookChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not given stays. `enabled` true lets one that was disabled begin anew, with what waits for it."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    include_words: bool | None = None
    enabled: bool | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """An endpoint. `disabled_reason`: `person`, or why the server did it: `gone` (it answered 410), `failing` (nothing
    arrived for five days), `queue_full` (more than 50 000 deliveries wait). `waiting` is counted up to 1000. `hours`:
    attempts of the last day, by the hour in which there were any. Until `old_secret_until` the secret before signs too.
    """

    id: str
    url: str
    description: str
    events: Sequence[str]
    include_words: bool
    enabled: bool
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    waiting: int
    hours: Sequence[HourOfAttempts]
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class MadeWebhook(Webhook, frozen=True, kw_only=True):
    """`secret` is shown this once."""

    secret: str


class NewSecret(Struct, frozen=True, kw_only=True):
    """`secret` is shown this once. Until `old_secret_until` the secret before signs too."""

    secret: str
    old_secret_until: datetime


class WebhookEventKind(Struct, frozen=True, kw_only=True):
    """What can be heard of. `example`: the body of a request."""

    type: str
    meaning: str
    example: dict[str, Any]


class DeliveryQuery(Struct, frozen=True):
    status: DeliveryStatus | None = None
    type: Annotated[str | None, Meta(description="Kind of event")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class ListedDelivery(Struct, frozen=True, kw_only=True):
    """One event for one endpoint. `event_id` is its `webhook-id`. `next_at`: the next attempt, while it waits.
    `answer_status`, `answer` (its first 500 characters), `error` and `latency_ms` are of the last attempt."""

    id: str
    event_id: str
    type: str
    occurred_at: datetime
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    answer_status: int | None
    answer: str | None
    error: str | None
    latency_ms: float | None
    created_at: datetime


class Delivery(ListedDelivery, frozen=True, kw_only=True):
    """With `body` as it would be sent now."""

    body: dict[str, Any]


class FailedSince(Struct, frozen=True, forbid_unknown_fields=True):
    """`since`: when it happened, at the earliest."""

    since: Annotated[datetime, Meta(tz=True)]


class Redelivered(Struct, frozen=True):
    """How many are sent again: at most 10 000 at once; ask again for the rest."""

    deliveries: int


async def webhooks_of(call: Call, found: Sequence[WebhookEndpoint]) -> list[Webhook]:
    """With how they do."""
    kept, ids = call.services.webhooks.endpoints, [endpoint.id for endpoint in found]
    waiting = await kept.waiting(ids)
    hours = await kept.hours(ids, since=call.services.utc_now() - HOURS_SHOWN)
    return [shown(endpoint, waiting.get(endpoint.id, 0), hours[endpoint.id]) for endpoint in found]


async def webhook_of(call: Call) -> WebhookEndpoint:
    """The endpoint the path names. Raises Problem (404) ``webhook_not_found``."""
    found = await call.services.webhooks.endpoints.get(call.path("id"))
    if found is None:
        raise no_webhook()
    return found


def shown(endpoint: WebhookEndpoint, waiting: int, hours: Sequence[HourOfAttempts]) -> Webhook:
    return Webhook(**_fields(endpoint), waiting=waiting, hours=hours)


def just_made(endpoint: WebhookEndpoint, secret: str) -> MadeWebhook:
    return MadeWebhook(**_fields(endpoint), waiting=0, hours=(), secret=secret)


def listed(delivery: WebhookDelivery) -> ListedDelivery:
    return ListedDelivery(**_told(delivery))


def whole(delivery: WebhookDelivery, words: dict[str, Any]) -> Delivery:
    body = body_of(delivery.type, delivery.occurred_at, delivery.data | words)
    return Delivery(**_told(delivery), body=body)


def no_webhook() -> Problem:
    return Problem(404, "webhook_not_found", "There is no such webhook.", param="id")


def no_delivery() -> Problem:
    return Problem(404, "delivery_not_found", "There is no such delivery, or it is forgotten.", param="delivery_id")


def _fields(endpoint: WebhookEndpoint) -> dict[str, Any]:
    names = ("id", "url", "description", "events", "include_words", "enabled", "disabled_reason", "failing_since")
    more = ("old_secret_until", "created_at", "updated_at")
    return {name: getattr(endpoint, name) for name in (*names, *more)}


def _told(delivery: WebhookDelivery) -> dict[str, Any]:
    told = {name: getattr(delivery, name) for name in ListedDelivery.__struct_fields__ if name != "next_at"}
    return told | {"next_at": delivery.due_at if delivery.status == "waiting" else None}
