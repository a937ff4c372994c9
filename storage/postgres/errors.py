"""Translates what asyncpg raises into StorageError. The only place that knows SQLSTATE codes.

Codes: https://www.postgresql.org/docs/18/errcodes-appendix.html. Messages never carry PostgreSQL's own text, because
that quotes values.
"""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from storage.errors import InvalidData, StorageError

# SQLSTATE, or its first two characters for a whole class -> code, message, retryable. The longer match wins.
_STATES: dict[str, tuple[str, str, bool]] = {
    "0A000": ("database_conflict", "The schema changed just now.", True),
    "08": ("database_unavailable", "The connection to the database broke.", True),
    "25006": ("database_read_only", "The database takes no writes at the moment.", True),
    "28": ("database_auth_failed", "The database refused the user or password of DATABASE_URL.", False),
    "3D000": ("database_missing", "The database that DATABASE_URL names does not exist.", False),
    "40": ("database_conflict", "Another transaction was in the way.", True),
    "42501": ("database_forbidden", "The user of DATABASE_URL may not do this: let it own the database.", False),
    "42P01": ("schema_outdated", "A table is missing; run `sales-agent migrate`.", False),
    "42703": ("schema_outdated", "A column is missing; run `sales-agent migrate`.", False),
    "53": ("database_overloaded", "The database is out of resources.", True),
    "53100": ("database_disk_full", "The database's disk is full.", True),
    "53300": ("database_too_many_connections", "The database has no connection left.", True),
    "55P03": ("database_conflict", "A lock was not available in time.", True),
    "57": ("database_unavailable", "The database is starting or stopping.", True),
    "57014": ("database_timeout", "The database took too long to answer.", True),
}
_INVALID: dict[str, tuple[str, str]] = {
    "22": ("invalid_data", "A value has no form in the database."),
    "23": ("constraint_violated", "A value breaks a rule of its table."),
    "23503": ("missing_reference", "The row it belongs to does not exist."),
    "23505": ("already_exists", "There is such a row already."),
    "23P01": ("overlaps", "It overlaps a row there is."),
    "54": ("invalid_data", "A value is larger than the database takes."),
}


@contextmanager
def translated(query: str | None) -> Iterator[None]:
    """Within it, errors of asyncpg and of the connection come out as StorageError naming ``query``."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise storage_error(error, query) from error


@contextmanager
def connecting() -> Iterator[None]:
    """``translated`` for opening connections, where a malformed URL may come out as ValueError too, and where a
    connection that fails says something about the address."""
    try:
        with translated("connect"):
            yield
    except ValueError as error:
        raise _invalid_url() from error
    except StorageError as error:
        if isinstance(error.__cause__, OSError):
            raise _unreachable(error.__cause__) from error
        raise


def storage_error(error: Exception, query: str | None) -> StorageError:
    """The StorageError for what asyncpg raised. TimeoutError is an OSError."""
    match error:
        case TimeoutError():
            return _from_state("57014", query)
        case asyncpg.PostgresError():
            return _from_state(error.sqlstate or "", query)
        case asyncpg.ClientConfigurationError():
            return _invalid_url()
        # Of asyncpg's own: PostgreSQL said that it ends a connection nobody was using, and somebody uses it before its
        # end is noticed ("another operation is in progress").
        case OSError() | asyncpg.InterfaceError() | asyncpg.InternalClientError():
            message = "There is no connection to the database."
            return StorageError("database_unavailable", message, retryable=True, query=query)
        case _:
            return StorageError("database_error", "The database client failed.", query=query)


def _unreachable(error: OSError) -> StorageError:
    match error:
        case TimeoutError():
            reason = "no answer in time"
        case socket.gaierror():  # its numbers are not those of ``errno``
            reason = "its name is not known"
        case _:
            reason = os.strerror(error.errno or errno.ENOTCONN)
    message = f"The database cannot be reached ({reason}). Is it running, and is DATABASE_URL right?"
    return StorageError("database_unavailable", message, retryable=True, query="connect")


def _invalid_url() -> StorageError:
    """Without the URL, which may hold a password."""
    return StorageError("database_url_invalid", "DATABASE_URL is not a PostgreSQL URL.")


def _from_state(state: str, query: str | None) -> StorageError:
    for key in (state, state[:2]):
        if key in _STATES:
            code, message, retryable = _STATES[key]
            return StorageError(code, message, retryable=retryable, query=query)
        if key in _INVALID:
            code, message = _INVALID[key]
            return InvalidData(code, message, query=query)
    return StorageError("database_error", f"The database refused the request (SQLSTATE {state}).", query=query)
