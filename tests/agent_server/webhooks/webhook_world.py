"""Endpoints and what is written for them, without anybody who sends it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agent_server.webhooks.events import KINDS
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query
from storage.webhooks.endpoints import WebhookEndpoints

FORMS = {kind.name: kind.form for kind in KINDS}
_TOLD = Query("told", "SELECT * FROM webhook_deliveries ORDER BY created_at, type, id")


async def an_endpoint(database: Database, *events: str, endpoint_id: str = "whe_1", **about: Any) -> None:
    """That wants these, or everything."""
    usual: dict[str, Any] = {
        "url": f"https://example.com/{endpoint_id}", "description": "", "include_words": False, "enabled": True,
        "secret": b"sealed", "most": 100, "now": utc_now(),
    }  # fmt: skip
    made = await WebhookEndpoints(database).create(endpoint_id, events=events or ("*",), **(usual | about))
    assert made is not None


async def told(database: Database) -> list[dict[str, Any]]:
    """What was written down, in the order in which it happened; each is of the form that its kind has."""
    rows = [dict(row) for row in await database.fetch_all(_TOLD)]
    for row in rows:
        msgspec.convert(row["data"], FORMS[row["type"]], strict=False)
    return rows


def kinds(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["type"] for row in rows]
