"""Plain text and Markdown as blocks."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from pipelines.documents.markdown_lines import BULLET, heading_of, plain, said_lines
from pipelines.documents.port import BODY, Block
from pipelines.documents.spoken import flat

_UNDERLINE: Final = re.compile(r"^(=+|-+)\s*$")
_BOLD: Final = re.compile(r"\s*(?:\*\*|__)[^*_]+(?:\*\*|__)\s*")
_NUMBERED: Final = re.compile(r"^\d+(?:\.\d+)*\.?\s+\S")
MAX_TITLE_CHARS: Final = 80


def line_blocks(text: str, *, is_markdown: bool) -> list[Block]:
    lines = said_lines(text) if is_markdown else text.splitlines()
    parts = (list(part) for is_said, part in groupby(lines, key=lambda line: bool(line.strip())) if is_said)
    blocks = [block for part in parts for block in _part(part, is_markdown=is_markdown)]
    return [block for block in blocks if block.text]


def _part(lines: Sequence[str], *, is_markdown: bool) -> Iterator[Block]:
    """What stands between empty lines: a paragraph, or one for each item of a list and row of a table. Headings are
    marked, underlined, or stand alone as a short line that is no sentence, in bold where there is markup."""
    said: list[str] = []
    for line in lines:
        heading = heading_of(line)
        if heading is None and len(said) == 1 and _UNDERLINE.match(line):
            yield Block(flat(said.pop()), 1 if line.startswith("=") else 2)
            continue
        if heading is not None or BULLET.match(line) or line.lstrip().startswith("|"):
            yield Block(flat(" ".join(said)))
            said = []
        if heading is not None:
            level, title = heading
            yield Block(plain(title), level)
        else:
            said.append(plain(BULLET.sub("", line)))
    stands_alone = len(lines) == len(said) == 1 and (not is_markdown or _BOLD.fullmatch(lines[0]) is not None)
    yield Block(flat(" ".join(said)), 3 if stands_alone and is_title(said[0], lines[0]) else BODY)


def is_title(text: str, line: str = "") -> bool:
    """A short one that is no sentence. ``line``: with its number, where ``text`` lost it."""
    if len(text) > MAX_TITLE_CHARS or text.endswith((".", "!", ":", ";", ",")):
        return False
    return text[:1].isupper() or _NUMBERED.match(line or text) is not None
