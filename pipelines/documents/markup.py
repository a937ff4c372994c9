"""Text, Markdown, HTML and Word documents as blocks. All of the standard library."""

import codecs
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree

from pipelines.documents.port import (
    BODY,
    DOCX,
    ENCRYPTED,
    MAX_CHARS,
    OLD_WORD,
    TOO_LARGE,
    TOO_LONG,
    UNREADABLE,
    Block,
    MediaType,
)
from pipelines.documents.spoken import flat

MAX_XML_BYTES: Final = 50 * 1024 * 1024
"""Of a Word document's text, unpacked."""

CHARSET_WITHIN_BYTES: Final = 1024
"""https://html.spec.whatwg.org/multipage/semantics.html#charset"""

_CHARSET: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_WINDOWS: Final = "windows-1252"
_AS_BROWSERS_READ: Final = {"iso8859-1": _WINDOWS, "ascii": _WINDOWS, "gb2312": "gb18030", "shift_jis": "cp932"}
"""https://encoding.spec.whatwg.org/#names-and-labels"""

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

_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRITTEN: Final = {f"{_WORD}{name}": text for name, text in (("tab", " "), ("br", " "), ("noBreakHyphen", "-"))}
_FOR_OLD_PROGRAMS: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same again, such as the text of a box."""

_OLD_CONTAINER: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of old Word, and of what has a password today."""

_STYLE_LEVEL: Final = re.compile(r"^(?:heading|berschrift|titre|title)\s*(\d)?", re.IGNORECASE)


def read_markup(content: bytes, media_type: MediaType) -> list[Block]:
    """Raises DocumentError, MemoryError."""
    if media_type == DOCX:
        return _word(content)
    text = decoded(content, is_html=media_type == "text/html")
    if len(text) > 4 * MAX_CHARS:
        raise TOO_LONG
    if media_type == "text/html":
        page = _Page()
        page.feed(text)
        page.close()
        page.handle_endtag("table")
        return [block for block in page.blocks if block.text]
    return _lines(text, is_markdown=media_type == "text/markdown")


def decoded(content: bytes, *, is_html: bool) -> str:
    """As UTF-8 or UTF-16 where it is, else as a page says of itself, else as Windows has it. Raises DocumentError for
    what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UNREADABLE from None
    if b"\0" in content:
        raise UNREADABLE
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_told_charset(content) if is_html else _WINDOWS, errors="replace")


def _told_charset(page: bytes) -> str:
    found = _CHARSET.search(page[:CHARSET_WITHIN_BYTES])
    try:
        name = codecs.lookup(found[1].decode()).name if found is not None else _WINDOWS
        "".encode(name)  # some of them are of no text
    except (LookupError, UnicodeError):
        return _WINDOWS
    return _WINDOWS if name.startswith("utf") else _AS_BROWSERS_READ.get(name, name)


def _lines(text: str, *, is_markdown: bool) -> list[Block]:
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


_ROW_ENDS: Final = frozenset({"tr", "table"})


class _Page(HTMLParser):
    """What one reads of a page: no scripts, no navigation."""

    _BLOCKS: Final = frozenset(
        "p div li tr h1 h2 h3 h4 h5 h6 section article table ul ol dt dd br blockquote pre main header footer aside"
        " address figcaption summary".split()
    )
    _UNSEEN: Final = frozenset("script style nav template noscript svg title".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._level = BODY
        self._unseen = 0
        self._cells: list[int] = []
        """Of the row at hand: with which block each begins."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag == "br" and self._level != BODY:
            self._text.append(" ")
        elif tag in self._BLOCKS:
            self.end_block()
            if tag in _ROW_ENDS:
                self._end_row()
            elif re.fullmatch(r"h[1-6]", tag):
                self._level = int(tag[1])
        elif tag in ("td", "th"):
            self.end_block()
            self._cells.append(len(self.blocks))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in self._BLOCKS:
            self.end_block()
            if tag in _ROW_ENDS:
                self._end_row()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)

    def end_block(self) -> None:
        if text := flat("".join(self._text)):
            self.blocks.append(Block(text, self._level))
        self._text.clear()
        self._level = BODY

    def _end_row(self) -> None:
        begins, self._cells = self._cells, []
        cells = [self.blocks[begin:end] for begin, end in pairwise([*begins, len(self.blocks)])]
        if (row := _row(cells)) is not None:
            self.blocks[begins[0] :] = [row]


def _row(cells: Sequence[Sequence[Block]]) -> Block | None:
    """What stands side by side is said together; None: its cells hold more than a line each, as where a table divides
    the page."""
    if len(cells) < 2 or any([block.level for block in cell] not in ([], [BODY]) for cell in cells):
        return None
    return Block(" ".join(block.text for cell in cells for block in cell))


def _word(content: bytes) -> list[Block]:
    if content.startswith(_OLD_CONTAINER):
        raise ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in content else OLD_WORD
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as file:
            xml = file.read(MAX_XML_BYTES + 1)
        if len(xml) > MAX_XML_BYTES:
            raise TOO_LARGE
        if b"<!DOCTYPE" in xml[:4096]:
            raise UNREADABLE
        root = ElementTree.fromstring(xml)  # noqa: S314 - entities need the type that was refused; bounded around
    except (
        zipfile.BadZipFile,
        KeyError,
        ElementTree.ParseError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ):
        raise UNREADABLE from None
    for parent in root.iter():
        for again in parent.findall(_FOR_OLD_PROGRAMS):
            parent.remove(again)
    return [block for block in _word_blocks(root) if block.text]


def _word_blocks(element: ElementTree.Element) -> Iterator[Block]:
    for node in element:
        if node.tag == f"{_WORD}tr":
            cells = [[block for block in _word_blocks(cell) if block.text] for cell in node.iter(f"{_WORD}tc")]
            if (row := _row(cells)) is not None:
                yield row
                continue
        if node.tag == f"{_WORD}p":
            yield Block(flat("".join(_runs(node))), _style_level(node))
        yield from _word_blocks(node)


def _runs(element: ElementTree.Element) -> Iterator[str]:
    """Of a paragraph, without those of boxes in it: they come by themselves."""
    for node in element:
        if node.tag == f"{_WORD}t":
            yield node.text or ""
        elif node.tag != f"{_WORD}p":
            yield _WRITTEN.get(node.tag, "")
            yield from _runs(node)


def _style_level(paragraph: ElementTree.Element) -> int:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    found = _STYLE_LEVEL.match(style.get(f"{_WORD}val", "").lstrip("Üü")) if style is not None else None
    return int(found[1] or 1) if found else BODY
