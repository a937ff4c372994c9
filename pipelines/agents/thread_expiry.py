"""Drops threads in PostgreSQL whose time is over, a few at a time, while the process lives. Redis drops its own."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from storage.agents.threads import AgentThreads
from storage.errors import StorageError

log = logging.getLogger(__name__)

FIRST_S = 60.0
"""A server that has just started has better to do."""

EVERY_S = 3600.0
AT_ONCE = 500
PAUSE_S = 0.2
"""Between two batches: nobody who talks must notice."""


async def expire_threads(
    threads: AgentThreads,
    keep: timedelta,
    now: Callable[[], datetime],
    *,
    first_s: float = FIRST_S,
    every_s: float = EVERY_S,
    at_once: int = AT_ONCE,
    pause_s: float = PAUSE_S,
) -> None:
    """Until cancelled. An outage of the database is waited out."""
    await asyncio.sleep(first_s)
    while True:
        try:
            dropped = await _one_round(threads, now() - keep, at_once, pause_s)
        except StorageError as error:
            log.warning("threads whose time is over stay for now: %s", error.code)
        else:
            if dropped:
                log.info("%d threads of agents are gone, unused for %s", dropped, keep)
        await asyncio.sleep(every_s)


async def _one_round(threads: AgentThreads, since: datetime, at_once: int, pause_s: float) -> int:
    dropped, after = 0, None
    while True:
        looked = await threads.drop_unused(since=since, after=after, most=at_once)
        dropped, after = dropped + looked.dropped, looked.last
        if after is None:
            return dropped
        await asyncio.sleep(pause_s)
