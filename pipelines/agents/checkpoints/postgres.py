"""Checkpoints in PostgreSQL, by LangGraph's own saver on a small pool of psycopg connections."""

import asyncio
from typing import TYPE_CHECKING, Any

from pipelines.agents.checkpoints.serde import strict_serializer
from storage.errors import StorageError

if TYPE_CHECKING:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg_pool import AsyncConnectionPool

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

    async def open(self) -> "AsyncPostgresSaver":
        """Connect and make the tables where they are missing. Raises StorageError; may be tried again."""
        make_saver, make_pool, failures = await asyncio.to_thread(_imports)
        pool = make_pool(self._dsn, self._max_connections, self._connect_timeout_s)
        saver: AsyncPostgresSaver = make_saver(pool)
        try:
            await pool.open(wait=True, timeout=self._connect_timeout_s)
            async with asyncio.timeout(SETUP_TIMEOUT_S):
                await _set_up(pool, saver)
        except BaseException as error:
            await pool.close()
            if isinstance(error, failures):
                raise StorageError(
                    "checkpoints_unavailable", "The threads of agents cannot be reached.", retryable=True
                ) from error
            raise
        self._pool = pool
        return saver

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.close(timeout=5.0)


def _imports() -> tuple[Any, Any, tuple[type[BaseException], ...]]:
    """In a thread: the saver brings LangGraph with it."""
    import psycopg  # noqa: PLC0415
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver  # noqa: PLC0415
    from psycopg.rows import dict_row  # noqa: PLC0415
    from psycopg_pool import AsyncConnectionPool, PoolTimeout  # noqa: PLC0415

    def make_saver(pool: Any) -> Any:
        return AsyncPostgresSaver(pool, serde=strict_serializer())

    def make_pool(dsn: str, size: int, timeout_s: float) -> Any:
        # autocommit: the saver's set-up builds indexes concurrently, which no transaction may hold.
        kwargs = {
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "application_name": "sales-agent-threads",
            "connect_timeout": int(timeout_s),
        }
        return AsyncConnectionPool(
            dsn, min_size=1, max_size=size, timeout=timeout_s, max_idle=300.0, kwargs=kwargs, open=False
        )

    return make_saver, make_pool, (psycopg.Error, PoolTimeout, TimeoutError, OSError)


async def _set_up(pool: Any, saver: "AsyncPostgresSaver") -> None:
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


async def _is_set_up(connection: Any, saver: "AsyncPostgresSaver") -> bool:
    cursor = await connection.execute("SELECT to_regclass('checkpoint_migrations') IS NOT NULL AS there")
    if not (await cursor.fetchone())["there"]:
        return False
    row = await (await connection.execute("SELECT max(v) AS latest FROM checkpoint_migrations")).fetchone()
    return row["latest"] is not None and row["latest"] >= len(saver.MIGRATIONS) - 1
