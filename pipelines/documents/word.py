"""Word documents (.docx) as blocks."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree

from pipelines.documents.lines import is_title
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

_HEADING: Final = re.compile(r"^(?:heading|title)\s*(\d)?", re.IGNORECASE)
_MOST_BASES: Final = 10
_BOLD: Final = 6
"""The level of a short paragraph that is bold, as of people who use no styles."""

Styles = Mapping[str, tuple[str, str]]
"""By its id a style's name, which is English in every language's Word, and the id of the one it is made from."""


def word_blocks(content: bytes) -> list[Block]:
    """Raises DocumentError."""
    if content.startswith(_OLD_CONTAINER):
        raise ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in content else OLD_WORD
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = _part(archive, "word/document.xml")
            named = "word/styles.xml" in archive.namelist()
            styles = _styles(_part(archive, "word/styles.xml")) if named else {}
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
        if parent.find(_FOR_OLD_PROGRAMS) is not None:
            parent[:] = [child for child in parent if child.tag != _FOR_OLD_PROGRAMS]
    return list(_blocks(root, styles))


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as file:
        xml = file.read(MAX_XML_BYTES + 1)
    if len(xml) > MAX_XML_BYTES:
        raise TOO_LARGE
    if b"<!DOCTYPE" in xml[:4096]:
        raise UNREADABLE
    return ElementTree.fromstring(xml)  # noqa: S314 - entities need the type that was refused; bounded around


def _styles(root: ElementTree.Element) -> Styles:
    return {
        style.get(f"{_WORD}styleId", ""): (_value(style, "name"), _value(style, "basedOn"))
        for style in root.iter(f"{_WORD}style")
    }


def _value(element: ElementTree.Element, path: str) -> str:
    found = element.find("/".join(f"{_WORD}{tag}" for tag in path.split("/")))
    return found.get(f"{_WORD}val", "") if found is not None else ""


def _blocks(element: ElementTree.Element, styles: Styles) -> Iterator[Block]:
    for node in element:
        if node.tag == f"{_WORD}tr":
            yield from row_of([list(_blocks(cell, styles)) for cell in node])
            continue
        if node.tag == f"{_WORD}p" and (text := flat("".join(_runs(node)))):
            level = _level(_value(node, "pPr/pStyle"), styles)
            yield Block(text, _BOLD if level == BODY and is_title(text) and _is_bold(node) else level)
        yield from _blocks(node, styles)


def _runs(element: ElementTree.Element) -> Iterator[str]:
    """Of a paragraph, without those of boxes in it: they come by themselves."""
    for node in element:
        if node.tag == f"{_WORD}t":
            yield node.text or ""
        elif node.tag != f"{_WORD}p":
            yield _WRITTEN.get(node.tag, "")
            yield from _runs(node)


def _is_bold(paragraph: ElementTree.Element) -> bool:
    runs = [run for run in paragraph.iter(f"{_WORD}r") if run.find(f"{_WORD}t") is not None]
    return all(
        run.find(f"{_WORD}rPr/{_WORD}b") is not None and _value(run, "rPr/b") not in ("0", "false") for run in runs
    )


def _level(style: str, styles: Styles) -> int:
    for _ in range(_MOST_BASES):
        name, base = styles.get(style, (style, ""))
        if found := _HEADING.match(name):
            return int(found[1] or 1)
        style = base
    return BODY
