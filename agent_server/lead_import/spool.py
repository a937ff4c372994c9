"""Takes a file as fast as it is sent, however long the work on it takes.

A browser reads no answer before it has sent the whole body. Were the file read only as it is worked on, it would hear
of no progress until the end, and with many errors to tell both sides would wait for the other.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from agent_server.web.errors import Problem

MAX_FILE_BYTES = 1024 * 1024 * 1024
"""Some five million leads. It waits on the disk, in the system's directory for temporary files."""

_PIECE_BYTES = 256 * 1024


@asynccontextmanager
async def spooled(
    pieces: AsyncIterator[bytes], *, max_bytes: int = MAX_FILE_BYTES
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The pieces as they came. Reading them raises what ``pieces`` raised, at its place, and Problem (413)."""
    with tempfile.TemporaryFile() as kept, ThreadPoolExecutor(1, "spool") as thread:
        spool = _Spool(kept.fileno(), thread)
        task = asyncio.create_task(spool.fill(pieces, max_bytes), name="import: take the file")
        try:
            yield spool.pieces()
        finally:
            task.cancel()
            await asyncio.wait([task])


class _Spool:
    """The file's end is written while its beginning is read; both by one thread, which outlives neither."""

    def __init__(self, file: int, thread: ThreadPoolExecutor) -> None:
        self._file = file
        self._thread = thread
        self._size = 0
        self._failure: Exception | None = None
        self._is_whole = False
        self._grown = asyncio.Event()

    async def fill(self, pieces: AsyncIterator[bytes], max_bytes: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            async for piece in pieces:
                if self._size + len(piece) > max_bytes:
                    raise Problem(413, "file_too_large", f"A file may have {max_bytes} bytes.")
                await loop.run_in_executor(self._thread, _write, self._file, piece, self._size)
                self._size += len(piece)
                self._grown.set()
        except Exception as error:  # the reader's to raise
            self._failure = error
        finally:
            self._is_whole = True
            self._grown.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        at = 0
        while True:
            while at < self._size:
                piece = await loop.run_in_executor(self._thread, os.pread, self._file, _PIECE_BYTES, at)
                at += len(piece)
                yield piece
            if self._is_whole:
                break
            self._grown.clear()
            await self._grown.wait()
        if self._failure is not None:
            raise self._failure


def _write(file: int, piece: bytes, at: int) -> None:
    """A full disk takes a part, and refuses the rest."""
    written = 0
    while written < len(piece):
        written += os.pwrite(file, piece[written:], at + written)
