"""Keyset pagination over ``(time, id)``, newest first, with opaque cursors.

A cursor names the last row of a page, so the next page costs the same however deep it is, and rows that arrive
meanwhile neither repeat nor hide others.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from storage.errors import InvalidCursor, StorageError

MAX_LIMIT = 1000
_MAX_CURSOR_CHARS = 2048
"""The longest title of a topic fits, whatever it is written in."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """One page of a list. ``next_cursor`` None: there is no more."""

    items: tuple[T, ...]
    next_cursor: str | None = None


class Cursor(Struct, frozen=True, array_like=True):
    """The row a page ended with. ``at_us``: microseconds since 1970, which is what PostgreSQL keeps."""

    at_us: int
    id: str

    @property
    def at(self) -> datetime:
        return _EPOCH + self.at_us * _MICROSECOND


def encode_cursor(at: datetime, id_: str) -> str:
    """An URL-safe cursor for the row ``id_`` at the time ``at`` (timezone-aware)."""
    cursor = Cursor(at_us=(at - _EPOCH) // _MICROSECOND, id=id_)
    return urlsafe_b64encode(msgspec.msgpack.encode(cursor)).rstrip(b"=").decode("ascii")


def page_after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    """Where a page of rows with UUIDs begins; without a cursor at the newest. Raises InvalidCursor."""
    if cursor is None:
        return None, None
    after = decode_cursor(cursor)
    try:
        return after.at, UUID(after.id)
    except ValueError:
        raise InvalidCursor from None


def decode_cursor(text: str) -> Cursor:
    """The reverse of ``encode_cursor``. Raises InvalidCursor for anything else, and never another error."""
    if len(text) > _MAX_CURSOR_CHARS:
        raise InvalidCursor
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        cursor = msgspec.msgpack.decode(packed, type=Cursor)
        canonical = encode_cursor(cursor.at, cursor.id)
    except (UnicodeError, binascii.Error, msgspec.MsgspecError, OverflowError) as error:
        raise InvalidCursor from error
    # The decoder ignores foreign characters; only what we gave out survives the way back.
    if canonical != text or "\0" in cursor.id:
        raise InvalidCursor
    return cursor


def check_limit(limit: int) -> None:
    """Raises StorageError ``invalid_limit`` outside 1 to MAX_LIMIT."""
    if not 1 <= limit <= MAX_LIMIT:
        raise StorageError("invalid_limit", f"A page holds 1 to {MAX_LIMIT} rows.")


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[datetime, str]]) -> Page[T]:
    """The page from up to ``limit + 1`` rows; the extra one only tells that there is more."""
    items = tuple(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(*key(items[-1])) if more else None)
