"""The port of knowledge: a question in, the passages that answer it out."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class Passage(Struct, frozen=True):
    """A piece of knowledge that answers a query; ``score``, 0 to 1, is the share of the query's meaning it covers.
    ``language``: the ISO 639-1 code of the one it was read as."""

    title: str
    text: str
    score: float
    language: str = "en"


class Knowledge(Protocol):
    """Searchable knowledge, shared by all conversations of the process. Searching never blocks."""

    @property
    def subject(self) -> str:
        """What it is about, such as the product's name; "" where nobody said."""

    @property
    def is_example(self) -> bool:
        """Whether it is of a made-up product."""

    @property
    def languages(self) -> Sequence[str]:
        """ISO 639-1 codes of those it is in, the commonest first. What is asked in another is not found."""

    def search(self, query: str, limit: int = 3) -> list[Passage]:
        """The best passages, best first; empty when nothing is relevant."""


class KnowledgeError(Exception):
    """Knowledge could not be loaded. Trying again without changing it does not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
