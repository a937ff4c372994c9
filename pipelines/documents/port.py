"""What is read of a document, and how it can fail."""

from typing import Final, Literal

from msgspec import Struct

MediaType = Literal[
    "application/pdf",
    "text/plain",
    "text/markdown",
    "text/html",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
]
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PACKED: Final = frozenset(("application/pdf", DOCX))
"""A few bytes of them may hold much, honestly. Of the others a million characters are read in a second."""

MAX_PAGES: Final = 500
MAX_CHARS: Final = 1_000_000
"""Of its text; a thousand topics have as many at most."""

BODY: Final = 0
"""The level of a block that is no heading."""


class Block(Struct, frozen=True, array_like=True):
    """A paragraph, or a heading of ``level`` 1 (highest) to 6."""

    text: str
    level: int = BODY


class DocumentSection(Struct, frozen=True):
    """``title`` is how it is asked for, ``text`` short sentences."""

    title: str
    text: str


class ReadDocument(Struct, frozen=True):
    """``pages`` None: it has none. ``text``: all of it, a line a paragraph."""

    pages: int | None
    text: str
    sections: tuple[DocumentSection, ...]


class DocumentError(Exception):
    """The document cannot be read. ``retryable``: another try may do better."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


TOO_MANY_PAGES: Final = DocumentError("document_too_many_pages", f"It has more than {MAX_PAGES} pages: upload parts.")
TOO_LONG: Final = DocumentError("document_too_long", f"It has more than {MAX_CHARS} characters: upload parts.")
TOO_LARGE: Final = DocumentError("document_too_large", "Reading it takes more memory than a document may have.")
TOO_SLOW: Final = DocumentError("document_too_slow", "Reading it takes longer than a document may take: upload parts.")
UNREADABLE: Final = DocumentError("document_unreadable", "The file is damaged, or not what it is called.")
ENCRYPTED: Final = DocumentError("document_encrypted", "It opens with a password only: save it without one.")
OLD_WORD: Final = DocumentError("document_unreadable", "It was made by an old Word: save it as .docx or PDF.")
WITHOUT_TEXT: Final = DocumentError(
    "document_without_text", "It has no text. If its pages are pictures (a scan), have the text recognised first."
)
