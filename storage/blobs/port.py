"""The port of a store of blobs. Keys are relative paths of plain letters, digits, ``_``, ``-``, ``.`` and ``/``."""

import re
from pathlib import Path
from typing import Final, Protocol

_KEY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class BlobError(Exception):
    """The store did not do it. ``code`` is stable; the message says what to do and names no secret."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BlobNotFound(BlobError):  # noqa: N818 - names the fact
    def __init__(self) -> None:
        super().__init__("blob_not_found", "The store has no such blob.")


class BlobStore(Protocol):
    """Every method raises BlobError, and has a deadline."""

    async def put(self, key: str, file: Path) -> None:
        """The file whole, or nothing."""

    async def read(self, key: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start`` on, fewer at its end. Raises BlobNotFound."""

    async def delete(self, key: str) -> None:
        """What is not there is deleted."""

    async def check(self) -> None:
        """Whether something can be put, read and deleted there."""


def checked(key: str) -> str:
    """Raises ValueError: the key could lead elsewhere."""
    if _KEY.fullmatch(key) is None:
        raise ValueError("not a key of a blob")
    return key
