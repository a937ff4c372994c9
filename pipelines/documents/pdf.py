"""A PDF as blocks: lines by their place on the page, headings by the size and weight of their letters."""

import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Any, Final

from msgspec import Struct
from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError

from pipelines.documents.port import (
    BODY,
    ENCRYPTED,
    MAX_CHARS,
    MAX_PAGES,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY_PAGES,
    UNREADABLE,
    Block,
    DocumentError,
)

HEADING_SIZE: Final = 1.12
"""How much larger than the text's letters a heading's are."""

MAX_HEADING_CHARS: Final = 150
PARAGRAPH_GAP: Final = 1.35
"""How much further apart than the lines within a paragraph two paragraphs are."""

MOST_GAP: Final = 2.2
"""The same in heights of letters, for pages of few lines."""

SHORT_LINE: Final = 0.6
"""Of the longest line: a shorter one was not ended by the page's rim."""

RIM_LINES: Final = 2
"""So many lines at the top and at the bottom of a page may be the same on every page."""

_BULLET: Final = re.compile(r"^(?:[•‣◦▪●\u2013\u2014*\-]|\d{1,2}[.)])\s+(?=\S)")
_PAGE_NUMBER: Final = re.compile(r"^(?:page|seite)?\s*\d{1,4}(?:\s*(?:of|von|/)\s*\d{1,4})?$", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")


class Line(Struct):
    """``size`` of its letters and ``bottom``, its place on the page, in points."""

    text: str
    size: float
    bold: bool
    bottom: float


class Spacing(Struct, frozen=True):
    """Of a page: ``step`` from line to line within paragraphs, in points; ``width`` of its longest line, in
    characters."""

    step: float
    width: int


def read_pdf(content: bytes) -> tuple[int, list[Block]]:
    """The number of pages, and what is on them. Raises DocumentError, MemoryError."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ENCRYPTED
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise TOO_MANY_PAGES
        pages = []
        chars = 0
        for page in reader.pages:
            lines = _lines(page)
            chars += sum(len(line.text) for line in lines)
            if chars > MAX_CHARS:
                raise TOO_LONG
            pages.append(lines)
    except (DocumentError, MemoryError):
        raise
    except LimitReachedError:
        raise TOO_LARGE from None
    except (PyPdfError, Exception) as error:  # a hostile file reaches every corner of the library
        raise UNREADABLE from error
    return count, blocks_of(pages)


def _lines(page: Any) -> list[Line]:
    lines: list[Line] = []
    fresh = True

    def take(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, font_size: float) -> None:
        nonlocal fresh
        for number, piece in enumerate(text.split("\n")):
            fresh = fresh or number > 0
            if not piece.strip():
                if not fresh and piece:
                    lines[-1].text += " "
                continue
            if fresh:
                scale = math.hypot(cm[2], cm[3]) * math.hypot(tm[2], tm[3])
                bottom = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
                bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
                lines.append(Line(piece, round(font_size * scale, 1), bold, bottom))
                fresh = False
            else:
                lines[-1].text += piece

    page.extract_text(visitor_text=take)
    for line in lines:
        line.text = _plain(line.text)
    return [line for line in lines if line.text]


def blocks_of(pages: Sequence[Sequence[Line]]) -> list[Block]:
    """Without what is on every page. A paragraph may go on over the end of its page. Pure."""
    anywhere = _repeated(pages, body=math.inf)
    body = _body_size(
        line for line in chain.from_iterable(pages) if _likeness(line, math.inf) not in anywhere
    ) or _body_size(chain.from_iterable(pages))
    repeated = _repeated(pages, body)
    numbers = {id(line) for page in pages for line in _rim(page) if _PAGE_NUMBER.match(line.text)}
    kept = [
        [line for line in page if id(line) not in numbers and _likeness(line, body) not in repeated] for page in pages
    ]
    levels = _levels(chain.from_iterable(kept), body)
    blocks: list[Block] = []
    for page in kept:
        spacing = _spacing(page, body)
        before: Line | None = None
        for line in page:
            level = _level(line, body, levels)
            if blocks and _continues(blocks[-1], before, line, level, spacing):
                blocks[-1] = Block(_joined(blocks[-1].text, line.text), level)
            else:
                blocks.append(Block(_BULLET.sub("", line.text), level))
            before = line
    return blocks


def _repeated(pages: Sequence[Sequence[Line]], body: float) -> frozenset[str]:
    """Headers and footers, numbers aside."""
    if len(pages) < 3:
        return frozenset()
    counts = Counter(chain.from_iterable({_likeness(line, body) for line in _rim(page)} for page in pages if page))
    return frozenset(text for text, count in counts.items() if count >= max(3, 0.6 * len(pages)))


def _rim(page: Sequence[Line]) -> list[Line]:
    """By place: headers often come last in the file."""
    by_place = sorted(page, key=lambda line: line.bottom)
    return [*by_place[:RIM_LINES], *by_place[-RIM_LINES:]]


def _body_size(lines: Iterable[Line]) -> float:
    counts: Counter[float] = Counter()
    for line in lines:
        counts[line.size] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _levels(lines: Iterable[Line], body: float) -> dict[float, int]:
    """By size: the largest is the highest heading."""
    sizes = sorted({line.size for line in lines if line.size >= HEADING_SIZE * body}, reverse=True)
    return {size: min(level, 5) for level, size in enumerate(sizes, start=1)}


def _level(line: Line, body: float, levels: dict[float, int]) -> int:
    if len(line.text) > MAX_HEADING_CHARS or not any(letter.isalpha() for letter in line.text):
        return BODY
    if line.size in levels:
        return levels[line.size]
    is_short = len(line.text) <= 80 and not line.text.endswith((".", ",", ";"))
    return 6 if line.bold and is_short and line.size >= body else BODY


def _spacing(page: Sequence[Line], body: float) -> Spacing:
    steps = Counter(round(abs(b.bottom - a.bottom)) for a, b in pairwise(page))
    del steps[0]
    width = max((len(line.text) for line in page if line.size <= body), default=0)
    return Spacing(steps.most_common(1)[0][0] if steps else 0.0, width)


def _continues(block: Block, before: Line | None, line: Line, level: int, spacing: Spacing) -> bool:
    if block.level != level or _BULLET.match(line.text):
        return False
    if before is None:  # a new page: the sentence was not over
        return level == BODY and block.text[-1:] not in ".!?:" and line.text[:1].islower()
    if before.size != line.size or (level == 6 and before.bold != line.bold):
        return False
    if level == BODY and len(before.text) < SHORT_LINE * spacing.width and not line.text[:1].islower():
        return False  # an entry of a list or of a table
    gap = abs(before.bottom - line.bottom)
    return gap <= max(PARAGRAPH_GAP * spacing.step, 1.0) and gap <= MOST_GAP * line.size


def _joined(text: str, more: str) -> str:
    if text.endswith("-") and text[-2:-1].isalpha() and more[:1].islower():
        return text[:-1] + more  # a word divided at the line's end
    return f"{text} {more}"


def _likeness(line: Line, body: float) -> str:
    """What is the same of a header on every page; "Chapter 2" in large letters is another than "Chapter 1"."""
    return line.text if line.size >= HEADING_SIZE * body else _DIGITS.sub("#", line.text.lower())


def _plain(text: str) -> str:
    """Ligatures as letters, soft hyphens and control characters gone."""
    letters = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return " ".join("".join(c if c.isprintable() else " " for c in letters).split())
