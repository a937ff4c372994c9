"""Lines of Markdown: which are said, which are headings, and their words without markup. Files come from anybody, so
each takes time in proportion to its length. Pure."""

import html
import re
from collections.abc import Iterator
from typing import Final

BULLET: Final = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_HEADING: Final = re.compile(r"^(#{1,6})\s+(.*)$")
_FENCE: Final = re.compile(r"^\s*(`{3,}|~{3,})([^`]*)$")
_MOST_FENCE: Final = 8
"""Longer ones count as one of so many signs."""

_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_LINKS_IN_LINKS: Final = 2
"""A picture may be one."""

_TAG: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<https?:[^<>\s]*>")
_EMPHASIS: Final = re.compile(r"(?!(?<=\d)\*\d)(?:(?:\*\*|__|[*`])(?=\S)|(?<=\S)(?:\*\*|__|[*`]))|^>\s?")
"""Not the star of 160*200."""

_UNSAID: Final = re.compile(r"\[\^[^\[\]\s]*\]|~~[^~]+~~")
"""Marks of notes, and what is struck out: an old price must not be said."""

_DEFINITION: Final = re.compile(r"^\s*\[[^\[\]]+\]:\s")
_TABLE_RULE: Final = frozenset("|:- \t")


def said_lines(text: str) -> Iterator[str]:
    """Without tags and comments, blocks of code, where links go to and the line under a table's head: in place of these
    an empty one. A block that is never closed is none."""
    lines = html.unescape(_TAG.sub(" ", _without_comments(text))).splitlines()
    closed_by = _closing_lines(lines)
    skipped_to = -1
    for number, line in enumerate(lines):
        if number > skipped_to:
            skipped_to = closed_by.get(number, -1)
        is_said = number > skipped_to and not _is_table_rule(line) and not _DEFINITION.match(line)
        yield line if is_said else ""


def _closing_lines(lines: list[str]) -> dict[int, int]:
    """Of each line that may open a block of code, by number: the next that closes it."""
    found: dict[int, int] = {}
    below: dict[tuple[str, int], int] = {}
    for number in range(len(lines) - 1, -1, -1):
        fence = _FENCE.match(lines[number])
        if fence is None:
            continue
        sign, size = fence[1][0], min(len(fence[1]), _MOST_FENCE)
        closing = [at for (of, length), at in below.items() if of == sign and length >= size]
        if closing:
            found[number] = min(closing)
        if not fence[2].strip():
            below[sign, size] = number
    return found


def _without_comments(text: str) -> str:
    said: list[str] = []
    at = 0
    while (begins := text.find("<!--", at)) >= 0 and (ends := text.find("-->", begins)) >= 0:
        said.append(text[at:begins])
        at = ends + len("-->")
    return "".join(said) + text[at:]


def _is_table_rule(line: str) -> bool:
    return "|" in line and "-" in line and _TABLE_RULE.issuperset(line)


def heading_of(line: str) -> tuple[int, str] | None:
    """Its level, and its words without the marks around them."""
    found = _HEADING.match(line)
    if found is None:
        return None
    title = found[2].rstrip()
    bare = title.rstrip("#")
    is_closed = not bare or bare[-1].isspace()  # C# is a name
    return len(found[1]), (bare if is_closed else title).strip()


def plain(line: str) -> str:
    text = _UNSAID.sub("", line.strip())
    for _ in range(_LINKS_IN_LINKS):
        text = _LINK.sub(lambda found: found[1], text)
    return _EMPHASIS.sub("", text)
