"""Records of a CSV file, fed in pieces of any size. Pure, and slow enough to be called in a thread.

Takes what programs write: RFC 4180 with comma, semicolon, tab or bar; UTF-8 with or without a mark, UTF-16 with one,
Windows-1252, and files that mix it into UTF-8; any line end. What is found out comes from the first ``SAMPLE_BYTES``.
"""

import codecs
import csv
import io
from collections.abc import Iterator

from msgspec import Struct

SAMPLE_BYTES = 64 * 1024
MAX_RECORD_CHARS = 64 * 1024
MAX_RECORD_LINES = 500
"""A quote that is never closed must not swallow the file."""

DELIMITERS = ",;\t|"
ENCODINGS = ("utf-8", "utf-16", "windows-1252")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_FALLBACK = "windows-1252"


class CsvRecord(Struct, frozen=True):
    """One record. ``line``: where it begins, from 1 · ``error``: why it could not be read, ``cells`` is empty then."""

    line: int
    cells: list[str] = []
    error: str | None = None


class CsvRecords:
    """``encoding`` and ``delimiter`` are found out where they are not given, and stand there afterwards."""

    def __init__(self, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        self.encoding = encoding
        self.delimiter = delimiter
        self._sample = bytearray()
        self._decoder: io.IncrementalNewlineDecoder | None = None
        self._rest = ""
        self._line = 1
        self._width = 0
        self._open: list[str] = []
        self._open_chars = 0

    def feed(self, data: bytes) -> list[CsvRecord]:
        """The records that are complete now; empty lines are none."""
        if self._decoder is None:
            self._sample += data
            if len(self._sample) < SAMPLE_BYTES:
                return []
            data = bytes(self._sample)
            self._begin(data, final=False)
        return self._take(data, final=False)

    def finish(self) -> list[CsvRecord]:
        """The records that are left."""
        data = b""
        if self._decoder is None:
            data = bytes(self._sample)
            self._begin(data, final=True)
        return self._take(data, final=True)

    def break_off(self) -> list[CsvRecord]:
        """The file stops in its middle: the records that are complete all the same, in a file too short to tell
        before what it is."""
        if self._decoder is not None:
            return []
        data = bytes(self._sample)
        self._begin(data, final=False)
        return self._take(data, final=False)

    def _begin(self, sample: bytes, *, final: bool) -> None:
        self._sample.clear()
        name = self.encoding or encoding_of(sample, final=final)
        self.encoding = name.removesuffix("-sig")
        if name in ("utf-8", "utf-8-sig"):
            name, errors = "utf-8-sig", "surrogateescape"
        else:
            errors = "replace"
        if name == "utf-16" and not sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            name = "utf-16-le"  # as Windows writes it; Python reads none without a mark of its order
        decode = codecs.getincrementaldecoder(name)(errors)
        self._decoder = io.IncrementalNewlineDecoder(decode, translate=True)
        if self.delimiter is None:
            peek = codecs.getincrementaldecoder(name)("replace").decode(sample)
            self.delimiter = delimiter_of(io.StringIO(peek.lstrip("\r\n"), newline=None).readline())

    def _take(self, data: bytes, *, final: bool) -> list[CsvRecord]:
        assert self._decoder is not None, "begun by now"
        text = self._rest + self._decoder.decode(data, final=final)
        lines = text.split("\n")
        self._rest = lines.pop()
        if final and self._rest:
            lines.append(self._rest)
            self._rest = ""
        found = [record for line in lines for record in self._add(line)]
        if not final and len(self._rest) > MAX_RECORD_CHARS:
            # Nothing of such a line is kept but that it was there.
            self._rest = self._rest[:MAX_RECORD_CHARS] + "…"
        while final and self._open:
            found += self._give_up()
        return found

    def _add(self, line: str) -> Iterator[CsvRecord]:
        self._open.append(line)
        self._open_chars += len(line) + 1
        number = self._line
        if self._open_chars > MAX_RECORD_CHARS or len(self._open) > MAX_RECORD_LINES:
            yield from self._give_up()
            return
        try:
            cells = self._cells("\n".join(self._open))
        except csv.Error:
            yield from self._give_up()
            return
        if cells is None:
            return
        self._line += len(self._open)
        self._open, self._open_chars = [], 0
        if any(cells):
            self._width = self._width or len(cells)
            yield CsvRecord(number, cells)

    def _give_up(self) -> list[CsvRecord]:
        """The first line of what is open is no record; the lines after it are looked at anew."""
        bad, *again = self._open
        too_large = len(bad) > MAX_RECORD_CHARS
        found = [CsvRecord(self._line, error="row_too_large" if too_large else "quote_not_closed")]
        self._line += 1
        self._open, self._open_chars = [], 0
        return found + [record for line in again for record in self._add(line)]

    def _cells(self, text: str) -> list[str] | None:
        """None: a quote is open. Raises csv.Error for what is no record either way."""
        delimiter = self.delimiter or ","
        if '"' not in text:
            cells = text.split(delimiter)
        else:
            try:
                cells = next(csv.reader([text + "\n"], delimiter=delimiter, strict=True), [])
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    return None
                if "\n" in text and self._is_row(text.rpartition("\n")[2]):
                    raise  # that row is none of a cell before it, whose quote was never closed
                # Quotes within a cell, as programs write that do not know the rules.
                cells = next(csv.reader([text + "\n"], delimiter=delimiter), [])
        return [_mended(cell).strip() for cell in cells]

    def _is_row(self, line: str) -> bool:
        """Whether it is a record as wide as the header by itself."""
        try:
            cells = next(csv.reader([line + "\n"], delimiter=self.delimiter or ",", strict=True), [])
        except csv.Error:
            return False
        return len(cells) == self._width


def encoding_of(sample: bytes, *, final: bool) -> str:
    """``final``: the sample is all there is, so that a character cut at its end is none."""
    for mark, name in _MARKS.items():
        if sample.startswith(mark):
            return name
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample, final)
    strays = sum(_is_stray(character) for character in text)
    letters = sum(not character.isascii() for character in text) - strays
    return "utf-8" if letters >= strays else _FALLBACK


def delimiter_of(header: str) -> str:
    """The one that parts the header into most cells."""

    def cells(delimiter: str) -> int:
        return len(next(csv.reader([header], delimiter=delimiter), []))

    return max(DELIMITERS, key=cells)


def _is_stray(character: str) -> bool:
    """A byte that was no UTF-8."""
    return "\udc80" <= character <= "\udcff"


def _mended(cell: str) -> str:
    """Bytes that were no UTF-8 are read as Windows-1252, which is what they mostly are."""
    if cell.isascii() or not any(map(_is_stray, cell)):
        return cell
    return cell.encode("utf-8", "surrogateescape").decode(_FALLBACK, "replace")
