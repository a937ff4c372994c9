"""An import under way: pieces of a file in, leads in the database, and what to tell about it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from agent_server.lead_import.columns import FIELDS, MAX_COLUMNS, Columns, columns_of
from agent_server.lead_import.csv_records import CsvRecord, CsvRecords
from agent_server.lead_import.lead_rows import MESSAGES, LeadRow, RowError, lead_row, row_error
from agent_server.web.errors import Problem
from storage.errors import InvalidData
from storage.leads.upsert import Existing, Fate, upsert_leads
from storage.postgres.database import Database

BATCH_ROWS = 250
"""A commit each. More of them would hold the event loop, and with it the audio of conversations, for longer."""

PIECE_BYTES = 64 * 1024
MAX_ERRORS_TOLD = 1_000
"""In the report; each is told as it is found, however many there are."""

PROGRESS_EVERY_S = 0.2
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls begin."""


class ImportOptions(Struct, frozen=True, kw_only=True):
    """``encoding`` and ``delimiter`` None: found out. ``source`` is set on new leads that name none."""

    existing: Existing = "update"
    dry_run: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    source: str | None = None


class ImportStarted(Struct, frozen=True, kw_only=True, tag="started"):
    """How the file is read. ``columns``: the lead's field of each column; ``custom_columns`` are kept in `custom`."""

    encoding: str
    delimiter: str
    columns: dict[str, str]
    custom_columns: tuple[str, ...]


class ImportProgress(Struct, frozen=True, kw_only=True, tag="progress"):
    bytes: int
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int


class ImportRowError(RowError, frozen=True, kw_only=True, tag="error"):
    """A row that was not taken."""


class ImportReport(Struct, frozen=True, kw_only=True, tag="report"):
    """``rows`` is the sum of the fates. ``errors``: the first thousand; ``errors_left_off``: how many more. With
    ``dry_run`` nothing was written, and a row that repeats one of an earlier batch counts as created again."""

    dry_run: bool
    encoding: str
    delimiter: str
    columns: dict[str, str]
    custom_columns: tuple[str, ...]
    bytes: int
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    duration_ms: float
    errors: list[RowError]
    errors_left_off: int


ImportEvent = ImportStarted | ImportProgress | ImportRowError | ImportReport


class ImportRefused(Exception):  # noqa: N818 - names the fact
    """The file as a whole is not what an import takes. ``code`` is stable."""

    def __init__(
        self, code: Literal["no_table", "no_header", "too_many_columns", "no_known_columns"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code


Tell = Callable[[Sequence[ImportEvent]], Awaitable[None]]


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
        self._records = CsvRecords(encoding=options.encoding, delimiter=options.delimiter)
        self._columns: Columns | None = None
        self._pending: list[LeadRow] = []
        self._counts: dict[Fate, int] = {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0}
        self._failed = 0
        self._bytes = 0
        self._errors: list[RowError] = []
        self._events: list[ImportEvent] = []
        self._told_at = 0.0

    async def run(self, pieces: AsyncIterator[bytes]) -> ImportReport:
        """Raises ImportRefused, StorageError (what was written before stays; the same import again goes on from
        there), and what ``pieces`` raises: then the rows that came whole before are written (``rows``)."""
        began = time.perf_counter()
        piece = bytearray()
        try:
            async for data in pieces:
                self._bytes += len(data)
                piece += data
                if len(piece) >= PIECE_BYTES:
                    await self._take(await asyncio.to_thread(self._parse, bytes(piece), final=False))
                    piece.clear()
        except Problem:
            await self._take(await asyncio.to_thread(self._parse_broken_off, bytes(piece)))
            await self._write(self._pending)
            await self._tell_events()
            raise
        await self._take(await asyncio.to_thread(self._parse, bytes(piece), final=True))
        await self._write(self._pending)
        await self._tell_events()
        if self._columns is None:
            raise ImportRefused("no_header", "The file is empty; its first line must name the columns.")
        return self._report(self._columns, time.perf_counter() - began)

    def _parse(self, data: bytes, *, final: bool) -> list[LeadRow | RowError]:
        if self._columns is None and data.startswith(_WORKBOOKS):
            raise ImportRefused("no_table", "That is an Excel workbook: save it as CSV there, and import that file.")
        records = self._records.feed(data)
        if final:
            records += self._records.finish()
        return [*self._rows(records)]

    def _parse_broken_off(self, data: bytes) -> list[LeadRow | RowError]:
        return [*self._rows(self._records.feed(data) + self._records.break_off())]

    def _rows(self, records: list[CsvRecord]) -> Iterable[LeadRow | RowError]:
        for record in records:
            if self._columns is None:
                self._columns = _header(record)
                continue
            yield lead_row(record, self._columns)

    async def _take(self, rows: list[LeadRow | RowError]) -> None:
        if self._columns is not None and self._told_at == 0.0:
            self._told_at = time.monotonic()
            self._events.append(self._started(self._columns))
        for row in rows:
            if isinstance(row, RowError):
                self._refuse(row)
            else:
                self._pending.append(row)
        while len(self._pending) >= BATCH_ROWS:
            batch, self._pending = self._pending[:BATCH_ROWS], self._pending[BATCH_ROWS:]
            await self._write(batch)
            self._note_progress()
            await self._tell_events()
        await self._tell_events()

    async def _write(self, batch: list[LeadRow]) -> None:
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
                self._refuse(row_error(batch[0].line, error.code, str(error)))
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        for fate in fates:
            self._counts[fate] += 1

    def _refuse(self, error: RowError) -> None:
        self._failed += 1
        if len(self._errors) < MAX_ERRORS_TOLD:
            self._errors.append(error)
        self._events.append(
            ImportRowError(line=error.line, code=error.code, message=error.message, column=error.column)
        )

    async def _tell_events(self) -> None:
        if self._events:
            events, self._events = self._events, []
            await self._tell(events)

    def _note_progress(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = now
            counts = self._counts
            self._events.append(ImportProgress(bytes=self._bytes, rows=self.rows, failed=self._failed, **counts))

    @property
    def is_dry_run(self) -> bool:
        return self._options.dry_run

    @property
    def rows(self) -> int:
        return sum(self._counts.values()) + self._failed

    def _started(self, columns: Columns) -> ImportStarted:
        return ImportStarted(
            encoding=self._records.encoding or "utf-8",
            delimiter=self._records.delimiter or ",",
            columns=columns.known,
            custom_columns=columns.custom,
        )

    def _report(self, columns: Columns, seconds: float) -> ImportReport:
        started = self._started(columns)
        return ImportReport(
            dry_run=self._options.dry_run,
            encoding=started.encoding,
            delimiter=started.delimiter,
            columns=started.columns,
            custom_columns=started.custom_columns,
            bytes=self._bytes,
            rows=self.rows,
            failed=self._failed,
            duration_ms=round(seconds * 1000, 1),
            errors=self._errors,
            errors_left_off=self._failed - len(self._errors),
            **self._counts,
        )


def _header(record: CsvRecord) -> Columns:
    """Raises ImportRefused."""
    if record.error is not None:
        raise ImportRefused("no_header", f"The first line must name the columns. {MESSAGES[record.error]}")
    if (count := len(record.cells)) > MAX_COLUMNS:
        message = f"The file has {count} columns, and an import takes {MAX_COLUMNS}: leave out what nobody needs."
        raise ImportRefused("too_many_columns", message)
    columns = columns_of(record.cells)
    if not columns.known:
        names = ", ".join(FIELDS)
        raise ImportRefused("no_known_columns", f"The first line must name columns such as {names}.")
    return columns
