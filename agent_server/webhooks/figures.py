"""Figures of webhooks for Prometheus: the attempts of this process, and what waits, whoever is to send it."""

import asyncio
import math
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from storage.errors import StorageError
from storage.webhooks.endpoints import WebhookEndpoints

ATTEMPTS: Final = Counter(
    "sales_agent_webhook_attempts",
    "Attempts to deliver a webhook, by what came of them: delivered, again, given_up, or gone.",
    ["outcome"],
)
ATTEMPT_SECONDS: Final = Histogram(
    "sales_agent_webhook_attempt_seconds",
    "Time until a receiver answered, or did not.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0),
)
WAITING: Final = Gauge(
    "sales_agent_webhooks_waiting",
    "Deliveries that wait, of endpoints that are enabled, each counted up to 1000.",
    multiprocess_mode="mostrecent",
)
OLDEST_SECONDS: Final = Gauge(
    "sales_agent_webhooks_oldest_seconds", "How long the first of them has waited.", multiprocess_mode="mostrecent"
)
DISABLED: Final = Counter(
    "sales_agent_webhook_endpoints_disabled", "Endpoints the server itself disabled, by the reason.", ["reason"]
)

_DEADLINE_S: Final = 2.0


async def look(endpoints: WebhookEndpoints) -> None:
    """Set the figures that are in the database; while it is away they are no number."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            backlog = await endpoints.backlog()
    except (StorageError, TimeoutError):
        WAITING.set(math.nan)
        OLDEST_SECONDS.set(math.nan)
        return
    WAITING.set(backlog.waiting)
    OLDEST_SECONDS.set(backlog.oldest_s)
