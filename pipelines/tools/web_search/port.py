"""The port every web search implements."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class WebResult(Struct, frozen=True):
    """One page found. Title and snippet are plain text that others wrote."""

    title: str
    url: str
    snippet: str


class WebSearchError(Exception):
    """The provider refused or did not answer. ``code``: ``search_refused`` (key or quota), ``search_unavailable``."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class WebSearch(Protocol):
    @property
    def name(self) -> str: ...

    async def search(self, query: str, *, limit: int) -> Sequence[WebResult]:
        """Best first. Raises WebSearchError."""

    async def aclose(self) -> None: ...
