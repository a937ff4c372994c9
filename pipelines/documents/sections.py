"""Blocks as topics: what stands under a heading is one, cut where it is longer than one says. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipelines.documents.port import BODY, WITHOUT_TEXT, Block, DocumentSection
from pipelines.documents.spoken import flat, spoken

SECTION_CHARS: Final = 1_000
"""A passage stays something a model reads at once and one can say the beginning of."""

LEAST_CHARS: Final = 12
"""Less text under a heading is no answer: a line of a table of contents, a caption."""

MAX_TITLE_CHARS: Final = 140
TITLE_WORDS: Final = 9
_NUMBERS: Final = re.compile(
    r"^(?:(?i:chapter|section|kapitel)\s+)?(?:\d+(?:\.\d+)*|[IVX]+)(?:[.):]\s+(?=\S)|\s+(?=[A-ZÀ-ÞΑ-ΩА-Я]))"
)
"""Of chapters; small letters go on after a number or an "I" that is part of what is said."""

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÞΑ-ΩА-Я0-9\"“(])")


def sections_of(blocks: Sequence[Block], name: str) -> tuple[DocumentSection, ...]:
    """``name``: of the document, for text that has no heading. Raises DocumentError where there is nothing to say."""
    sections = _under_headings(blocks, name)
    if not sections:  # headings alone, as on slides
        sections = _under_headings([Block(block.text) for block in blocks], name)
    if not sections:
        raise WITHOUT_TEXT
    return sections


def _under_headings(blocks: Sequence[Block], name: str) -> tuple[DocumentSection, ...]:
    return tuple(
        DocumentSection(title, text)
        for heading, paragraphs in _chapters(blocks)
        for title, text in _titled(heading, list(_pieces(paragraphs)), name)
    )


def _chapters(blocks: Sequence[Block]) -> Iterator[tuple[str, list[str]]]:
    """Headings with the sentences under them. A heading with nothing under it stands before those below it."""
    path: list[tuple[int, str]] = []
    said: list[str] = []
    for block in blocks:
        if block.level == BODY:
            if text := spoken(block.text):
                said.append(text)
            continue
        if len(" ".join(said)) >= LEAST_CHARS:
            yield _heading(path), said
            said = []
        elif said and block.text and path:
            # Too little for a topic of its own: it is said with what comes next.
            said = [f"{path[-1][1].rstrip('.?!:')}: {' '.join(said)}"]
        while path and path[-1][0] >= block.level:
            path.pop()
        if title := _title(block.text):
            path.append((block.level, title))
    if said:
        yield _heading(path), said


def _heading(path: Sequence[tuple[int, str]]) -> str:
    return path[-1][1] if path else ""


def _title(text: str) -> str:
    plain = _NUMBERS.sub("", flat(text)).strip(" -\u2013\u2014:\u2022")
    return plain[:MAX_TITLE_CHARS].rstrip()


def _pieces(paragraphs: Sequence[str]) -> Iterator[str]:
    """Cut between paragraphs, and between sentences where a paragraph is too long."""
    current = ""
    for part in _parts(paragraphs):
        if current and len(current) + len(part) >= SECTION_CHARS:
            yield current
            current = ""
        current = f"{current} {part}".strip()
    if current:
        yield current


def _parts(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        if len(paragraph) <= SECTION_CHARS:
            yield paragraph
            continue
        for sentence in _SENTENCE.split(paragraph):
            while_left = sentence
            while len(while_left) > SECTION_CHARS:
                cut = while_left.rfind(" ", 0, SECTION_CHARS)
                cut = cut if cut > 0 else SECTION_CHARS
                yield while_left[:cut]
                while_left = while_left[cut:].strip()
            if while_left:
                yield while_left


def _titled(heading: str, pieces: Sequence[str], name: str) -> Iterator[tuple[str, str]]:
    """The first has the heading; others, and what has none, are called by how they begin."""
    for number, text in enumerate(pieces):
        if heading and number == 0:
            yield heading, text
        elif heading:
            yield f"{heading}: {_beginning(text)}"[:MAX_TITLE_CHARS], text
        elif len(text) < LEAST_CHARS and len(pieces) == 1:
            yield name, text
        else:
            yield _beginning(text), text


def _beginning(text: str) -> str:
    words = _SENTENCE.split(text, maxsplit=1)[0].split()
    short = " ".join(words[:TITLE_WORDS])[: MAX_TITLE_CHARS // 2]
    return short.rstrip(".,;:!")
