"""Figures of the process for Prometheus; packages define their own beside what they measure."""

import asyncio
import os
import time
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from agent_server.capacity.load import Load

SHARED_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the Prometheus client shares figures between processes; the parent of several sets it."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each counter, which nobody asks for

REQUESTS = Counter("sales_agent_http_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "sales_agent_http_request_seconds",
    "Time to answer a request; conversations, which last, are left out.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
REQUESTS_OPEN = Gauge(
    "sales_agent_http_requests_open",
    "Requests being answered, conversations among them.",
    multiprocess_mode="livesum",
)
CONNECTIONS_REFUSED = Counter(
    "sales_agent_http_connections_refused", "Connections turned away, since their address had as many as it may."
)
START_SECONDS = Gauge(
    "sales_agent_start_seconds", "Time each part took to start.", ["part"], multiprocess_mode="livemax"
)
LOOP_LAG_SECONDS = Histogram(
    "sales_agent_event_loop_lag_seconds",
    "How late the event loop runs what is due; every caller hears it.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)

LOOP_BUSY = Gauge(
    "sales_agent_event_loop_busy_ratio",
    "Share of the last seconds that the event loop worked; near 1 there is no room for another conversation.",
    multiprocess_mode="livemax",
)

_LAG_EVERY_S = 0.1


async def watch_event_loop(load: Load, talking: Callable[[], int]) -> None:
    """Measures the event loop until cancelled, from within its thread. ``talking``: how many converse."""
    while True:
        started, worked = time.perf_counter(), time.thread_time()
        await asyncio.sleep(_LAG_EVERY_S)
        took_s = time.perf_counter() - started
        late_s = max(0.0, took_s - _LAG_EVERY_S)
        LOOP_LAG_SECONDS.observe(late_s)
        load.worked(time.thread_time() - worked, took_s, late_s, talking=talking())
        LOOP_BUSY.set(load.busy)


def exposition() -> tuple[bytes, str]:
    """All figures in Prometheus' text form, and its content type: those of all the server's processes together."""
    if SHARED_DIRECTORY not in os.environ:
        return generate_latest(), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def forget_process(pid: int, directory: str) -> None:
    """A process has ended: what it counted stays, what it held is gone."""
    mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]
