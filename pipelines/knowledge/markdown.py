"""A Markdown file as titled sections: its headings are the questions, the text under them the answers."""

from itertools import groupby
from typing import Final

from msgspec import Struct

from pipelines.documents.markdown_lines import BULLET, heading_of, plain, said_lines
from pipelines.knowledge.port import KnowledgeError

MAX_CHARS: Final = 2_000_000
MAX_SECTIONS: Final = 5_000
SECTION_CHARS: Final = 1_200
"""Longer sections are cut at paragraphs, so that a passage stays something one can say."""


class Section(Struct, frozen=True):
    """The text under one heading, without markup."""

    title: str
    text: str


def parse(text: str) -> tuple[str, list[Section]]:
    """What it is about, and its sections in order. That is the first top heading; "" where there is none, or it is a
    question. Raises KnowledgeError past the bounds."""
    if len(text) > MAX_CHARS:
        raise KnowledgeError(
            "knowledge_too_large", (f"the knowledge has {len(text)} characters, at most {MAX_CHARS} are held")
        )
    top: str | None = None
    title = ""
    body: list[str] = []
    sections: list[Section] = []
    for line in said_lines(text):
        heading = heading_of(line)
        if heading is None:
            body.append(line)
            continue
        sections.extend(sections_of(title, "\n".join(body)))
        level, title = heading
        body = []
        if level == 1 and top is None:
            top = title
    sections.extend(sections_of(title, "\n".join(body)))
    if len(sections) > MAX_SECTIONS:
        raise KnowledgeError(
            "knowledge_too_large", (f"the knowledge has {len(sections)} sections, at most {MAX_SECTIONS}")
        )
    return (top if top is not None and not top.endswith("?") else ""), sections


def sections_of(title: str, body: str) -> list[Section]:
    """The text under one heading, cut at paragraphs where it is long."""
    lines = [plain(BULLET.sub("", line)) for line in body.splitlines()]
    paragraphs = [" ".join(" ".join(part).split()) for is_said, part in groupby(lines, key=bool) if is_said]
    sections: list[Section] = []
    current = ""
    for paragraph in paragraphs:
        if current and len(current) + len(paragraph) > SECTION_CHARS:
            sections.append(Section(title, current))
            current = ""
        current = f"{current} {paragraph}".strip()
    if current:
        sections.append(Section(title, current))
    return sections
