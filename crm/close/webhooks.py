"""``/webhook/`` subscriptions, and the deliveries they cause.

Close signs ``timestamp + raw body`` with HMAC-SHA256 under the hex-decoded signature key. Deliveries come out of order,
may come twice (deduplicate on the event's id and date_updated), and stop for good after three days of failures: the
event log is the source of truth, a webhook only says that it is worth a look now.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from crm import http
from crm.close.events import event
from crm.close.records import Event, WebhookSubscription
from crm.http import Request
from crm.provider import WebhookRefused

TOLERANCE_S = 300.0
WRITE = "webhook:write"

SUBSCRIBED = tuple(
    {"object_type": object_type, "action": action}
    for object_type, actions in (
        ("lead", ("created", "updated", "deleted", "merged")),
        ("contact", ("created", "updated", "deleted")),
        ("opportunity", ("created", "updated", "deleted")),
        ("activity.email", ("created", "updated", "deleted")),
        ("unsubscribed_email", ("created",)),
    )
    for action in actions
)
"""What the sync needs to hear of."""


class Delivery(Struct, frozen=True):
    subscription_id: str
    event: msgspec.Raw


def listing() -> Request:
    """Comes whole, without paging."""
    return http.get("/webhook/", "webhook:read")


def create(url: str, events: Sequence[Mapping[str, object]] = SUBSCRIBED) -> Request:
    """The answer holds ``signature_key``, this once."""
    body = {"url": url, "events": list(events), "verify_ssl": True}
    return http.send_json("POST", "/webhook/", WRITE, body, idempotent=False)


def repair(subscription_id: str) -> Request:
    """Close pauses a subscription whose deliveries failed for three days; only this starts it again. The events are
    those this version needs."""
    body = {"status": "active", "events": list(SUBSCRIBED)}
    return http.send_json("PUT", f"/webhook/{subscription_id}/", WRITE, body, idempotent=True)


def hears_enough(subscription: WebhookSubscription) -> bool:
    """Whether it is told of every event of ``SUBSCRIBED``."""
    told = {(entry.object_type, entry.action) for entry in subscription.events}
    return {(entry["object_type"], entry["action"]) for entry in SUBSCRIBED} <= told


def delete(subscription_id: str) -> Request:
    return http.delete(f"/webhook/{subscription_id}/", WRITE)


def checked_keys(keys: Sequence[str]) -> tuple[str, ...]:
    """The keys, or ValueError for one that is not hexadecimal: better at start-up than with the first delivery."""
    for key in keys:
        bytes.fromhex(key)
    return tuple(keys)


def signature(key: str, timestamp: str, body: bytes) -> str:
    """The hex digest Close sends for this body. ``key`` is hex; raises ValueError when it is not."""
    return hmac.new(bytes.fromhex(key), timestamp.encode() + body, hashlib.sha256).hexdigest()


def verify(keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Raises WebhookRefused unless one of ``keys`` signed exactly this body within five minutes of ``now``.

    ``headers`` has lower-case names. Several keys: one for each subscription, and both while one is being replaced.
    """
    timestamp, sent = headers.get("close-sig-timestamp", ""), headers.get("close-sig-hash", "")
    if not timestamp or not sent:
        raise WebhookRefused("missing_signature", "The signature headers are missing.")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise WebhookRefused("stale_timestamp", "The timestamp is not a number of seconds.")
    if abs(now - int(timestamp)) > TOLERANCE_S:
        raise WebhookRefused("stale_timestamp", f"It was signed more than {TOLERANCE_S:.0f} s away from now.")
    wanted = sent.encode("utf-8", "surrogateescape")  # bytes of a header that are no text came in as surrogates
    matches = [hmac.compare_digest(signature(key, timestamp, body).encode(), wanted) for key in keys]
    if not any(matches):
        raise WebhookRefused("bad_signature", "No signature key of ours made this signature.")


def delivered(body: bytes) -> Event:
    """The event of a verified delivery. Raises WebhookRefused."""
    try:
        return event(msgspec.json.decode(body, type=Delivery).event)
    except msgspec.DecodeError as error:
        raise WebhookRefused("unreadable_body", "The body is not a delivery of Close.") from error
