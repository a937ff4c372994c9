"""Word documents (.docx) as blocks."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from pipelines.documents.port import BODY, ENCRYPTED, OLD_WORD, TOO_LARGE, UNREADABLE, Block
from pipelines.documents.rows import row_of
from pipelines.documents.spoken import flat

MAX_XML_BYTES: Final = 50 * 1024 * 1024
"""Of the text, unpacked."""

_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRITTEN: Final = {f"{_WORD}{name}": text for name, text in (("tab", " "), ("br", " "), ("noBreakHyphen", "-"))}
_FOR_OLD_PROGRAMS: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same again, such as the text of a box."""

_OLD_CONTAINER: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of old Word, and of what has a password today."""

_STYLE_LEVEL: Final = re.compile(r"^(?:heading|berschrift|titre|title)\s*(\d)?", re.IGNORECASE)


def word_blocks(content: bytes) -> list[Block]:
    """Raises DocumentError."""
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
    return list(_blocks(root))


def _blocks(element: ElementTree.Element) -> Iterator[Block]:
    for node in element:
        if node.tag == f"{_WORD}tr":
            yield from row_of([list(_blocks(cell)) for cell in node])
            continue
        if node.tag == f"{_WORD}p" and (text := flat("".join(_runs(node)))):
            yield Block(text, _style_level(node))
        yield from _blocks(node)


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
