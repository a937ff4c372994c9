"""Work beside the calls that is done again every so often, or every night. What is away meanwhile is waited out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from storage.errors import StorageError
from storage.outage import Outage

log = logging.getLogger(__name__)

NIGHT_HOUR_UTC: Final = 3
NIGHT_AGAIN_S: Final = 600.0
"""After a night in which the database was away."""


async def regularly(every_s: float, work: Callable[[], Awaitable[object]], *, what: str) -> None:
    """Until cancelled, first after ``every_s``. ``what``: does not happen while the database is away, in the words of a
    log."""
    outage = Outage(log, what)
    while True:
        await asyncio.sleep(every_s)
        with outage.waited_out():
            await work()


async def nightly(sweep: Callable[[], Awaitable[object]], utc_now: Callable[[], datetime], *, what: str) -> None:
    """Until cancelled: at once, and every night. ``what``: stays as it is while the database or the disk is away."""
    while True:
        try:
            await sweep()
            wait_s = until_night(utc_now()).total_seconds()
        except (StorageError, OSError) as error:
            log.warning("%s for now: %s", what, error.code if isinstance(error, StorageError) else error.strerror)
            wait_s = NIGHT_AGAIN_S
        await asyncio.sleep(wait_s)


def until_night(now: datetime) -> timedelta:
    """The time to the next sweep."""
    tonight = now.replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return (tonight if tonight > now else tonight + timedelta(days=1)) - now
