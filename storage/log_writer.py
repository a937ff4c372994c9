"""The one task that writes dirty rows: when to write, when to try again, and who waits for it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

import stamina
from msgspec import Struct
from prometheus_client import Counter, Gauge, Histogram

from storage.database import Database
from storage.dirty_rows import DirtyRow, DirtyRows
from storage.errors import InvalidData, StorageError
from storage.log_statements import write_rows

# They bound the time of one write and of encoding it, not what is kept: more dirty rows make more writes.
_BATCH_ROWS = 500
_BATCH_BYTES = 1024 * 1024
# Progress shares writes: at most one in this time. Finished states do not wait.
_PROGRESS_PAUSE_S = 0.01
_RETRY_FIRST_S = 0.05
_RETRY_MAX_S = 2.0
_RETRY_JITTER_S = 0.2
# A write that takes longer is an outage, even before it fails.
_SLOW_WRITE_S = 2.0

ROWS_REFUSED = Counter("sales_agent_log_rows_refused_total", "Rows of conversations lost, by reason.", ["reason"])
_ROWS_DIRTY = Gauge("sales_agent_log_rows_dirty", "Rows of conversations not durable yet.")
_ROWS_WRITTEN = Counter("sales_agent_log_rows_written_total", "Rows of conversations written.")
_FAILURES = Counter("sales_agent_log_write_failures_total", "Failed writes of conversations, by code.", ["code"])
_WRITE_SECONDS = Histogram(
    "sales_agent_log_write_seconds",
    "Time of one write of conversations.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)

logger = logging.getLogger(__name__)


class _Waiter(Struct, eq=False):
    """Somebody waits for all submissions up to ``submission``, of one conversation or (None) of all."""

    conversation_id: str | None
    submission: int
    done: asyncio.Future[None]


class LogWriter:
    """Writes the first dirty row at once, and what becomes dirty during a write together after it."""

    def __init__(self, database: Database, dirty: DirtyRows) -> None:
        self._database = database
        self._dirty = dirty
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._waiters: list[_Waiter] = []
        self._failures = 0
        self._started_s = 0.0
        self._writing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="conversation log writer")

    def wake(self) -> None:
        """There is something that should not wait."""
        self._wake.set()

    @property
    def healthy(self) -> bool:
        if self._task is None or self._task.done() or self._failures:
            return False
        return not self._writing or asyncio.get_running_loop().time() - self._started_s < _SLOW_WRITE_S

    async def durable(self, conversation_id: str | None, timeout_s: float) -> bool:
        """Wait for everything submitted until now. False: not within ``timeout_s``, or nobody is writing."""
        submission = self._dirty.submissions
        if not self._dirty.holds(conversation_id, submission):
            return True
        if self._task is None or self._task.done():
            return False
        waiter = _Waiter(conversation_id, submission, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        self.wake()
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.done
        except TimeoutError:
            return False
        finally:
            self._waiters.remove(waiter)
        return True

    async def stop(self) -> None:
        """Stop now; what is dirty stays dirty."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            await self._wait_for_work()
            try:
                await self._write()
            except Exception:  # whatever it is, the rows are kept and the next try may work
                await self._recover()

    async def _wait_for_work(self) -> None:
        self._wake.clear()
        if not self._dirty.rows:
            await self._wake.wait()
            self._wake.clear()
        pause_s = self._started_s + _PROGRESS_PAUSE_S - asyncio.get_running_loop().time()
        if pause_s > 0 and not self._dirty.urgent and not self._waiters:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()

    async def _recover(self) -> None:
        """Try until it works. Each try takes what is newest by then."""
        logger.error("conversations cannot be written; keeping them until the database is back")
        async for attempt in stamina.retry_context(
            on=Exception,
            attempts=None,
            timeout=None,
            wait_initial=_RETRY_FIRST_S,
            wait_max=_RETRY_MAX_S,
            wait_jitter=_RETRY_JITTER_S,
        ):
            with attempt:
                await self._write()
        logger.warning("conversations are being written again")

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        _ROWS_DIRTY.set(self._dirty.rows)
        batch = self._dirty.take(_BATCH_ROWS, _BATCH_BYTES)
        self._started_s = loop.time()
        self._writing = True
        try:
            refused = await write_rows(self._database, batch)
        except BaseException as error:
            self._dirty.kept()
            if isinstance(error, Exception):
                self._failures += 1
                _FAILURES.labels(error.code if isinstance(error, StorageError) else type(error).__name__).inc()
            raise
        finally:
            self._writing = False
        _WRITE_SECONDS.observe(loop.time() - self._started_s)
        self._failures = 0
        self._written(batch, refused)

    def _written(self, batch: Sequence[DirtyRow], refused: Sequence[tuple[DirtyRow, InvalidData]]) -> None:
        self._dirty.written()
        _ROWS_WRITTEN.inc(len(batch) - len(refused))
        _ROWS_DIRTY.set(self._dirty.rows)
        for row, error in refused:
            ROWS_REFUSED.labels(error.code).inc()
            logger.error("the database refuses a row of a conversation (%s): %s", row.kind.name.lower(), error.code)
        for waiter in self._waiters:
            if not waiter.done.done() and not self._dirty.holds(waiter.conversation_id, waiter.submission):
                waiter.done.set_result(None)
