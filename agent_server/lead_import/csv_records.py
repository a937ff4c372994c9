"""Records of a CSV file, fed in pieces of any size. Pure, and slow enough to be called in a thread.

Takes what programs write: RFC 4180 with comma, semicolon, tab or bar, which the header tells, or a line before it as
Excel knows it (``sep=;``).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from agent_server.lead_import.text_lines import MAX_LINE_CHARS, TextLines, mended

MAX_RECORD_CHARS = MAX_LINE_CHARS
MAX_RECORD_LINES = 500
"""A quote that is never closed must not swallow the file."""

DELIMITERS = ",;\t|"
_TOLD = re.compile(rf'\s*"?sep=([{DELIMITERS}])"?[{DELIMITERS}\s]*', re.IGNORECASE)


class CsvRecord(Struct, frozen=True):
    """One record. ``line``: where it begins, from 1 · ``error``: why it could not be read, ``cells`` is empty then."""

    line: int
    cells: list[str] = []
    error: str | None = None


class CsvRecords:
    """``encoding`` and ``delimiter`` are found out where they are not given, and stand there afterwards."""

    def __init__(
        self,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        is_header: Callable[[str], bool] = lambda _line: True,
    ) -> None:
        """``is_header``: whether a line of one cell names a column, or is a title above the table."""
        self._is_header = is_header
        self.delimiter = delimiter
        self._lines = TextLines(encoding)
        self._line = 1
        self._is_begun = False
        self._width = 0
        self._open: list[str] = []
        self._open_chars = 0

    @property
    def encoding(self) -> str | None:
        return self._lines.encoding

    @property
    def examples(self) -> tuple[str, ...]:
        """Words that show whether the encoding was guessed right; none where it was not guessed."""
        return self._lines.examples

    def feed(self, data: bytes) -> list[CsvRecord]:
        """The records that are complete now; empty lines are none."""
        return self._read(self._lines.feed(data))

    def finish(self) -> list[CsvRecord]:
        """The records that are left."""
        found = self._read(self._lines.feed(b"", final=True))
        while self._open:
            found += self._give_up()
        return found

    def break_off(self) -> list[CsvRecord]:
        """The file stops in its middle: the records that are complete all the same, in a file too short to tell
        before what it is."""
        return self._read(self._lines.break_off())

    def _read(self, lines: Iterable[str]) -> list[CsvRecord]:
        return [record for line in lines for record in self._add(line)]

    def _add(self, line: str) -> Iterator[CsvRecord]:
        if not self._open and self._tells_delimiter(line):
            self._line += 1
            return
        closes_nothing = bool(self._open) and '"' not in line
        self._open.append(line)
        self._open_chars += len(line) + 1
        if self._open_chars > MAX_RECORD_CHARS or len(self._open) > MAX_RECORD_LINES:
            yield from self._give_up()
            return
        if closes_nothing:
            return
        try:
            cells = _cells("\n".join(self._open), self.delimiter or ",", self._width)
        except csv.Error:
            yield from self._give_up()
            return
        if cells is None:
            return
        number, self._line = self._line, self._line + len(self._open)
        self._open, self._open_chars = [], 0
        if any(cells):
            self._is_begun = True
            if self.delimiter is not None:
                self._width = self._width or len(cells)
            yield CsvRecord(number, cells)

    def _tells_delimiter(self, line: str) -> bool:
        """Whether the line says nothing else, before the first record. A title does not tell."""
        told = _TOLD.fullmatch(line) if not self._is_begun else None
        if self.delimiter is None and line.strip():
            one = DELIMITERS[0] if self._is_header(line) else None
            self.delimiter = told[1] if told is not None else delimiter_of(line) or one
        return told is not None

    def _give_up(self) -> list[CsvRecord]:
        """The first line of what is open is no record; the lines after it are looked at anew."""
        bad, *again = self._open
        too_large = len(bad) > MAX_RECORD_CHARS
        found = [CsvRecord(self._line, error="row_too_large" if too_large else "quote_not_closed")]
        self._line += 1
        self._open, self._open_chars = [], 0
        return found + self._read(again)


def _cells(text: str, delimiter: str, width: int) -> list[str] | None:
    """None: a quote is open. Raises csv.Error where its last line is a record ``width`` wide by itself, and none of a
    cell before it, whose quote was never closed."""
    if '"' not in text:
        cells = text.split(delimiter)
    else:
        try:
            cells = _strict(text, delimiter)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None
            if "\n" in text and _is_row(text.rpartition("\n")[2], delimiter, width):
                raise
            # Quotes within a cell, as programs write that do not know the rules.
            cells = next(csv.reader([text + "\n"], delimiter=delimiter), [])
    return [mended(cell).strip() for cell in cells]


def _strict(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text + "\n"], delimiter=delimiter, strict=True), [])


def _is_row(line: str, delimiter: str, width: int) -> bool:
    try:
        return len(_strict(line, delimiter)) == width
    except csv.Error:
        return False


def delimiter_of(header: str) -> str | None:
    """The one that parts the header into most cells, if any does."""

    def cells(delimiter: str) -> int:
        return len(next(csv.reader([header], delimiter=delimiter), []))

    best = max(DELIMITERS, key=cells)
    return best if cells(best) > 1 else None
