"""HTML as blocks. Read by libxml2, which takes time in proportion to the length of whatever it is given."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from lxml import etree

from pipelines.documents.port import BODY, Block
from pipelines.documents.rows import row_of
from pipelines.documents.spoken import flat

_SUMMARY: Final = 6
"""Level of what stands over what one opens, as questions often do."""


def page_blocks(text: str) -> list[Block]:
    page = _Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)
    parser.feed(text.encode("utf-8", "replace"))
    parser.close()
    return page.blocks


class _Page:
    """What one reads of a page: no scripts, no navigation. Told of tags and text, as lxml has it."""

    _BLOCKS: Final = frozenset(
        "p div li tr h1 h2 h3 h4 h5 h6 section article table ul ol dt dd br blockquote pre main header footer aside"
        " address figcaption summary".split()
    )
    _ROWS: Final = frozenset({"tr", "table"})
    _UNSEEN: Final = frozenset("script style nav template noscript svg title button select textarea label".split())

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._level = BODY
        self._unseen = 0
        self._cells: list[int] = []
        """Of the row at hand: with which block each begins."""

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag == "br" and self._level != BODY:
            self._text.append(" ")
        elif tag in self._BLOCKS:
            self._end_block()
            if tag in self._ROWS:
                self._end_row()
            elif re.fullmatch(r"h[1-6]", tag):
                self._level = int(tag[1])
            elif tag == "summary":
                self._level = _SUMMARY
        elif tag in ("td", "th"):
            self._end_block()
            self._cells.append(len(self.blocks))

    def end(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in self._BLOCKS and tag != "br":  # it is told of as soon as it begins
            self._end_block()
            if tag in self._ROWS:
                self._end_row()

    def close(self) -> None:
        self.end("table")

    def data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)

    def _end_block(self) -> None:
        if text := flat("".join(self._text)):
            self.blocks.append(Block(text, self._level))
        self._text.clear()
        self._level = BODY

    def _end_row(self) -> None:
        if begins := self._cells:
            cells = [self.blocks[begin:end] for begin, end in pairwise([*begins, len(self.blocks)])]
            self.blocks[begins[0] :] = row_of(cells)
            self._cells = []
