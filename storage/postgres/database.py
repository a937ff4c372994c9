"""The pool of connections to PostgreSQL, and the two ways of running named queries: alone, or in a transaction.

Every wait has a deadline: connecting, getting a connection out of the pool, and each command. Everything raises
StorageError and nothing else. ``jsonb`` columns take and give plain Python values.

DATABASE_URL must reach PostgreSQL itself or a pooler that gives each client a session of its own (PgBouncer's
``pool_mode = session``): statements are prepared, notifications are listened for, and migrations hold a session's lock.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar

import asyncpg
from asyncpg import Record
from prometheus_client import Histogram

from storage.errors import StorageError
from storage.postgres.errors import connecting, translated
from storage.postgres.json_codec import decode_jsonb, encode_jsonb
from storage.postgres.named_query import Query
from storage.postgres.notification_line import NotificationLine

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[Record] | PoolConnectionProxy[Record]
    Pool: TypeAlias = asyncpg.Pool[Record]

Isolation = Literal["read_committed", "repeatable_read"]
T = TypeVar("T")

_PING = Query("ping", "SELECT current_setting('transaction_read_only')")
_QUERY_SECONDS = Histogram(
    "sales_agent_database_query_seconds",
    "Time of a named query, without waiting for a connection.",
    ["query"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)


class Transaction:
    """One connection inside a transaction. Valid within its ``async with`` alone."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def fetch_all(self, query: Query, /, **params: Any) -> list[Record]:
        return await _run(query, params, _fetch(self._connection, query))

    async def fetch_one(self, query: Query, /, **params: Any) -> Record | None:
        return await _run(query, params, self._connection.fetchrow)

    async def fetch_value(self, query: Query, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        return await _run(query, params, self._connection.fetchval)

    async def execute(self, query: Query, /, **params: Any) -> int:
        """Returns how many rows were touched."""
        return _rows_touched(await _run(query, params, self._connection.execute))


class Database:
    """A pool with deadlines, shared by the whole process. Made by ``open_database``. ``line``: what is told by it."""

    def __init__(self, dsn: str, pool: "Pool", *, acquire_timeout_s: float) -> None:
        self.dsn = dsn
        self.line = NotificationLine(dsn)
        self._pool = pool
        self._acquire_timeout_s = acquire_timeout_s

    async def fetch_all(self, query: Query, /, **params: Any) -> list[Record]:
        async with self._connection(query.name) as connection:
            return await _run(query, params, _fetch(connection, query))

    async def fetch_one(self, query: Query, /, **params: Any) -> Record | None:
        async with self._connection(query.name) as connection:
            return await _run(query, params, connection.fetchrow)

    async def fetch_value(self, query: Query, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        async with self._connection(query.name) as connection:
            return await _run(query, params, connection.fetchval)

    async def execute(self, query: Query, /, **params: Any) -> int:
        """Returns how many rows were touched."""
        async with self._connection(query.name) as connection:
            return _rows_touched(await _run(query, params, connection.execute))

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Commits when the block ends, rolls back when it raises. Read committed, as PostgreSQL does by default."""
        return self._transaction("read_committed", readonly=False)

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """For reading several things as they were at one moment."""
        return self._transaction("repeatable_read", readonly=True)

    async def ping(self, timeout_s: float = 1.0) -> float:
        """One round trip; returns its milliseconds, waiting for a connection included.

        One that takes no writes, such as a standby, is no database for us: that is a StorageError too.
        """
        started = time.perf_counter()
        with translated(_PING.name):
            async with asyncio.timeout(timeout_s):
                if await self.fetch_value(_PING) == "on":
                    raise asyncpg.ReadOnlySQLTransactionError
        return (time.perf_counter() - started) * 1000

    async def aclose(self, timeout_s: float = 5.0) -> None:
        """Wait for running queries, then close; past ``timeout_s`` cut them."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()

    @asynccontextmanager
    async def _connection(self, query_name: str) -> AsyncIterator["Connection"]:
        try:
            with translated(query_name):
                connection = await self._pool.acquire(timeout=self._acquire_timeout_s)
        except StorageError as error:
            if error.code != "database_timeout" or self._pool.get_size() < self._pool.get_max_size():
                raise
            message = "Every connection to the database is busy."
            raise StorageError("database_busy", message, retryable=True, query=query_name) from error
        try:
            yield connection
        except BaseException:
            await asyncio.shield(self._clear(connection))
            raise
        with translated(query_name):
            await self._pool.release(connection)

    async def _clear(self, connection: "PoolConnectionProxy[Record]") -> None:
        """Give back a connection whose work was broken off.

        asyncpg prepares a statement in one message and runs it in another, which ends what the first began. Broken off
        in between, cancelled or for a value that has no form, the statement's locks and its time, which is ``now()``,
        would be those of whoever comes next, and a snapshot could not begin. Any command ends it.
        """
        with suppress(StorageError), translated("clear"):
            await connection.execute("SELECT", timeout=self._acquire_timeout_s)
        with suppress(StorageError), translated("clear"):
            await self._pool.release(connection)

    @asynccontextmanager
    async def _transaction(self, isolation: Isolation, *, readonly: bool) -> AsyncIterator[Transaction]:
        async with self._connection("transaction") as connection:
            transaction = connection.transaction(isolation=isolation, readonly=readonly)
            with translated("begin"):
                await transaction.start()
            try:
                yield Transaction(connection)
            except BaseException:
                # The block's own error is the news; a connection too broken to roll back is rolled back by its end.
                with suppress(StorageError), translated("rollback"):
                    await transaction.rollback()
                raise
            with translated("commit"):
                await transaction.commit()


async def open_database(
    dsn: str,
    *,
    min_connections: int = 1,
    max_connections: int = 10,
    connect_timeout_s: float = 5.0,
    command_timeout_s: float = 10.0,
    acquire_timeout_s: float = 5.0,
    application_name: str = "sales-agent",
) -> Database:
    """Connect. Raises StorageError when the database cannot be reached within ``connect_timeout_s``."""
    with connecting():
        pool = await asyncpg.create_pool(
            dsn,
            min_size=min_connections,
            max_size=max_connections,
            timeout=connect_timeout_s,
            command_timeout=command_timeout_s,
            server_settings={"application_name": application_name},
            init=_set_codecs,
            reset=_keep_session,
        )
    return Database(dsn, pool, acquire_timeout_s=acquire_timeout_s)


async def _set_codecs(connection: "Connection") -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode_jsonb, decoder=decode_jsonb, format="binary"
    )


async def _keep_session(_connection: "Connection") -> None:
    """Nothing here sets session state, so giving a connection back costs no round trip to clear it."""


def _fetch(connection: "Connection", query: Query) -> Callable[..., Awaitable[list[Record]]]:
    if not query.plan_each_time:
        return connection.fetch

    async def plan_and_fetch(text: str, *args: Any) -> list[Record]:
        # The unnamed statement is planned for its values and leaves nothing behind on the server.
        statement = await connection.prepare(text, name="")
        return await statement.fetch(*args)

    return plan_and_fetch


async def _run(query: Query, params: dict[str, Any], method: Callable[..., Awaitable[T]]) -> T:
    text, args = query.render(params)
    started = time.perf_counter()
    with translated(query.name):
        result = await method(text, *args)
    _seconds_of(query.name).observe(time.perf_counter() - started)
    return result


@cache
def _seconds_of(query: str) -> Histogram:
    """One series of the histogram: looking it up takes as long as observing."""
    return _QUERY_SECONDS.labels(query)


def _rows_touched(tag: str) -> int:
    """From PostgreSQL's command tag, such as ``UPDATE 3`` or ``INSERT 0 1``."""
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
