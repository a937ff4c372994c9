"""Lines of a PDF as blocks: which lines are one paragraph, which are headings, which are on every page. Pure."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Final

from msgspec import Struct

from pipelines.documents.port import BODY, Block

HEADING_SIZE: Final = 1.12
"""How much larger than the text's letters a heading's are."""

MAX_HEADING_CHARS: Final = 150
BOLD: Final = 6
"""The level of headings that are no larger than the text."""

PARAGRAPH_GAP: Final = 1.35
"""How much further apart than the lines within a paragraph two paragraphs are."""

MOST_GAP: Final = 2.2
"""The same in heights of letters, for pages of few lines."""

HEADING_GAP: Final = 1.6
"""The same for the lines of one heading."""

SHORT_LINE: Final = 0.6
"""Of the longest line: a shorter one was not ended by the page's rim."""

LETTER_WIDTH: Final = 0.5
"""Of their height, on average."""

RIM_LINES: Final = 2
"""So many lines at the top and at the bottom of a page may be the same on every page."""

_BULLET: Final = re.compile(r"^(?:[•‣◦▪●\u2013\u2014*\-]|\d{1,2}[.)])\s+(?=\S)")
_PAGE_NUMBER: Final = re.compile(r"^(?:page|seite)?\s*\d{1,4}(?:\s*(?:of|von|/)\s*\d{1,4})?$", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")


class Line(Struct):
    """``size`` of its letters and ``bottom``, its place on the page, in points. ``bold``: all of it is. ``is_row``: it
    has gaps, as between the cells of a table."""

    text: str
    size: float
    bold: bool
    bottom: float
    is_row: bool = False


class PageLines(Struct, frozen=True):
    """``slide_width``: of a page that is wider than high, in points. Its lines rarely reach the rim."""

    lines: list[Line]
    slide_width: float | None = None


class Spacing(Struct, frozen=True):
    """Of a page: ``step`` from line to line within paragraphs, in points; ``width`` of its longest line, in
    characters."""

    step: float
    width: float


def blocks_of(pages: Sequence[PageLines]) -> list[Block]:
    """Without what is on every page. A paragraph may go on over the end of its page."""
    body, kept = _said([page.lines for page in pages])
    levels = _levels(chain.from_iterable(kept), body)
    blocks: list[Block] = []
    for page, lines in zip(pages, kept, strict=True):
        spacing = _spacing(lines, body, page.slide_width)
        before: Line | None = None
        for line in lines:
            level = _level(line, body, levels)
            if blocks and _continues(blocks[-1], before, line, level, spacing):
                blocks[-1] = Block(_joined(blocks[-1].text, line.text), level)
            else:
                blocks.append(Block(_BULLET.sub("", line.text), level))
            before = line
    return [block if _is_fit_heading(block) else Block(block.text) for block in blocks]


def _said(pages: Sequence[Sequence[Line]]) -> tuple[float, list[list[Line]]]:
    """The size of the text's letters, and each page's lines without headers, footers and page numbers."""
    anywhere = _repeated(pages, body=math.inf)
    body = _body_size(
        line for line in chain.from_iterable(pages) if _likeness(line, math.inf) not in anywhere
    ) or _body_size(chain.from_iterable(pages))
    repeated = _repeated(pages, body)
    numbers = {id(line) for page in pages for line in _rim(page) if _PAGE_NUMBER.match(line.text)}
    return body, [
        [line for line in page if id(line) not in numbers and _likeness(line, body) not in repeated] for page in pages
    ]


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


def _likeness(line: Line, body: float) -> str:
    """What is the same of a header on every page; "Chapter 2" in large letters is another than "Chapter 1"."""
    return line.text if line.size >= HEADING_SIZE * body else _DIGITS.sub("#", line.text.lower())


def _body_size(lines: Iterable[Line]) -> float:
    counts: Counter[float] = Counter()
    for line in lines:
        counts[line.size] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _levels(lines: Iterable[Line], body: float) -> dict[float, int]:
    """By size: the largest is the highest heading."""
    sizes = sorted({line.size for line in lines if line.size >= HEADING_SIZE * body}, reverse=True)
    return {size: min(level, BOLD - 1) for level, size in enumerate(sizes, start=1)}


def _level(line: Line, body: float, levels: dict[float, int]) -> int:
    """By its looks alone; ``_is_fit_heading`` judges all lines of it."""
    if not any(letter.isalpha() for letter in line.text):
        return BODY
    if line.size in levels:
        return levels[line.size]
    return BOLD if line.bold and line.size >= body else BODY


def _is_fit_heading(block: Block) -> bool:
    """No sentence in large or bold letters."""
    return len(block.text) <= MAX_HEADING_CHARS and (block.level != BOLD or not block.text.endswith((".", ",", ";")))


def _spacing(page: Sequence[Line], body: float, slide_width: float | None) -> Spacing:
    steps = Counter(round(abs(b.bottom - a.bottom)) for a, b in pairwise(page))
    del steps[0]
    text = [line for line in page if line.size <= body]
    width: float = max((len(line.text) for line in text), default=0)
    if slide_width is not None and text:
        width = max(width, slide_width / (LETTER_WIDTH * text[0].size))
    return Spacing(steps.most_common(1)[0][0] if steps else 0.0, width)


def _continues(block: Block, before: Line | None, line: Line, level: int, spacing: Spacing) -> bool:
    """Whether a line goes on with what the line ``before`` it ended; None: it is the first of its page."""
    if block.level != level or _BULLET.match(line.text):
        return False
    if before is None or _is_higher(line, before):
        return level == BODY and _is_broken_off(block.text, line)
    gap = abs(before.bottom - line.bottom)
    if level != BODY:
        return before.size == line.size and gap <= HEADING_GAP * line.size
    if before.size != line.size or _is_entry(before, line, spacing):
        return False
    return gap <= max(PARAGRAPH_GAP * spacing.step, 1.0) and gap <= MOST_GAP * line.size


def _is_higher(line: Line, before: Line) -> bool:
    """As where the next column begins."""
    return line.bottom > before.bottom + line.size


def _is_broken_off(text: str, line: Line) -> bool:
    """The sentence was not over where its page or column was."""
    return text[-1:] not in ".!?:" and line.text[:1].islower()


def _is_entry(before: Line, line: Line, spacing: Spacing) -> bool:
    """Of a list or of a table: a row, or what is before it ended without need."""
    if line.text[:1].islower():
        return False
    return line.is_row or len(before.text) < SHORT_LINE * spacing.width


def _joined(text: str, more: str) -> str:
    if text.endswith("-") and text[-2:-1].isalpha() and more[:1].islower():
        return text[:-1] + more  # a word divided at the line's end
    return f"{text} {more}"
