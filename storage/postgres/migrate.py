"""Brings the schema up to date: numbered SQL files, forward only.

Files are ``migrations/<four digits>_<what_it_is_about>.sql``. The first ones make the schema, a file for each part of
the product, each table whole. Whatever changes it takes the next number; of two branches that took the same one, one
takes another. A file that is not applied yet is applied in the order of numbers, also when a higher one was applied
before it, so it may build on lower numbers alone.

Each file runs in a transaction of its own together with the note that it ran, under an advisory lock: any number of
processes may start at once, one migrates, the others wait and find nothing to do. A file must not change once it is
released: its checksum is kept and a different text is an error. Notes without a file (a newer release was here) are
left alone, so write migrations that the previous release can live with: add first, remove one release later.

While a migration waits for a table that others use, whoever asks for that table waits behind it. So it waits briefly,
gives up all it has, and tries again.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Literal

import asyncpg
from msgspec import Struct

from storage.errors import MigrationError, StorageError
from storage.postgres.errors import connecting, translated
from storage.postgres.folded import FOLDED, was_made_before
from storage.postgres.named_query import load_queries

if TYPE_CHECKING:
    from asyncpg import Record

log = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
_QUERIES = load_queries("storage.queries", "migrations.sql")
_CONNECT_TIMEOUT_S = 10.0
_LOCK_TIMEOUT_S = 300.0
_STATEMENT_TIMEOUT_S = 600.0
_LOCK_WAIT_MS = 1500
"""For a table that others use. Longer than the second after which PostgreSQL has its own vacuuming give way."""
_LOCK_AGAIN_S = 5.0
"""Meanwhile others go on."""

MigrationState = Literal["applied", "pending", "changed", "unknown"]
"""``changed``: applied with another text. ``unknown``: applied by a release that had a file this one lacks."""


class Migration(Struct, frozen=True):
    """One file. ``checksum`` is the SHA-256 of its text with Unix line ends."""

    number: int
    name: str
    sql: str
    checksum: str


class MigrationStatus(Struct, frozen=True):
    """One line of ``sales-agent migrate --status``."""

    number: int
    name: str
    state: MigrationState
    applied_at: datetime | None = None


def load_migrations(package: str = "storage.migrations") -> tuple[Migration, ...]:
    """The migrations of a package by number. Raises MigrationError for a misnamed file or a number used twice."""
    found: dict[int, Migration] = {}
    for file in resources.files(package).iterdir():
        if not file.name.endswith(".sql"):
            continue
        match = _FILE_NAME.match(file.name)
        if match is None:
            raise MigrationError("migration_misnamed", f"{file.name} is not named like 0001_access.sql.")
        migration = make_migration(int(match[1]), match[2], file.read_text(encoding="utf-8"))
        if migration.number in found:
            raise MigrationError("migration_number_taken", f"Two migrations have the number {match[1]}.")
        found[migration.number] = migration
    return tuple(found[number] for number in sorted(found))


def make_migration(number: int, name: str, sql: str) -> Migration:
    text = sql.replace("\r\n", "\n")
    return Migration(number, name, text, hashlib.sha256(text.encode()).hexdigest())


def compare(migrations: Sequence[Migration], applied: Sequence["Record"]) -> list[MigrationStatus]:
    """What is applied, pending, changed or unknown, by number."""
    notes = {note["number"]: note for note in applied}
    statuses = [
        MigrationStatus(number, note["name"], "unknown", note["applied_at"])
        for number, note in notes.items()
        if number not in {migration.number for migration in migrations}
    ]
    for migration in migrations:
        note = notes.get(migration.number)
        if note is None:
            statuses.append(MigrationStatus(migration.number, migration.name, "pending"))
        else:
            state: MigrationState = "applied" if note["checksum"] == migration.checksum else "changed"
            statuses.append(MigrationStatus(migration.number, migration.name, state, note["applied_at"]))
    return sorted(statuses, key=lambda status: status.number)


async def migration_status(dsn: str, migrations: Sequence[Migration] | None = None) -> list[MigrationStatus]:
    """How the database stands to the files. Changes nothing. Raises MigrationError for one that cannot be brought up to
    date, StorageError."""
    connection = await _connect(dsn)
    try:
        with translated("select_schema_migrations"):
            noted = await connection.fetchval(_QUERIES["schema_migrations_exist"].sql)
            applied = await connection.fetch(_QUERIES["select_schema_migrations"].sql) if noted else []
    finally:
        await _close(connection)
    wanted = load_migrations() if migrations is None else migrations
    if was_made_before(applied):
        return [
            MigrationStatus(file.number, file.name, "applied" if file.number <= FOLDED else "pending")
            for file in wanted
        ]
    return compare(wanted, applied)


async def migrate(dsn: str, migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """Apply what is pending and return it. Raises MigrationError, or StorageError when there is no database.

    After an error the migrations before the failed one are applied and the failed one has left no trace.
    """
    wanted = load_migrations() if migrations is None else migrations
    connection = await _connect(dsn)
    try:
        await _lock(connection)
        with translated("create_schema_migrations"):
            await connection.execute(_QUERIES["create_schema_migrations"].sql)
            applied = await connection.fetch(_QUERIES["select_schema_migrations"].sql)
        if was_made_before(applied):
            applied = await _renote(connection, wanted)
        states = {status.number: status.state for status in compare(wanted, applied)}
        for migration in wanted:
            if states[migration.number] == "changed":
                raise MigrationError(
                    "migration_changed",
                    f"Migration {_title(migration)} was applied with another text. Put the released file back and "
                    "write the change as a new migration.",
                )
        pending = [migration for migration in wanted if states[migration.number] == "pending"]
        for migration in pending:
            await _apply_once_free(connection, migration)
        return pending
    finally:
        await _close(connection)


async def _renote(connection: "asyncpg.Connection[Record]", wanted: Sequence[Migration]) -> list["Record"]:
    """The notes of the folded migrations instead of those of the files before them."""
    log.info(
        "the database was made before the first release; its schema is noted as that of migrations 1 to %d", FOLDED
    )
    async with connection.transaction():
        with translated("delete_schema_migrations"):
            await connection.execute(_QUERIES["delete_schema_migrations"].sql)
        for migration in wanted:
            if migration.number <= FOLDED:
                await _note(connection, migration)
    with translated("select_schema_migrations"):
        return await connection.fetch(_QUERIES["select_schema_migrations"].sql)


async def _note(connection: "asyncpg.Connection[Record]", migration: Migration) -> None:
    note, args = _QUERIES["insert_schema_migration"].render(
        {"number": migration.number, "name": migration.name, "checksum": migration.checksum}
    )
    with translated("insert_schema_migration"):
        await connection.execute(note, *args)


async def _apply_once_free(connection: "asyncpg.Connection[Record]", migration: Migration) -> None:
    """Tables that others use are tried for again and again, until a deadline."""
    clock = asyncio.get_running_loop().time
    until_s = clock() + _LOCK_TIMEOUT_S
    while True:
        try:
            return await _apply(connection, migration)
        except MigrationError as error:
            if not isinstance(_cause(error), asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
                raise
            users = await _in_the_way(connection)
            if clock() >= until_s:
                waited = f"waited more than {_LOCK_TIMEOUT_S:.0f} s for a table in use"
                message = f"Migration {_title(migration)} {waited}: {users}"
                raise MigrationError("migration_lock_timeout", message, retryable=True) from error
            log.warning("migration %s waits for a table in use: %s", _title(migration), users)
        await asyncio.sleep(_LOCK_AGAIN_S)


async def _in_the_way(connection: "asyncpg.Connection[Record]") -> str:
    """Whose transaction is the oldest. Not what it asks: that quotes values."""
    with translated("oldest_transaction"):
        oldest = await connection.fetchrow(_QUERIES["oldest_transaction"].sql)
    if oldest is None:
        return "nobody has a transaction open any more."
    who = oldest["application_name"] or "another program"
    return f"{who} (process {oldest['pid']}) has a transaction open for {oldest['open_s']:.0f} s."


def _cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


async def _apply(connection: "asyncpg.Connection[Record]", migration: Migration) -> None:
    try:
        with translated("migration"):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = {_LOCK_WAIT_MS}")
                await connection.execute(migration.sql, timeout=_STATEMENT_TIMEOUT_S)
                await _note(connection, migration)
    except StorageError as error:
        # Our own SQL, so PostgreSQL's words may be shown, without the detail that quotes rows.
        words = getattr(error.__cause__, "message", None) or str(error)
        message = f"Migration {_title(migration)} failed: {words}"
        raise MigrationError("migration_failed", message, retryable=error.retryable) from error


async def _lock(connection: "asyncpg.Connection[Record]") -> None:
    try:
        with translated("lock_schema_migrations"):
            await connection.execute(_QUERIES["lock_schema_migrations"].sql, timeout=_LOCK_TIMEOUT_S)
    except StorageError as error:
        if error.code != "database_timeout":
            raise
        message = f"Another process has been migrating for more than {_LOCK_TIMEOUT_S:.0f} s."
        raise MigrationError("migration_lock_timeout", message, retryable=True) from error


async def _connect(dsn: str) -> "asyncpg.Connection[Record]":
    with connecting():
        return await asyncpg.connect(dsn, timeout=_CONNECT_TIMEOUT_S, command_timeout=_STATEMENT_TIMEOUT_S)


async def _close(connection: "asyncpg.Connection[Record]") -> None:
    """Closing also lets the advisory lock go."""
    try:
        await connection.close(timeout=_CONNECT_TIMEOUT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


def _title(migration: Migration) -> str:
    return f"{migration.number:04d}_{migration.name}"
