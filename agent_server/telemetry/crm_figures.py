"""Figures of CRMs for Prometheus: the requests this process made, and what waits, whichever worker is to do it."""

import asyncio
import math
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from crm.client import CallReport
from storage.crm.backlog import CrmBacklogs
from storage.errors import StorageError
from storage.postgres.jobs import Jobs

REQUESTS = Counter(
    "sales_agent_crm_requests", "Requests to CRMs, by endpoint group and error code.", ["platform", "group", "code"]
)
REQUEST_SECONDS = Histogram(
    "sales_agent_crm_request_seconds",
    "Time of a request to a CRM, with its waits and tries.",
    ["platform"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 150.0),
)
WAITING = Gauge(
    "sales_agent_sync_waiting",
    "Changes not yet read (in) or sent (out).",
    ["platform", "direction"],
    multiprocess_mode="mostrecent",
)
OVERDUE_SECONDS = Gauge(
    "sales_agent_sync_overdue_seconds",
    "How long the first change whose time has come has waited.",
    ["platform"],
    multiprocess_mode="mostrecent",
)
DEAD_LETTERS = Gauge(
    "sales_agent_sync_dead_letters", "Changes given up on.", ["platform"], multiprocess_mode="mostrecent"
)
OPEN_CONFLICTS = Gauge(
    "sales_agent_sync_open_conflicts", "Edits somebody has to decide.", ["platform"], multiprocess_mode="mostrecent"
)
WORKERS = Gauge("sales_agent_sync_workers", "Workers, on all machines.", multiprocess_mode="mostrecent")

_DEADLINE_S = 2.0


def record_call(report: CallReport) -> None:
    REQUESTS.labels(report.platform, report.group, report.code or "ok").inc()
    REQUEST_SECONDS.labels(report.platform).observe(report.latency_ms / 1000)


async def look(backlogs: CrmBacklogs, jobs: Jobs, platforms: list[str], *, now: datetime) -> None:
    """Set the figures that are in the database; while it is away they are no number."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            found, workers = await backlogs.of(platforms), await jobs.workers()
    except (StorageError, TimeoutError):
        WORKERS.set(math.nan)
        for platform in platforms:
            for gauge in (OVERDUE_SECONDS, DEAD_LETTERS, OPEN_CONFLICTS):
                gauge.labels(platform).set(math.nan)
            for direction in ("in", "out"):
                WAITING.labels(platform, direction).set(math.nan)
        return
    WORKERS.set(workers)
    for platform, backlog in found.items():
        WAITING.labels(platform, "in").set(backlog.waiting_in)
        WAITING.labels(platform, "out").set(backlog.waiting_out)
        OVERDUE_SECONDS.labels(platform).set(backlog.overdue_s(now))
        DEAD_LETTERS.labels(platform).set(backlog.dead_letters)
        OPEN_CONFLICTS.labels(platform).set(backlog.open_conflicts)
