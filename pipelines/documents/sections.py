"""Blocks as topics: what stands under a heading is one, cut where it is longer than one says. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Final

from pipelines.documents.port import BODY, WITHOUT_TEXT, Block, DocumentSection
from pipelines.documents.spoken import flat, spoken

SECTION_CHARS: Final = 1_000
"""A passage stays something a model reads at once and one can say the beginning of."""

LEAST_CHARS: Final = 12
"""Less text under a heading is no answer: a line of a table of contents, a caption. Under a question it is."""

MAX_TITLE_CHARS: Final = 140
TITLE_WORDS: Final = 9
_CHAPTER: Final = re.compile(
    r"^(?:(?:(?i:chapter|section|kapitel)\s+)?(?:\d+(?:\.\d+)*|[IVX]+)[.):]\s+(?=\S)"
    r"|(?:(?i:chapter|section|kapitel)\s+(?:\d+|[IVX]+)|\d+(?:\.\d+)+)\s+(?=[A-ZÀ-ÞΑ-ΩА-Я]))"
)
_ASKED: Final = re.compile(r"^(?:Q|Question|F|Frage)\s*\d{0,3}\s*[:.]\s+(?=\S)")
_ANSWERED: Final = re.compile(r"^(?:A|Answer|Antwort)\s*\d{0,3}\s*:\s+(?=\S)")
_BARE_NUMBER: Final = re.compile(r"^(\d{1,2}|[IVX]+)\s+(?=([A-ZÀ-ÞΑ-ΩА-Я]\w*))")
"""Of a chapter too, where the chapter before or after it has one; small letters go on after what is said."""

_ROMAN: Final = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split()

_HAS_WORDS: Final = re.compile(r"[^\W_]")
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
    numbers = _chapter_numbers(flat(block.text) for block in blocks if block.level != BODY)
    return tuple(
        DocumentSection(title, text)
        for heading, paragraphs in _chapters(blocks, numbers)
        for title, text in _titled(heading, list(_pieces(paragraphs)), name)
    )


def _chapters(blocks: Sequence[Block], numbers: Set[str]) -> Iterator[tuple[str, list[str]]]:
    """Headings with the sentences under them. A heading with nothing under it stands before those below it."""
    path: list[tuple[int, str]] = []
    said: list[str] = []
    for block in blocks:
        if block.level == BODY:
            if text := spoken(block.text):
                said.append(text if said else _ANSWERED.sub("", text))
            continue
        if len(" ".join(said)) >= LEAST_CHARS or (said and _heading(path).endswith("?")):
            yield _heading(path), said
            said = []
        elif said and block.text and path:
            # Too little for a topic of its own: it is said with what comes next.
            said = [f"{path[-1][1].rstrip('.?!:')}: {' '.join(said)}"]
        while path and path[-1][0] >= block.level:
            path.pop()
        if title := _title(block.text, numbers):
            path.append((block.level, title))
    if said:
        yield _heading(path), said


def _heading(path: Sequence[tuple[int, str]]) -> str:
    return path[-1][1] if path else ""


def _title(text: str, numbers: Set[str]) -> str:
    """``numbers``: those that count chapters."""
    plain = flat(text)
    bare = _BARE_NUMBER.match(plain)
    if bare is not None and bare[1] in numbers:
        plain = plain[bare.end() :]
    return _ASKED.sub("", _CHAPTER.sub("", plain)).strip(" -\u2013\u2014:\u2022")[:MAX_TITLE_CHARS].rstrip()


def _chapter_numbers(headings: Iterable[str]) -> Set[str]:
    """Of bare numbers those whose neighbours are there: "2 Prices" with "3 Support", and no "2 Year Warranty"; nor with
    a "3 Year Warranty", which counts the same thing."""
    words: dict[str, set[str]] = {}
    for heading in headings:
        if (found := _BARE_NUMBER.match(heading)) is not None:
            words.setdefault(found[1], set()).add(found[2])
    return {
        number
        for number, counted in words.items()
        if any(len(counted | words[other]) > 1 for other in _neighbours(number) if other in words)
    }


def _neighbours(number: str) -> Sequence[str]:
    if number.isdigit():
        return str(int(number) - 1), str(int(number) + 1)
    at = _ROMAN.index(number) if number in _ROMAN else len(_ROMAN)
    return [*_ROMAN[max(0, at - 1) : at], *_ROMAN[at + 1 : at + 2]]


def _pieces(paragraphs: Sequence[str]) -> Iterator[str]:
    """Cut between paragraphs, and between sentences where a paragraph is too long."""
    current = ""
    for part in filter(_HAS_WORDS.search, _parts(paragraphs)):
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
            yield _beginning(text) or name, text


def _beginning(text: str) -> str:
    words = _SENTENCE.split(text, maxsplit=1)[0].split()
    short = " ".join(words[:TITLE_WORDS])[: MAX_TITLE_CHARS // 2]
    return short.rstrip(".,;:!")
