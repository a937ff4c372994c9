"""Writes a batch of dirty rows: all or nothing, except for rows that can never be written."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TypeAlias

from storage.errors import InvalidData
from storage.log.dirty_rows import DirtyRow
from storage.postgres.database import Database
from storage.postgres.named_query import Query, load_queries

_QUERIES = load_queries("storage.queries", "conversation_log.sql")
RowQueries: TypeAlias = Mapping[IntEnum, Query]
"""The query of each kind of row, in the order in which one transaction must write them. Each takes ``rows``, a JSON
array of its kind's payloads."""


async def write_rows(
    database: Database, batch: Sequence[DirtyRow], queries: RowQueries
) -> list[tuple[DirtyRow, InvalidData]]:
    """Write a batch whose rows are in order of submission. Returns the rows the database will never take, and why.

    A batch with such a row is halved until the row is alone, so it costs nobody else's words. Raises StorageError when
    the database fails; part of the batch may be written then, and writing it again does no harm.
    """
    try:
        await _write(database, batch, queries)
    except InvalidData as error:
        if len(batch) == 1:
            return [(batch[0], error)]
    else:
        return []
    middle = len(batch) // 2
    first = await write_rows(database, batch[:middle], queries)
    return [*first, *await write_rows(database, batch[middle:], queries)]


async def force_to_disk(database: Database) -> None:
    """Returns when everything committed before is on the disk, as ``synchronous_commit`` of the server defines it."""
    await database.execute(_QUERIES["log_force"])


async def _write(database: Database, batch: Sequence[DirtyRow], queries: RowQueries) -> None:
    """One statement where possible: it is its own transaction and one round trip instead of three."""
    by_kind = {kind: [row.payload for row in batch if row.kind is kind] for kind in queries}
    statements = [
        (queries[kind], (b"[" + b",".join(payloads) + b"]").decode()) for kind, payloads in by_kind.items() if payloads
    ]
    if len(statements) == 1:
        query, rows = statements[0]
        await database.execute(query, rows=rows)
        return
    async with database.transaction() as transaction:
        for query, rows in statements:
            await transaction.execute(query, rows=rows)
