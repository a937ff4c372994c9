"""PostgreSQL embedded in the data directory: there from the first second, gone with its last user.

Every process that uses the server holds a shared lock on ``<directory>.holders`` for as long as it lives, and the
last one to leave stops the server. A process that dies leaves the server running (the next one attaches to it) but
never a hold: the kernel takes that back. Starting and stopping happen under ``<directory>.lock``, one at a time.

Processes started by a holder (serve with several workers) need no hold of their own: give them the DSN.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

from storage.errors import EmbeddedDatabaseError
from storage.postgres.cluster import PostgresCluster
from storage.postgres.diagnosis import diagnosis
from storage.shared.file_lock import FileLock

T = TypeVar("T")


class EmbeddedPostgres:
    """One process's hold on the embedded server whose cluster is ``directory`` (made when missing).

    ``settings`` are server settings, used by whoever starts the server.
    """

    def __init__(
        self,
        directory: Path,
        *,
        settings: Mapping[str, str] | None = None,
        start_timeout_s: float = 60.0,
        stop_timeout_s: float = 30.0,
    ) -> None:
        self._cluster = PostgresCluster(directory, settings or {})
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        path = self._cluster.directory
        self._lock_path = path.with_name(path.name + ".lock")
        self._holder = FileLock(path.with_name(path.name + ".holders"))

    @property
    def dsn(self) -> str:
        """What asyncpg, psycopg and ``DATABASE_URL`` take. The same for every process once the server runs."""
        host = quote(str(self._cluster.socket_directory), safe="/")
        return f"postgresql://postgres@/postgres?host={host}&port={self._cluster.port}"

    async def start(self) -> str:
        """Start the server or attach to the one that runs; returns the DSN. Again: start it anew if it died.

        Raises EmbeddedDatabaseError. A cancelled first start gives up the hold it may have got.
        """
        held = self._holder.held
        try:
            await _to_the_end(self._start)
        except asyncio.CancelledError:
            if not held:
                await self.aclose()
            raise
        return self.dsn

    async def aclose(self) -> None:
        """Give up the hold; the last holder stops the server. Raises EmbeddedDatabaseError when it does not stop."""
        await _to_the_end(self._leave)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()

    def _start(self) -> None:
        with self._one_at_a_time(self._start_timeout_s):
            self._cluster.ensure_running(self._start_timeout_s)
            if not self._holder.held:
                self._holder.acquire(shared=True, timeout_s=self._start_timeout_s)

    def _leave(self) -> None:
        if not self._holder.held:
            return
        try:
            with self._one_at_a_time(self._stop_timeout_s + self._start_timeout_s):
                if self._holder.make_exclusive():
                    self._cluster.stop(self._stop_timeout_s)
        finally:
            self._holder.release()

    @contextmanager
    def _one_at_a_time(self, timeout_s: float) -> Iterator[None]:
        directory = self._cluster.directory
        _make(directory.parent)
        try:
            with FileLock(self._lock_path) as lock:
                lock.acquire(timeout_s=timeout_s)
                yield
        except TimeoutError as error:
            message = f"Another process has been starting or stopping the embedded database in {directory} for long."
            raise EmbeddedDatabaseError("database_start_timeout", message, retryable=True) from error
        except OSError as error:
            raise diagnosis(str(error), "The embedded database's files cannot be used", directory) from error


def _make(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The data directory {data_dir} cannot be made ({error.strerror}): choose another DATA_DIR."
        raise EmbeddedDatabaseError("data_dir_not_accessible", message) from error


async def _to_the_end(blocking: Callable[[], T]) -> T:
    """Run off the loop. A cancelled caller waits for the end too (it has its own deadlines): nothing goes on unseen."""
    task = asyncio.ensure_future(asyncio.to_thread(blocking))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.exception()  # it is taken note of
        raise
