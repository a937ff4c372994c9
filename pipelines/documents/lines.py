"""Plain text and Markdown as blocks."""

import re
from collections.abc import Iterator
from typing import Final

from pipelines.documents.port import BODY, Block
from pipelines.documents.spoken import flat

_HEADING: Final = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_UNSAID: Final = re.compile(r"^(?:```.*?^```|~~~.*?^~~~|\|[\s:|-]+\|)\s*$", re.MULTILINE | re.DOTALL)
"""Blocks of code, and the line under a table's head."""

_UNDERLINE: Final = re.compile(r"^(=+|-+)\s*$")
_NUMBERED: Final = re.compile(r"^\d+(?:\.\d+)*\.?\s+\S")
_BULLET: Final = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_MARKUP: Final = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|(?!(?<=\d)\*\d)(?:(?:\*\*|__|[*`])(?=\S)|(?<=\S)(?:\*\*|__|[*`]))|^>\s?"
)
"""Not the star of 160*200."""


def line_blocks(text: str, *, is_markdown: bool) -> list[Block]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"\n\s*\n", _UNSAID.sub("\n\n", text) if is_markdown else text)
    blocks = [block for part in parts for block in _part(part, is_markdown=is_markdown)]
    return [block for block in blocks if block.text]


def _part(text: str, *, is_markdown: bool) -> Iterator[Block]:
    """What stands between empty lines: a paragraph, or one for each item of a list and row of a table. Headings are
    marked, underlined, or stand alone as a short line that is no sentence."""
    lines = [line for line in text.splitlines() if line.strip()]
    said: list[str] = []
    for line in lines:
        heading = _HEADING.match(line)
        if heading is None and len(said) == 1 and _UNDERLINE.match(line):
            yield Block(flat(said.pop()), 1 if line.startswith("=") else 2)
            continue
        if heading is not None or _BULLET.match(line) or line.lstrip().startswith("|"):
            yield Block(flat(" ".join(said)))
            said = []
        if heading is not None:
            yield Block(_plain(heading[2]), len(heading[1]))
        else:
            said.append(_plain(_BULLET.sub("", line)))
    is_title = not is_markdown and len(lines) == len(said) == 1 and _is_title(said[0], lines[0])
    yield Block(flat(" ".join(said)), 3 if is_title else BODY)


def _is_title(text: str, line: str) -> bool:
    is_capital = _NUMBERED.match(line) is not None or text[:1].isupper()
    return len(text) <= 80 and is_capital and not text.endswith((".", "!", ":", ";", ","))


def _plain(line: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "", line.strip())
