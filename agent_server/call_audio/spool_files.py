"""Spool files: one a recording, locked by whoever writes or encodes it. Blocking: to be used in threads.

The lock is the kernel's, and goes with its process: a file that can be locked is to be encoded, whether its call is
over or its process is gone.
"""

import fcntl
import os
from collections.abc import Iterable, Set
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

    @property
    def _unnamed(self) -> Path:
        """What it is called until it is locked, so that nobody takes it before."""
        return self.path.with_suffix(".new")

    @property
    def is_begun(self) -> bool:
        """Something was written by us."""
        return self._file is not None

    def write(self, records: Iterable[Record]) -> None:
        """Raises OSError."""
        if self._file is None:
            assert self._head is not None, "only a new file is written"
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "wb", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.write(encoded_head(self._head))
            self._unnamed.rename(self.path)
        _write_all(self._file, encoded(records))

    def adopt(self) -> bool:
        """Take one that nobody has. False: somebody has it, or it is gone."""
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
        """Anybody may take it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self) -> None:
        """With all that was made of it. Raises OSError."""
        for path in (self.target, self.outline, self._unnamed, self.path):
            path.unlink(missing_ok=True)
        self.close()


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def adopted(directory: Path, passed_over: Set[Path]) -> SpoolFile | None:
    """The oldest that nobody has; now we do."""
    for path in sorted(directory.glob(f"*{SUFFIX}"), key=_age):
        spool = SpoolFile(path)
        if path not in passed_over and spool.adopt():
            return spool
    return None


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
