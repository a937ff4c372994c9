"""What the server sends, in the OpenAPI document: its part ``webhooks``."""

from collections.abc import Mapping
from typing import Any

import msgspec

from agent_server.webhooks.events import KINDS, EventKind, example_of

_JSON = "application/json"
_HEADERS = {
    "webhook-id": "The same at every attempt: take each once",
    "webhook-timestamp": "When it was sent, in Unix seconds: refuse what is old",
    "webhook-signature": "One or several `v1,<base64>`, apart by spaces: HMAC-SHA256 of `id.timestamp.body`",
}


def data_forms() -> list[Any]:
    """Of the data of every kind."""
    return [*dict.fromkeys(kind.form for kind in KINDS)]


def webhooks(schemas: Mapping[Any, Any]) -> dict[str, Any]:
    """``schemas``: by type."""
    return {kind.name: {"post": _operation(kind, schemas[kind.form])} for kind in KINDS}


def _operation(kind: EventKind, data: Any) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind.name},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened"},
            "data": data,
        },
    }
    return {
        "operationId": kind.name.replace(".", "_"),
        "tags": ["webhooks"],
        "summary": kind.meaning,
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": words, "schema": {"type": "string"}}
            for name, words in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": body, "example": msgspec.to_builtins(example_of(kind))}},
        },
        "responses": {"2XX": {"description": "You have it. Anything else is tried again; 410 disables the endpoint."}},
    }
