"""PostgreSQL's notifications for all of a process that listens, over one connection. What is said while nobody listens
is lost: whoever listens looks for what waits when it begins, and now and then besides."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from msgspec import Struct

from storage.postgres.errors import connecting, translated

DEADLINE_S = 5.0

CHECK_S = 30.0
"""Who only listens is not told that the other end is gone: so often it is asked something."""
CHECK_DEADLINE_S = 10.0


class _Listener(Struct, eq=False, frozen=True):
    channel: str
    heard: Callable[[str], object]
    lost: Callable[[], object]


class _Connection:
    """One that is open, and who listens on it."""

    def __init__(self, connection: Any) -> None:
        self.listeners: list[_Listener] = []
        self._connection = connection
        self._channels: set[str] = set()
        self._checking = asyncio.create_task(self._check(), name="notifications' line")
        connection.add_termination_listener(self._on_end)

    @property
    def is_closed(self) -> bool:
        return bool(self._connection.is_closed())

    async def add(self, listener: _Listener) -> None:
        """Raises StorageError; then it does not listen."""
        self.listeners.append(listener)
        if listener.channel in self._channels:
            return
        try:
            with translated("listen"):
                await self._connection.add_listener(listener.channel, self._on_notification)
        except BaseException:
            self.remove(listener)
            raise
        self._channels.add(listener.channel)

    def remove(self, listener: _Listener) -> None:
        """Without the last it ends."""
        self.listeners.remove(listener)
        if not self.listeners:
            self._end()

    def _end(self) -> None:
        self._checking.cancel()
        self._connection.terminate()

    def _on_notification(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        for listener in [*self.listeners]:
            if listener.channel == channel:
                listener.heard(str(payload))

    def _on_end(self, _connection: Any) -> None:
        self._checking.cancel()
        for listener in [*self.listeners]:
            listener.lost()

    async def _check(self) -> None:
        """One that stands still is ended."""
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await self._connection.execute("SELECT 1", timeout=CHECK_DEADLINE_S)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # a deadline that passed is an OSError
                self._connection.terminate()


class NotificationLine:
    """Its connection is opened for the first who listens and closed after the last."""

    def __init__(self, dsn: str, name: str = "sales-agent-listener") -> None:
        """``name``: as the database knows the connection."""
        self._dsn = dsn
        self._name = name
        self._connection: _Connection | None = None
        self._joining = asyncio.Lock()

    @asynccontextmanager
    async def listening(
        self, channel: str, *, heard: Callable[[str], object], lost: Callable[[], object]
    ) -> AsyncIterator[None]:
        """``heard`` is called with each payload on ``channel``, ``lost`` once the connection is gone. Neither may
        raise.

        Raises StorageError when there is no connection to be had.
        """
        listener = _Listener(channel, heard, lost)
        async with self._joining:
            if self._connection is None or self._connection.is_closed:
                self._connection = await self._connected()
            connection = self._connection
            await connection.add(listener)
        try:
            yield
        finally:
            connection.remove(listener)

    async def _connected(self) -> _Connection:
        with connecting():
            return _Connection(
                await asyncpg.connect(
                    self._dsn,
                    timeout=DEADLINE_S,
                    command_timeout=DEADLINE_S,
                    server_settings={"application_name": self._name},
                )
            )
