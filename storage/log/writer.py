"""The two tasks that make dirty rows durable: one commits them, the other has them forced to the disk.

Commits do not wait for the disk (``synchronous_commit`` off), so a row is safe from the end of our own process within
some milliseconds, also while the disk takes its time. Right after every commit of something finished, and soon after
mere progress, an empty commit that does wait forces everything before it. Until then rows are kept, and written again
when the database fails: a crash of PostgreSQL loses nothing that this process still knows, and only a power failure of
both at once could take what was committed during the last forcing. ``durable`` answers when the disk has it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import stamina
from msgspec import Struct

from storage.errors import InvalidData, StorageError
from storage.log.dirty_rows import DirtyRow, DirtyRows
from storage.log.figures import LogFigures
from storage.log.statements import RowQueries, force_to_disk, write_rows
from storage.postgres.database import Database

# They bound the time of one write and of encoding it, not what is kept: more dirty rows make more writes.
_BATCH_ROWS = 500
_BATCH_BYTES = 1024 * 1024
# From something new to the writing of it: what it came with is written with it, and the reply to it is asked for first.
_GATHER_S = 0.005
# PostgreSQL itself takes up to three times wal_writer_delay, 0.6 s, to force what nobody waits for.
_PROGRESS_FORCE_S = 0.2
_RETRY_FIRST_S = 0.05
_RETRY_MAX_S = 2.0
_RETRY_JITTER_S = 0.2
# What takes longer is an outage, even before it fails.
_SLOW_S = 2.0

logger = logging.getLogger(__name__)


class _Waiter(Struct, eq=False):
    """Somebody waits until there is nothing ``left`` of what they wait for."""

    left: Callable[[], bool]
    done: asyncio.Future[None]


class _Step:
    """One of the two things done over and over: when it is ``due``, soon where it is ``urgent`` and else after a pause.
    Whatever may change the answer of either says so by ``news``.
    """

    def __init__(
        self,
        name: str,
        action: Callable[[], Awaitable[None]],
        figures: LogFigures,
        *,
        due: Callable[[], bool],
        urgent: Callable[[], bool],
        pause_s: float,
        gather_s: float = 0.0,
    ) -> None:
        """``pause_s``: from the start of the last time · ``gather_s``: from the moment it is due."""
        self._name = name
        self._action = action
        self._figures = figures
        self._due = due
        self._urgent = urgent
        self._pause_s = pause_s
        self._gather_s = gather_s
        self._running = False
        self._failing = False
        self._started_s = 0.0
        self.news = asyncio.Event()

    @property
    def healthy(self) -> bool:
        slow = self._running and asyncio.get_running_loop().time() - self._started_s > _SLOW_S
        return not (self._failing or slow)

    async def keep_going(self) -> None:
        while True:
            await self._until(self._due)
            await asyncio.sleep(self._gather_s)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._started_s + self._pause_s):
                    await self._until(self._urgent)
            await self._until_done()

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self.news.clear()
            await self.news.wait()

    async def _until_done(self) -> None:
        """Try until it works, at once and then ever more slowly."""
        try:
            await self._try()
        except Exception as error:  # whatever it is, the rows are kept and the next try may work
            what = self._figures.what
            logger.error("%s: kept until the database takes it: cannot %s: %s", what, self._name, _code(error))
            async for attempt in stamina.retry_context(
                on=Exception,
                attempts=None,
                timeout=None,
                wait_initial=_RETRY_FIRST_S,
                wait_max=_RETRY_MAX_S,
                wait_jitter=_RETRY_JITTER_S,
            ):
                with attempt:
                    await self._try()
            logger.warning("%s: the database takes it again: can %s", what, self._name)

    async def _try(self) -> None:
        loop = asyncio.get_running_loop()
        self._started_s = loop.time()
        self._running = True
        try:
            await self._action()
        except Exception as error:
            self._failing = True
            self._figures.failures.labels(_code(error)).inc()
            raise
        finally:
            self._running = False
        self._failing = False
        self._figures.seconds.labels(self._name).observe(loop.time() - self._started_s)


class LogWriter:
    """Writes the first dirty row soon, with what becomes dirty beside it, and what does during a write after it.

    The database should have a connection for each task; with one, writing waits for the disk too.
    """

    def __init__(
        self, database: Database, dirty: DirtyRows, queries: RowQueries, figures: LogFigures, *, progress_pause_s: float
    ) -> None:
        """``queries`` write the rows of each kind, in this order. ``progress_pause_s``: progress shares writes, at most
        one in this time; finished states do not wait.
        """
        self.dirty = dirty
        self.figures = figures
        self._database = database
        self._queries = queries
        self._waiters: list[_Waiter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._writing = _Step(
            "write",
            self._write,
            figures,
            due=lambda: dirty.dirty,
            urgent=lambda: bool(self._waiters) or dirty.urgent,
            pause_s=progress_pause_s,
            gather_s=_GATHER_S,
        )
        self._forcing = _Step(
            "force",
            self._force,
            figures,
            due=lambda: dirty.committed,
            urgent=lambda: bool(self._waiters) or dirty.committed_urgent,
            pause_s=_PROGRESS_FORCE_S,
        )

    def start(self) -> None:
        what = self.figures.what
        self._tasks = [
            asyncio.create_task(self._writing.keep_going(), name=f"write {what}"),
            asyncio.create_task(self._forcing.keep_going(), name=f"force {what}"),
        ]

    def wake(self) -> None:
        """There is something new, and it is urgent or the only thing."""
        self._writing.news.set()

    @property
    def running(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    @property
    def healthy(self) -> bool:
        return self.running and self._writing.healthy and self._forcing.healthy

    async def durable(self, conversation_id: str | None, timeout_s: float) -> bool:
        """Wait for everything submitted until now. False: not within ``timeout_s``, or nobody is writing."""
        submission = self.dirty.submissions
        return await self._until_none(lambda: self.dirty.holds(conversation_id, submission), timeout_s)

    async def written(self, conversation_id: str, timeout_s: float) -> bool:
        """Wait for everything of a conversation but progress to be safe from the end of our own process. False: not
        within ``timeout_s``, or the database does not take it at the moment.
        """
        submission = self.dirty.submissions
        if not self._writing.healthy:
            return False
        return await self._until_none(lambda: self.dirty.unwritten(conversation_id, submission), timeout_s)

    async def _until_none(self, left: Callable[[], bool], timeout_s: float) -> bool:
        if not left():
            return True
        if not self.running:
            return False
        waiter = _Waiter(left, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        self._writing.news.set()
        self._forcing.news.set()
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.done
        except TimeoutError:
            return False
        finally:
            self._waiters.remove(waiter)
        return True

    async def stop(self) -> None:
        """Stop now; what is held stays held."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _write(self) -> None:
        self.figures.held.set(self.dirty.held)
        batch = self.dirty.take(_BATCH_ROWS, _BATCH_BYTES)
        try:
            refused = await write_rows(self._database, batch, self._queries)
        except BaseException:
            self.dirty.failed()
            raise
        self.dirty.written()
        self.figures.written.inc(len(batch) - len(refused))
        self._report(refused)
        self._forcing.news.set()
        self._tell_waiters()

    async def _force(self) -> None:
        self.dirty.force()
        try:
            await force_to_disk(self._database)
        except BaseException:
            self.dirty.failed()
            self._writing.news.set()
            raise
        self.dirty.forced()
        self.figures.held.set(self.dirty.held)
        self._tell_waiters()

    def _tell_waiters(self) -> None:
        for waiter in self._waiters:
            if not waiter.done.done() and not waiter.left():
                waiter.done.set_result(None)

    def _report(self, refused: Sequence[tuple[DirtyRow, InvalidData]]) -> None:
        for row, error in refused:
            self.figures.refused.labels(error.code).inc()
            kind = row.kind.name.lower()
            logger.error("the database refuses a row of %s (%s): %s", self.figures.what, kind, error.code)


def _code(error: Exception) -> str:
    """Nothing of the message of an unexpected error, which might quote what somebody said."""
    return error.code if isinstance(error, StorageError) else type(error).__name__
