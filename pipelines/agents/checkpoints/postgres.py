"""Checkpoints in PostgreSQL: LangGraph's own saver on a small pool of psycopg connections, opened when first wanted."""

import asyncio
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipelines.loading import loaded

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    from pipelines.agents.checkpoints.postgres_saver import PostgresSaver

LOCK_KEY = 7_235_114_903
"""Of the advisory lock under which one process at a time makes the tables; any number nobody else uses."""

SETUP_TIMEOUT_S = 60.0
_POLL_S = 0.05


class PostgresCheckpoints:
    """``open`` once, ``aclose`` at the end."""

    def __init__(self, dsn: str, *, max_connections: int = 4, connect_timeout_s: float = 10.0) -> None:
        self._dsn = dsn
        self._max_connections = max_connections
        self._connect_timeout_s = connect_timeout_s
        self._pool: AsyncConnectionPool[Any] | None = None

    async def open(self) -> "PostgresSaver":
        """Connect and make the tables where they are missing. Raises StorageError; may be tried again."""
        module = await loaded(_load)
        pool = module.make_pool(self._dsn, max_connections=self._max_connections, timeout_s=self._connect_timeout_s)
        saver: PostgresSaver = module.PostgresSaver(pool)
        try:
            with module.translated():
                await pool.open(wait=True, timeout=self._connect_timeout_s)
                async with asyncio.timeout(SETUP_TIMEOUT_S):
                    await _set_up(pool, saver)
        except BaseException:
            await pool.close()
            raise
        self._pool = pool
        return saver

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.close(timeout=5.0)


def _load() -> ModuleType:
    from pipelines.agents.checkpoints import postgres_saver  # noqa: PLC0415 - brings LangGraph with it

    return postgres_saver


async def _set_up(pool: Any, saver: "PostgresSaver") -> None:
    """Processes that start at once make the tables one after the other. Nobody waits inside PostgreSQL for the lock:
    building an index concurrently waits for every statement under way, and would wait for that one for ever."""
    async with pool.connection() as connection:
        if await _is_set_up(connection, saver):
            return
        while True:
            taken = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS taken", (LOCK_KEY,))).fetchone()
            if taken["taken"]:
                break
            await asyncio.sleep(_POLL_S)
        try:
            if not await _is_set_up(connection, saver):
                await saver.setup()
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK_KEY,))


async def _is_set_up(connection: Any, saver: "PostgresSaver") -> bool:
    cursor = await connection.execute("SELECT to_regclass('checkpoint_migrations') IS NOT NULL AS there")
    if not (await cursor.fetchone())["there"]:
        return False
    row = await (await connection.execute("SELECT max(v) AS latest FROM checkpoint_migrations")).fetchone()
    return row["latest"] is not None and row["latest"] >= len(saver.MIGRATIONS) - 1
