"""What can go wrong in storage.

StorageError                 the request failed; ``retryable`` says whether the same request may work later
├── InvalidData              these values can never be stored, here or elsewhere
├── InvalidCursor            a list was asked for with a cursor it never gave out
├── MigrationError           the schema could not be brought up to date
└── EmbeddedDatabaseError    the embedded PostgreSQL could not be started or stopped
"""


class StorageError(Exception):
    """A request to the database failed.

    ``code`` is stable snake_case. ``query`` is the name of the query, never its text or values.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, query: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.query = query


class InvalidData(StorageError):  # noqa: N818 - names the fact; every class here is an error
    """These values can never be stored: a constraint, a missing parent row, or a value PostgreSQL has no form for."""


class InvalidCursor(StorageError):  # noqa: N818
    """A list was asked for with a cursor it never gave out."""

    def __init__(self) -> None:
        super().__init__("invalid_cursor", "This cursor was not given out by this list.")


class MigrationError(StorageError):
    """The schema could not be brought up to date."""


class EmbeddedDatabaseError(StorageError):
    """The embedded PostgreSQL could not be started or stopped. The message says what to do about it."""
