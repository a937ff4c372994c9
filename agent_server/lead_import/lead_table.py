"""A file as leads, fed in pieces of any size: its first record names the columns. Pure, and slow enough to be called in
a thread."""

from agent_server.lead_import.columns import FIELDS, MAX_COLUMNS, Columns, columns_of
from agent_server.lead_import.csv_records import CsvRecord, CsvRecords
from agent_server.lead_import.events import ImportRefused, ImportStarted
from agent_server.lead_import.lead_rows import MESSAGES, LeadRow, RowError, lead_row

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls begin."""

MAX_TITLES = 10
"""Lines above the one that names the columns."""

KNOWN_BELOW_TITLES = 2
"""Columns; one may be a word of a row."""

_MOST_QUOTED_CHARS = 200

Rows = list[LeadRow | RowError]


class LeadTable:
    """``bytes``: that were fed so far. Every method raises ImportRefused."""

    def __init__(self, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        self.bytes = 0
        self._records = CsvRecords(encoding=encoding, delimiter=delimiter, is_header=_names_a_column)
        self._columns: Columns | None = None
        self._above: list[list[str]] = []

    @property
    def started(self) -> ImportStarted | None:
        """None: the header did not come yet."""
        if self._columns is None:
            return None
        return ImportStarted(
            encoding=self._records.encoding or "utf-8",
            encoding_examples=self._records.examples,
            delimiter=self._records.delimiter or ",",
            columns=self._columns.known,
            custom_columns=self._columns.custom,
        )

    def feed(self, data: bytes) -> Rows:
        """The rows that are complete now."""
        if self.bytes == 0 and data.startswith(_WORKBOOKS):
            raise ImportRefused("no_table", "That is an Excel workbook: save it as CSV there, and import that file.")
        self.bytes += len(data)
        return self._rows(self._records.feed(data))

    def finish(self) -> Rows:
        """The rows that are left."""
        rows = self._rows(self._records.finish())
        if self._columns is None:
            raise self._without_header()
        return rows

    def break_off(self) -> Rows:
        """The file stops in its middle: the rows that came whole."""
        return self._rows(self._records.break_off())

    def _rows(self, records: list[CsvRecord]) -> Rows:
        while self._columns is None and records:
            self._columns = self._header(records.pop(0))
        return [lead_row(record, self._columns) for record in records] if self._columns is not None else []

    def _header(self, record: CsvRecord) -> Columns | None:
        """None: it stands above the table, as a title does."""
        if record.error is not None:
            raise ImportRefused("no_header", f"The first line must name the columns. {MESSAGES[record.error]}")
        if (count := len(record.cells)) > MAX_COLUMNS:
            message = f"The file has {count} columns, and an import takes {MAX_COLUMNS}: leave out what nobody needs."
            raise ImportRefused("too_many_columns", message)
        columns = columns_of(record.cells)
        if len(columns.known) >= (KNOWN_BELOW_TITLES if self._above else 1):
            return columns
        self._above.append(record.cells)
        if len(self._above) > MAX_TITLES:
            raise self._without_header()
        return None

    def _without_header(self) -> ImportRefused:
        if not self._above:
            return ImportRefused("no_header", "The file is empty; its first line must name the columns.")
        begins = ", ".join(filter(None, self._above[0]))[:_MOST_QUOTED_CHARS]
        message = f"The first line must name columns such as {', '.join(FIELDS)}. It has: {begins}."
        return ImportRefused("no_known_columns", message)


def _names_a_column(line: str) -> bool:
    return bool(columns_of([line]).known)
