"""Lines of a text file, fed in pieces of any size. Pure.

UTF-8 with or without a mark, UTF-16 with one, Windows' code pages, and files that mix the Western one into UTF-8; any
line end. Which it is is found out from the first ``SAMPLE_BYTES``.
"""

import codecs
import io
import re
from itertools import islice

from pipelines.documents.code_page import CODE_PAGES, WESTERN, code_page_of

SAMPLE_BYTES = 64 * 1024
MAX_LINE_CHARS = 64 * 1024

ENCODINGS = ("utf-8", "utf-16", *CODE_PAGES)
_EXAMPLES = 3
_TELLING_WORD = re.compile(r"\w*[^\W\x00-\x7f]\w*")
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextLines:
    """``encoding`` is found out where it is not given, and stands there afterwards. A byte that is no UTF-8 is kept as
    it is, for ``mended``. ``examples``: a few words that show whether a guess is right; none where none was made. Of a
    line that is longer than ``MAX_LINE_CHARS`` just so much is kept that this is seen."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self.examples: tuple[str, ...] = ()
        self._sample = bytearray()
        self._decoder: io.IncrementalNewlineDecoder | None = None
        self._rest = ""

    def feed(self, data: bytes, *, final: bool = False) -> list[str]:
        """The lines that are complete now; ``final``: nothing follows."""
        if self._decoder is None:
            self._sample += data
            if len(self._sample) < SAMPLE_BYTES and not final:
                return []
            data = self._begin(final=final)
        return self._lines(data, final=final)

    def break_off(self) -> list[str]:
        """The file stops in its middle: the lines that are complete all the same, where it was too short so far to tell
        what it is."""
        return [] if self._decoder is not None else self._lines(self._begin(final=False), final=False)

    def _begin(self, *, final: bool) -> bytes:
        """Returns what was fed so far."""
        sample = bytes(self._sample)
        self._sample.clear()
        if self.encoding is None:
            self.encoding = unicode_of(sample, final=final)
            if self.encoding is None:
                self.encoding = code_page_of(sample)
                self.examples = telling_words(sample.decode(self.encoding, "replace"))
        codec, errors = self.encoding, "replace"
        if codec == "utf-8":
            codec, errors = "utf-8-sig", "surrogateescape"
        elif codec == "utf-16" and not sample.startswith(_UTF_16_MARKS):
            codec = "utf-16-le"  # as Windows writes it; Python reads none without a mark of its order
        decode = codecs.getincrementaldecoder(codec)(errors)
        self._decoder = io.IncrementalNewlineDecoder(decode, translate=True)
        return sample

    def _lines(self, data: bytes, *, final: bool) -> list[str]:
        assert self._decoder is not None, "begun by now"
        *lines, rest = (self._rest + self._decoder.decode(data, final=final)).split("\n")
        if final and rest:
            lines.append(rest)
            rest = ""
        self._rest = rest if len(rest) <= MAX_LINE_CHARS else rest[: MAX_LINE_CHARS + 1]
        return lines


def unicode_of(sample: bytes, *, final: bool) -> str | None:
    """None: it is none. ``final``: the sample is all there is, so that a character cut at its end is none."""
    if sample.startswith(_UTF_16_MARKS):
        return "utf-16"
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample, final)
    strays = sum(map(_is_stray, text))
    letters = sum(not character.isascii() for character in text) - strays
    return "utf-8" if letters >= strays else None


def telling_words(text: str) -> tuple[str, ...]:
    """The first few words with letters that code pages differ in."""
    words = (found[0] for found in _TELLING_WORD.finditer(text))
    return tuple(islice(dict.fromkeys(words), _EXAMPLES))


def _is_stray(character: str) -> bool:
    """A byte that was no UTF-8."""
    return "\udc80" <= character <= "\udcff"


def mended(text: str) -> str:
    """Bytes that were no UTF-8 are read as Windows-1252, which is what they mostly are."""
    if text.isascii() or not any(map(_is_stray, text)):
        return text
    return text.encode("utf-8", "surrogateescape").decode(WESTERN, "replace")
