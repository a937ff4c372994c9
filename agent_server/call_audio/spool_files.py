"""Spool files: one a recording, locked by the process that writes or encodes it. Blocking: to be used in threads.

The lock is the kernel's, and goes with its process: a file that can be locked has been left behind.
"""

import fcntl
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from pipelines.call_audio.port import Head
from pipelines.call_audio.spool import Record, encoded, encoded_head, read_head

SUFFIX = ".spool"


class SpoolFile:
    """One file, made when the first is written."""

    def __init__(self, path: Path, head: Head | None = None) -> None:
        """``head`` None: it is there already."""
        self.path = path
        self._head = head
        self._file: BinaryIO | None = None

    @property
    def target(self) -> Path:
        """What it is encoded to."""
        return self.path.with_suffix(".mp3")

    @property
    def outline(self) -> Path:
        return self.path.with_suffix(".json")

    def write(self, records: Iterable[Record]) -> None:
        """Raises OSError."""
        if self._file is None:
            assert self._head is not None, "only a new file is written"
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "wb", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.write(encoded_head(self._head))
        _write_all(self._file, encoded(records))

    def adopt(self) -> bool:
        """Take one that was left behind. False: it is another process's, or gone."""
        try:
            self._file = self.path.open("r+b", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            return False
        if not self.path.exists():  # its owner was done with it just now
            self.close()
            return False
        return True

    def head(self) -> Head:
        """Raises OSError, and CallAudioError when it is no spool file."""
        with self.path.open("rb") as file:
            return read_head(file)

    def empty(self) -> None:
        """Nothing of the sound stays; whose it was does, until all is done that follows from that. Raises OSError."""
        if self._file is not None and self._head is not None:
            self._file.truncate(len(encoded_head(self._head)))

    def size(self) -> int:
        """Raises OSError."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Another process may take it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self) -> None:
        """With all that was made of it. Raises OSError."""
        for path in (self.target, self.outline, self.path):
            path.unlink(missing_ok=True)
        self.close()


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def left_behind(directory: Path, known: Collection[Path]) -> list[SpoolFile]:
    """Taken from processes that are gone, the oldest first. Raises OSError."""
    found = []
    if not directory.is_dir():
        return []
    for path in sorted(directory.glob(f"*{SUFFIX}"), key=_age):
        spool = SpoolFile(path)
        if path not in known and spool.adopt():
            found.append(spool)
    return found


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
