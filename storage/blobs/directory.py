"""Blobs as files of a directory. What is put is there whole or not at all."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from storage.blobs.port import BlobError, BlobNotFound, checked

T = TypeVar("T")

_TIMEOUT_S: Final = 60.0
_PROBE: Final = "probe"


class DirectoryStore:
    """The ``BlobStore`` of one machine, or of several that share a file system."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, key: str, file: Path) -> None:
        target = self._directory / checked(key)
        await self._do(lambda: _put(file, target))

    async def read(self, key: str, start: int, length: int) -> bytes:
        path = self._directory / checked(key)
        return await self._do(lambda: _read(path, start, length))

    async def delete(self, key: str) -> None:
        path = self._directory / checked(key)
        await self._do(lambda: _delete(path, self._directory))

    async def check(self) -> None:
        await self._do(lambda: _check(self._directory))

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await asyncio.to_thread(work)
        except FileNotFoundError:
            raise BlobNotFound from None
        except TimeoutError:
            raise BlobError("store_timeout", f"{self._directory} does not answer in time.") from None
        except OSError as error:
            message = f"{self._directory} cannot be used ({error.strerror}): free space there, or let the server write."
            raise BlobError("store_failed", message) from error


def _put(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".put-")
    try:
        with os.fdopen(handle, "wb") as sink, file.open("rb") as source:
            shutil.copyfileobj(source, sink, 1024 * 1024)
            sink.flush()
            os.fsync(sink.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _read(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)


def _delete(path: Path, root: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent != root:
        with contextlib.suppress(OSError):  # other blobs are in it
            path.parent.rmdir()


def _check(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=directory, prefix=f".{_PROBE}-")
    os.close(handle)
    Path(draft).unlink()
