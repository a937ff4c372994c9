"""Tells by PostgreSQL's notifications, and hears them for as long as a process lives."""

import asyncio
import logging
from collections.abc import Callable

from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries
from storage.postgres.notification_line import NotificationLine

_SQL = load_queries("storage.queries", "notifications.sql")

log = logging.getLogger(__name__)

AGAIN_S = 3.0
"""From a lost connection to the next attempt."""


async def hearing(
    line: NotificationLine,
    channel: str,
    *,
    heard: Callable[[str], object],
    began: Callable[[], object],
    lost: Callable[[], object] = lambda: None,
    failing: str,
) -> None:
    """Hear what is told on ``channel`` until cancelled, over one connection after another. ``began``: it is heard from
    now on; what was told before is to be looked for · ``lost``: not any more · ``failing``: what that means, in
    words. None of them may raise."""
    is_away = False
    while True:
        gone = asyncio.Event()
        try:
            async with line.listening(channel, heard=heard, lost=gone.set):
                is_away = False
                began()
                await gone.wait()
        except StorageError as error:
            if not is_away:
                log.warning("%s now: %s", failing, error.code)
            is_away = True
        finally:
            lost()
        await asyncio.sleep(AGAIN_S)


def line_of_its_own(database: Database, channel: str) -> NotificationLine:
    """For a channel whose ``listeners`` are counted."""
    return NotificationLine(database.dsn, _name(channel))


async def listeners(database: Database, channel: str) -> int:
    """How many hear what is told on it over a line of its own, in all processes. Raises StorageError."""
    found: int = await database.fetch_value(_SQL["listeners"], name=_name(channel))
    return found


async def notify(database: Database, channel: str, payload: str) -> None:
    """Tell every process that listens; at most 8000 bytes. Raises StorageError."""
    await database.execute(_SQL["notify"], channel=channel, payload=payload)


def _name(channel: str) -> str:
    """As the database knows its connections."""
    return f"sales-agent-{channel}"
