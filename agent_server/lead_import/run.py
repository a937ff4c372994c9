"""An import under way: pieces of a file in, leads in the database, and what to tell about it.

``lead_table`` decides what a row is, ``tally`` what to tell; here they are carried out.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from agent_server.lead_import.events import ImportEvent, ImportReport, Tell
from agent_server.lead_import.lead_rows import LeadRow, RowError, row_error
from agent_server.lead_import.lead_table import LeadTable, Rows
from agent_server.lead_import.tally import Tally
from agent_server.web.errors import Problem
from storage.errors import InvalidData
from storage.leads.upsert import Existing, upsert_leads
from storage.postgres.database import Database

BATCH_ROWS = 250
"""A commit each. More of them would hold the event loop, and with it the audio of conversations, for longer."""

PIECE_BYTES = 64 * 1024
PROGRESS_EVERY_S = 0.2


class ImportOptions(Struct, frozen=True, kw_only=True):
    """``encoding`` and ``delimiter`` None: found out. ``source`` is set on new leads that name none."""

    existing: Existing = "update"
    dry_run: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    source: str | None = None


async def tell_nobody(_events: Sequence[ImportEvent]) -> None:
    pass


class LeadImport:
    """One import. Parsing runs in a thread, so that conversations in the same process are not held up."""

    def __init__(
        self,
        database: Database,
        options: ImportOptions,
        *,
        now: Callable[[], datetime],
        tell: Tell = tell_nobody,
    ) -> None:
        """``tell`` hears of the start, of every error and, a few times a second, of the progress, all before more of
        the file is read."""
        self._database = database
        self._options = options
        self._now = now
        self._tell = tell
        self._table = LeadTable(encoding=options.encoding, delimiter=options.delimiter)
        self._tally = Tally()
        self._events: list[ImportEvent] = []
        self._told_at: float | None = None

    @property
    def is_dry_run(self) -> bool:
        return self._options.dry_run

    @property
    def rows(self) -> int:
        return self._tally.rows

    async def run(self, pieces: AsyncIterator[bytes]) -> ImportReport:
        """Raises ImportRefused, StorageError (what was written before stays; the same import again goes on from
        there), and what ``pieces`` raises: then the rows that came whole before are written (``rows``)."""
        began = time.perf_counter()
        last: list[LeadRow] = []
        try:
            async for piece in _gathered(pieces):
                last = await self._take(last, await asyncio.to_thread(self._table.feed, piece))
        except Problem:
            await self._take_last(last, await asyncio.to_thread(self._table.break_off))
            raise
        await self._take_last(last, await asyncio.to_thread(self._table.finish))
        started, seconds = self._table.started, time.perf_counter() - began
        assert started is not None, "a table without a header is refused"
        return self._tally.report(started, self._table.bytes, dry_run=self.is_dry_run, seconds=seconds)

    async def _take(self, waiting: list[LeadRow], rows: Rows) -> list[LeadRow]:
        """Writes whole batches, and returns what waits for the next."""
        self._note_start()
        self._events += [self._tally.refuse(row) for row in rows if isinstance(row, RowError)]
        waiting += [row for row in rows if isinstance(row, LeadRow)]
        while len(waiting) >= BATCH_ROWS:
            batch, waiting = waiting[:BATCH_ROWS], waiting[BATCH_ROWS:]
            await self._write(batch)
            self._note_progress()
            await self._tell_events()
        await self._tell_events()
        return waiting

    async def _take_last(self, waiting: list[LeadRow], rows: Rows) -> None:
        await self._write(await self._take(waiting, rows))
        await self._tell_events()

    async def _write(self, batch: Sequence[LeadRow]) -> None:
        """What the database never takes is found by halving, and costs no other row."""
        if not batch:
            return
        options = self._options
        drafts = [row.draft for row in batch]
        try:
            fates = await upsert_leads(
                self._database,
                drafts,
                options.existing,
                now=self._now(),
                dry_run=options.dry_run,
                source=options.source,
            )
        except InvalidData as error:
            if len(batch) == 1:
                self._events.append(self._tally.refuse(row_error(batch[0].line, error.code, str(error))))
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        self._tally.count(fates)

    def _note_start(self) -> None:
        if self._told_at is None and (started := self._table.started) is not None:
            self._told_at = time.monotonic()
            self._events.append(started)

    def _note_progress(self) -> None:
        now = time.monotonic()
        if self._told_at is None or now - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = now
            self._events.append(self._tally.progress(self._table.bytes))

    async def _tell_events(self) -> None:
        if self._events:
            events, self._events = self._events, []
            await self._tell(events)


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """In larger pieces. What came before a Problem comes before it."""
    gathered = bytearray()
    problem: Problem | None = None
    try:
        async for piece in pieces:
            gathered += piece
            if len(gathered) >= PIECE_BYTES:
                yield bytes(gathered)
                gathered.clear()
    except Problem as raised:
        problem = raised
    yield bytes(gathered)
    if problem is not None:
        raise problem
