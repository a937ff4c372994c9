"""One page of a company's site, within bounds: public addresses, few redirects, little time, limited size.

A name is resolved once for each connection, what it resolves to is checked, and the connection goes to just that
address: a name that answers differently the second time gains nothing. Each redirect is checked like the first URL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

import aiohttp
from msgspec import Struct
from yarl import URL

from pipelines.tools.port import ToolError
from pipelines.tools.tech_stack.guard import AddressRefused, Guard, GuardedResolver, may_name

MAX_BYTES: Final = 1_000_000
MAX_REDIRECTS: Final = 4
TIMEOUT_S: Final = 5.0
_HEADERS: Final = {"User-Agent": "sales-agent/1.0 (reads the start page once)", "Accept": "text/html,*/*;q=0.5"}


class Page(Struct, frozen=True):
    """``headers`` by lower-case name, the first of each; ``cookies`` are names alone."""

    url: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str


class Fetched(Struct, frozen=True):
    """As ``Page``, whatever was sent; ``body`` is cut at the bound."""

    url: str
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes


class Bounds(Struct, frozen=True):
    """Of one request, redirects included."""

    timeout_s: float = TIMEOUT_S
    max_bytes: int = MAX_BYTES
    max_redirects: int = MAX_REDIRECTS


Asks = Callable[[URL], Awaitable[bool]]
"""Whether an address may be asked for, looked at before each redirect as well."""


async def fetch(address: str, guard: Guard = Guard()) -> Page:  # noqa: B008 - a value
    """The page at a URL or domain. Raises ToolError ``invalid_arguments``, ``address_not_allowed``,
    ``site_unreachable``."""
    got = await get(address, guard, headers=_HEADERS)
    return Page(url=got.url, headers=got.headers, cookies=got.cookies, text=got.body.decode("utf-8", "replace"))


async def get(
    address: str,
    guard: Guard,
    *,
    headers: Mapping[str, str],
    bounds: Bounds = Bounds(),  # noqa: B008 - a value
    asks: Asks | None = None,
) -> Fetched:
    """What is at a URL or domain, with any status. Raises as ``fetch`` does, and ToolError ``not_allowed`` where
    ``asks`` says no."""
    url = _first_url(address)
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(guard), use_dns_cache=False, force_close=True)
    try:
        async with (
            asyncio.timeout(bounds.timeout_s),
            aiohttp.ClientSession(
                connector=connector, headers=headers, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
        ):
            return await _follow(session, url, guard, bounds, asks)
    except _NotAllowed:
        raise ToolError("address_not_allowed", "That address is not on the public internet.") from None
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, AddressRefused):
            raise ToolError("address_not_allowed", "That address is not on the public internet.") from None
        raise _unreachable() from None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise _unreachable() from None


class _NotAllowed(Exception):  # noqa: N818 - names the fact
    pass


async def _follow(session: aiohttp.ClientSession, url: URL, guard: Guard, bounds: Bounds, asks: Asks | None) -> Fetched:
    for _ in range(bounds.max_redirects + 1):
        _check(url, guard)
        if asks is not None and not await asks(url):
            raise ToolError("not_allowed", "The site does not want that to be read by programs.")
        async with session.get(url, allow_redirects=False) as reply:
            if reply.status in _REDIRECTS and (place := reply.headers.get("Location")):
                url = url.join(URL(place))
                continue
            return Fetched(
                url=str(reply.url),
                status=reply.status,
                headers={name.lower(): reply.headers[name] for name in reversed(list(reply.headers))},
                cookies=tuple(reply.cookies),
                body=await _read(reply, bounds.max_bytes),
            )
    raise _unreachable()


_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


def _check(url: URL, guard: Guard) -> None:
    """An address written as such never meets the resolver, so it is looked at here."""
    if url.scheme not in ("http", "https") or url.port not in guard.ports or url.user or url.password or not url.host:
        raise _NotAllowed
    if not may_name(url.host, guard):
        raise _NotAllowed


async def _read(reply: aiohttp.ClientResponse, most: int) -> bytes:
    """Up to the bound, decompressed: a small body that unpacks without end is cut like a long one."""
    body = bytearray()
    async for chunk in reply.content.iter_chunked(16_384):
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _first_url(address: str) -> URL:
    text = address.strip()
    try:
        url = URL(text if "://" in text else f"https://{text}")
    except ValueError:
        url = URL()
    if not url.host:
        raise ToolError("invalid_arguments", "That is no web address.")
    return url


def _unreachable() -> ToolError:
    return ToolError("site_unreachable", "The site did not answer.", retryable=True)
