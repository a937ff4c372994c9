"""Brave Search: ``GET /res/v1/web/search``, key in ``X-Subscription-Token``, at most 20 results and 400 characters."""

import asyncio
import html
import re
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp
import msgspec
from msgspec import Struct

from pipelines.tools.web_search.port import WebResult, WebSearchError

BASE_URL = "https://api.search.brave.com"
MAX_QUERY_CHARS = 400
MAX_RESULTS = 20
MAX_ANSWER_BYTES = 2_000_000
_TAG = re.compile(r"<[^>]{0,40}>")


class _Page(Struct, frozen=True):
    title: str = ""
    url: str = ""
    description: str = ""


class _Web(Struct, frozen=True):
    results: tuple[_Page, ...] = ()


class _Answer(Struct, frozen=True):
    """``web`` is absent when nothing was found."""

    web: _Web = _Web()


class BraveSearch:
    """Implements WebSearch. Made on the event loop's first search, closed by its owner."""

    name = "brave"

    def __init__(self, key: str, base_url: str = BASE_URL, *, timeout_s: float = 4.0) -> None:
        self._headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        self._url = f"{base_url.rstrip('/')}/res/v1/web/search"
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def search(self, query: str, *, limit: int) -> Sequence[WebResult]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        asked = {"q": query[:MAX_QUERY_CHARS], "count": str(min(limit, MAX_RESULTS)), "text_decorations": "false"}
        try:
            async with self._session.get(self._url, params=asked, headers=self._headers) as reply:
                if reply.status != HTTPStatus.OK:
                    raise _refusal(reply.status)
                body = await reply.content.read(MAX_ANSWER_BYTES)
                while len(body) < MAX_ANSWER_BYTES and (more := await reply.content.read(MAX_ANSWER_BYTES - len(body))):
                    body += more
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise WebSearchError("search_unavailable", "The web search did not answer.", retryable=True) from error
        try:
            pages = msgspec.json.decode(body, type=_Answer).web.results
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise WebSearchError("search_unavailable", "The web search answered nonsense.", retryable=True) from error
        return [WebResult(_plain(page.title), page.url, _plain(page.description)) for page in pages[:limit]]

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


def _refusal(status: int) -> WebSearchError:
    passing = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    code = "search_unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "search_refused"
    return WebSearchError(code, f"The web search refused with status {status}.", retryable=passing)


def _plain(text: str) -> str:
    """Snippets come with entities, and with marks around the words that were found."""
    return html.unescape(_TAG.sub("", text))
