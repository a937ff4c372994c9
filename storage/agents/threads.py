"""The end of threads of agents in PostgreSQL that nobody has gone on with for long."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_QUERIES = load_queries("storage.queries", "agent_threads.sql")
_UUID_EPOCH = datetime(1582, 10, 15, tzinfo=UTC)


class Looked(Struct, frozen=True):
    """``dropped``: how many threads · ``last``: the last one looked at; None: there are no more, or another process is
    looking through them."""

    dropped: int
    last: str | None


class AgentThreads:
    """Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def drop_unused(self, *, since: datetime, after: str | None = None, most: int = 500) -> Looked:
        """Of the ``most`` threads behind ``after`` drop those last changed before ``since``. One that is being run
        stays, whenever it began."""
        oldest_id = first_id_at(since)
        async with self._database.transaction() as transaction:
            if not await transaction.fetch_value(_QUERIES["threads_are_kept"]):
                return Looked(0, None)
            if not await transaction.fetch_value(_QUERIES["threads_lock"]):
                return Looked(0, None)
            rows = await transaction.fetch_all(_QUERIES["threads_from"], oldest_id=oldest_id, after=after, rows=most)
            last = rows[-1]["thread_id"] if len(rows) == most else None
            unused = [row["thread_id"] for row in rows if row["is_unused"]]
            if not unused:
                return Looked(0, last)
            claimed = await transaction.fetch_all(_QUERIES["threads_claim"], thread_ids=unused)
            ids = [row["thread_id"] for row in claimed]
            dropped = await transaction.fetch_value(_QUERIES["threads_drop"], thread_ids=ids, oldest_id=oldest_id)
            await transaction.execute(_QUERIES["threads_unclaim"], thread_ids=ids)
        return Looked(dropped, last)


def first_id_at(moment: datetime) -> str:
    """The least UUID of version 6 of a moment (RFC 9562, section 5.6): every id made since is greater."""
    ticks = (moment - _UUID_EPOCH) // timedelta(microseconds=1) * 10
    return f"{ticks >> 28:08x}-{ticks >> 12 & 0xFFFF:04x}-6{ticks & 0xFFF:03x}-0000-000000000000"
