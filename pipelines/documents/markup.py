"""Text, Markdown, HTML and Word documents as blocks. All of the standard library."""

import codecs
import re
from typing import Final

from pipelines.documents.code_page import WESTERN, code_page_of
from pipelines.documents.lines import line_blocks
from pipelines.documents.page import page_blocks
from pipelines.documents.port import DOCX, MAX_CHARS, TOO_LONG, UNREADABLE, Block, MediaType
from pipelines.documents.word import word_blocks

CHARSET_WITHIN_BYTES: Final = 1024
"""https://html.spec.whatwg.org/multipage/semantics.html#charset"""

_CHARSET: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_AS_BROWSERS_READ: Final = {"iso8859-1": WESTERN, "ascii": WESTERN, "gb2312": "gb18030", "shift_jis": "cp932"}
"""https://encoding.spec.whatwg.org/#names-and-labels"""


def read_markup(content: bytes, media_type: MediaType) -> list[Block]:
    """Raises DocumentError, MemoryError."""
    if media_type == DOCX:
        return word_blocks(content)
    text = decoded(content, is_html=media_type == "text/html")
    if len(text) > 4 * MAX_CHARS:
        raise TOO_LONG
    if media_type == "text/html":
        return page_blocks(text)
    return line_blocks(text, is_markdown=media_type == "text/markdown")


def decoded(content: bytes, *, is_html: bool) -> str:
    """As UTF-8 or UTF-16 where it is, else as a page says of itself, else as Windows has it, by a guess. Raises
    DocumentError for what is no text."""
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
        charset = (_told_charset(content) if is_html else None) or code_page_of(content)
        return content.decode(charset, errors="replace")


def _told_charset(page: bytes) -> str | None:
    found = _CHARSET.search(page[:CHARSET_WITHIN_BYTES])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode()).name
        "".encode(name)  # some of them are of no text
    except (LookupError, UnicodeError):
        return None
    return None if name.startswith("utf") else _AS_BROWSERS_READ.get(name, name)
