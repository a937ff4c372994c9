"""Hears PostgreSQL's notifications on a connection of its own. What is said while nobody listens is lost: whoever
listens looks for what waits when it begins, and now and then besides."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.errors import connecting, translated
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "notifications.sql")

log = logging.getLogger(__name__)

_DEADLINE_S = 5.0

CHECK_S = 30.0
"""Who only listens is not told that the other end is gone: so often it is asked something."""
CHECK_DEADLINE_S = 10.0

AGAIN_S = 3.0
"""From a lost connection to the next attempt."""


@asynccontextmanager
async def listening(
    dsn: str,
    channel: str,
    *,
    heard: Callable[[str], object],
    lost: Callable[[], object],
    application_name: str = "sales-agent-listener",
) -> AsyncIterator[None]:
    """``heard`` is called with each payload on ``channel``, ``lost`` once the connection is gone. Neither may raise.

    Raises StorageError when there is no connection to be had.
    """

    def on_notification(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        heard(str(payload))

    def on_end(_connection: Any) -> None:
        lost()

    with connecting():
        connection = await asyncpg.connect(
            dsn,
            timeout=_DEADLINE_S,
            command_timeout=_DEADLINE_S,
            server_settings={"application_name": application_name},
        )
    checking = None
    try:
        connection.add_termination_listener(on_end)
        with translated("listen"):
            await connection.add_listener(channel, on_notification)
        checking = asyncio.create_task(_check(connection), name=f"{channel} line")
        yield
    finally:
        if checking is not None:
            checking.cancel()
            await asyncio.wait([checking])
        connection.terminate()


async def _check(connection: Any) -> None:
    """Until it is gone; one that stands still is ended."""
    while not connection.is_closed():
        await asyncio.sleep(CHECK_S)
        try:
            await connection.execute("SELECT 1", timeout=CHECK_DEADLINE_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # a deadline that passed is an OSError
            connection.terminate()


async def hearing(
    dsn: str,
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
            async with listening(dsn, channel, heard=heard, lost=gone.set, application_name=_name(channel)):
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


async def listeners(database: Database, channel: str) -> int:
    """How many are ``hearing`` what is told on it, in all processes. Raises StorageError."""
    found: int = await database.fetch_value(_SQL["listeners"], name=_name(channel))
    return found


async def notify(database: Database, channel: str, payload: str) -> None:
    """Tell every process that listens; at most 8000 bytes. Raises StorageError."""
    await database.execute(_SQL["notify"], channel=channel, payload=payload)


def _name(channel: str) -> str:
    """As the database knows its connections."""
    return f"sales-agent-{channel}"
