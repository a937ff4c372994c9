"""Locks between processes on a file. The kernel releases them when their process dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL_S = 0.02


class FileLock:
    """A ``flock(2)`` lock on ``path``, which is created and never deleted. Blocking: keep it off the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self, *, shared: bool = False, timeout_s: float) -> None:
        """Raises TimeoutError when others hold it for longer, OSError when the file cannot be opened."""
        deadline = time.monotonic() + timeout_s
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _try(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
                if time.monotonic() >= deadline:
                    raise TimeoutError(f"{self._path} is locked by another process")
                time.sleep(_POLL_S)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def make_exclusive(self) -> bool:
        """Turn the shared lock into an exclusive one. False: there are other holders, and the lock may be lost.

        The change is not atomic (flock(2)); whoever calls this must hold another lock that keeps newcomers out.
        """
        return self._fd is not None and _try(self._fd, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go. A forked child that inherited the file does not keep it locked."""
        if self._fd is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.release()


def _try(fd: int, operation: int) -> bool:
    try:
        fcntl.flock(fd, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
