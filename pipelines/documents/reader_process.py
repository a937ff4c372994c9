"""Reads one document, given on standard input after a line that says what it is, and prints what is in it.

It is a program of its own because files come from anybody: it has bounded memory and processor time, no keys in its
environment, and whatever happens to it happens to nobody else.
"""

import contextlib
import logging
import os
import resource
import sys
from typing import BinaryIO, Final

import msgspec

from pipelines.documents.markup import read_markup
from pipelines.documents.port import (
    MAX_CHARS,
    PACKED,
    TOO_LARGE,
    TOO_LONG,
    UNREADABLE,
    WITHOUT_TEXT,
    DocumentError,
    MediaType,
    ReadDocument,
)
from pipelines.documents.sections import sections_of

MEMORY_BYTES: Final = 768 * 1024 * 1024
CPU_S: Final = 60
TEXT_CPU_S: Final = 10
"""Of what is not packed. Nothing honest comes near."""

NICENESS: Final = 15
"""Calls go before."""


class Order(msgspec.Struct):
    """The first line."""

    media_type: MediaType
    name: str


class Refusal(msgspec.Struct):
    code: str
    message: str


def read(content: bytes, order: Order) -> ReadDocument:
    """Raises DocumentError, MemoryError."""
    pages: int | None = None
    if order.media_type == "application/pdf":
        from pipelines.documents.pdf import read_pdf  # noqa: PLC0415 - only PDFs need the library

        pages, blocks = read_pdf(content)
    else:
        blocks = read_markup(content, order.media_type)
    text = "\n".join(block.text for block in blocks)
    if len(text) > MAX_CHARS:
        raise TOO_LONG
    if not any(letter.isalpha() for letter in text):
        raise WITHOUT_TEXT
    return ReadDocument(pages, text, sections_of(blocks, order.name))


def main(source: BinaryIO, sink: BinaryIO) -> None:
    _bound()
    logging.disable()  # a library's complaints may quote the document
    result: ReadDocument | Refusal
    try:
        order = msgspec.json.decode(source.readline(), type=Order)
        if order.media_type not in PACKED:
            _bound_to(resource.RLIMIT_CPU, TEXT_CPU_S)
        result = read(source.read(), order)
    except DocumentError as error:
        result = Refusal(error.code, str(error))
    except MemoryError:
        result = Refusal(TOO_LARGE.code, str(TOO_LARGE))
    except RecursionError:
        result = Refusal(UNREADABLE.code, str(UNREADABLE))
    sink.write(msgspec.json.encode(result))
    sink.flush()


def _bound() -> None:
    with contextlib.suppress(OSError, ValueError):
        os.nice(NICENESS)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _bound_to(what, most)


def _bound_to(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):  # not every system knows every bound
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
