"""Hears PostgreSQL's notifications on a connection of its own. What is said while nobody listens is lost: whoever
listens looks for what waits when it begins, and now and then besides."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from storage.postgres.errors import connecting, translated

_DEADLINE_S = 5.0


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
    try:
        connection.add_termination_listener(on_end)
        with translated("listen"):
            await connection.add_listener(channel, on_notification)
        yield
    finally:
        connection.terminate()
