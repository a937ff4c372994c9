"""A PDF as lines, by their place on the page; ``pdf_layout`` makes paragraphs and headings of them."""

import io
import math
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError

from pipelines.documents.pdf_layout import Line, PageLines, blocks_of
from pipelines.documents.port import (
    ENCRYPTED,
    MAX_CHARS,
    MAX_PAGES,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY_PAGES,
    UNREADABLE,
    Block,
    DocumentError,
)

CELL_GAP: Final = 1.5
"""In heights of letters: text that begins so far right of the text before it is another cell of a table."""

LETTER_WIDTH: Final = 0.62
"""Of their height, rather too much: most are narrower, and a gap within a sentence must not count."""

_MEANT: Final = ("<super>", "<sub>", "<fraction>")
"""Square metres, notes and halves are no plain figures."""


def read_pdf(content: bytes) -> tuple[int, list[Block]]:
    """The number of pages, and what is on them. Raises DocumentError, MemoryError."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ENCRYPTED
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise TOO_MANY_PAGES
        pages = []
        chars = 0
        for page in reader.pages:
            lines = _lines(page)
            chars += sum(len(line.text) for line in lines)
            if chars > MAX_CHARS:
                raise TOO_LONG
            slide_width = float(page.mediabox.width) if page.mediabox.width > page.mediabox.height else None
            pages.append(PageLines(lines, slide_width))
    except (DocumentError, MemoryError):
        raise
    except LimitReachedError:
        raise TOO_LARGE from None
    except (PyPdfError, Exception) as error:  # a hostile file reaches every corner of the library
        raise UNREADABLE from error
    return count, blocks_of(pages)


def _lines(page: Any) -> list[Line]:
    lines: list[Line] = []
    fresh = True
    ends_at = 0.0

    def take(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, font_size: float) -> None:
        nonlocal fresh, ends_at
        for number, piece in enumerate(text.split("\n")):
            fresh = fresh or number > 0
            if not piece.strip():
                if not fresh and piece:
                    lines[-1].text += " "
                continue
            size = font_size * math.hypot(cm[2], cm[3]) * math.hypot(tm[2], tm[3])
            left = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
            bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
            if fresh:
                bottom = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
                lines.append(Line(piece, round(size, 1), bold, bottom))
                fresh = False
            else:
                line = lines[-1]
                line.text += piece
                line.bold = line.bold and bold
                line.is_row = line.is_row or left - ends_at > CELL_GAP * size
            ends_at = left + LETTER_WIDTH * size * len(piece)

    page.extract_text(visitor_text=take)
    for line in lines:
        line.text = plain(line.text)
    return [line for line in lines if line.text]


def plain(text: str) -> str:
    """Ligatures as letters, soft hyphens and control characters gone; square metres stay."""
    letters = "".join(_plain_letter(letter) for letter in unicodedata.normalize("NFC", text)).replace("\u00ad", "")
    return " ".join("".join(c if c.isprintable() else " " for c in letters).split())


def _plain_letter(letter: str) -> str:
    if letter.isascii() or unicodedata.decomposition(letter).startswith(_MEANT):
        return letter
    return unicodedata.normalize("NFKC", letter)
