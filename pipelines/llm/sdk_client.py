"""What the vendors' SDKs have in common: both are made by the same generator, on httpx2, with classes of their own."""

from datetime import UTC, datetime
from typing import Any

import httpx2

from pipelines.llm.http_stream import KEEPALIVE_S, MAX_CONNECTIONS, Deadlines, connection_lost
from pipelines.llm.port import LlmError
from pipelines.llm.refusals import refusal


def http_limits() -> httpx2.Limits:
    return httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=200, keepalive_expiry=KEEPALIVE_S)


def http_timeout(deadlines: Deadlines) -> httpx2.Timeout:
    """The transport's own limits; those of whole steps are kept by ``read_reply``."""
    return httpx2.Timeout(connect=deadlines.connect_s, read=None, write=deadlines.silence_s, pool=deadlines.connect_s)


def translated(provider: str, error: Exception) -> LlmError:
    """An exception of either SDK."""
    seen: Any = error
    if (response := getattr(seen, "response", None)) is not None:
        return refusal(provider, response.status_code, seen.body, response.headers, datetime.now(UTC))
    return connection_lost(provider, error)
