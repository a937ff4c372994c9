"""The body of a webhook. What people said is read when it is sent, for the endpoints that want it: it is kept once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from agent_server.webhooks.events import KINDS
from storage.webhooks.deliveries import WebhookDeliveries

_WORDS_OF_HANDOFF = ("reason", "summary")
_FORMS = {kind.name: kind.form for kind in KINDS}


def body_of(kind: str, occurred_at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """``type``, ``timestamp`` and ``data``, as it is sent."""
    return {"type": kind, "timestamp": occurred_at.astimezone(UTC), "data": _in_order(kind, data)}


def encoded(body: Mapping[str, Any]) -> bytes:
    """As it is signed and sent."""
    return msgspec.json.encode(body)


def _in_order(kind: str, data: Mapping[str, Any]) -> Any:
    """The fields as they are documented; the database has an order of its own. What another release wrote, and has not
    the form, is sent as it is."""
    try:
        return msgspec.to_builtins(msgspec.convert(data, _FORMS[kind]))
    except (KeyError, msgspec.ValidationError):
        return dict(data)


async def words_of(
    deliveries: WebhookDeliveries, kind: str, conversation_id: str | None, subject: str | None
) -> dict[str, Any]:
    """What an event has of people's words, to be put into its data; nothing once they are gone. Raises StorageError."""
    if kind == "conversation.ended" and conversation_id is not None:
        return {"items": await deliveries.words_of_conversation(conversation_id)}
    if kind == "handoff.requested" and subject is not None:
        said = await deliveries.words_of_outcome(subject)
        return {name: said.get(name) for name in _WORDS_OF_HANDOFF}
    return {}
