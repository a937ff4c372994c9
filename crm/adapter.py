"""The one place that speaks HTTP to CRM vendors: deadlines, bounds, and transport faults as coded errors.

Nothing here is logged: method, path and status are the caller's to report; bodies, queries and headers hold customers'
data and secrets.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import ClientWebSocketResponse
from msgspec import Struct

from crm.errors import BadAnswer, DeadlineExceeded, GiveUp, ProviderUnavailable
from crm.http import Request, Response


class AdapterLimits(Struct, frozen=True):
    """Bounds of one exchange. At ``max_connections`` further requests wait for a free one, within their deadline."""

    connect_timeout_s: float = 5.0
    max_body_bytes: int = 16 * 1024 * 1024
    max_connections: int = 20


class HttpAdapter:
    """A shared pool of connections. Close it with ``aclose``; it may be built only inside a running event loop."""

    def __init__(self, limits: AdapterLimits | None = None) -> None:
        self._limits = limits or AdapterLimits()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._limits.max_connections, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"user-agent": "sales-agent", "accept": "application/json"},
            auto_decompress=True,
        )

    async def exchange(self, request: Request, *, timeout_s: float) -> Response:
        """Send ``request`` (absolute URL) and read the whole answer. Raises ProviderUnavailable, DeadlineExceeded,
        BadAnswer for one that is too large, and GiveUp for an address that is none.

        Redirects are answers, not followed: credentials go to the host they were made for and no other.
        """
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=self._limits.connect_timeout_s)
        try:
            async with self._session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body or None,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                body = await self._read(answer)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Response(status=answer.status, headers=headers, body=body)
        except aiohttp.InvalidURL as error:
            raise GiveUp("invalid_base_url", "the provider's base address is not a URL") from error
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise ProviderUnavailable("provider_unreachable", "no connection to the provider") from error
        except TimeoutError as error:
            raise DeadlineExceeded(
                "provider_timeout", f"no answer within {timeout_s:.1f} s", outcome="unknown"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            # the line broke somewhere between the request's first byte and the answer's last
            raise ProviderUnavailable(
                "connection_dropped", "the connection broke before the answer was whole", outcome="unknown"
            ) from error

    @asynccontextmanager
    async def socket(
        self, url: str, *, timeout_s: float, max_message_bytes: int
    ) -> AsyncIterator[ClientWebSocketResponse]:
        """A WebSocket (to a remote browser), closed at the end. Raises ProviderUnavailable."""
        timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._session.ws_connect(url, timeout=timeout, max_msg_size=max_message_bytes)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ProviderUnavailable("provider_unreachable", "no connection to the remote browser") from error
        try:
            yield line
        finally:
            await line.close()

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._limits.max_body_bytes:
                answer.close()
                raise BadAnswer(
                    "answer_too_large", f"more than {self._limits.max_body_bytes} bytes of answer", outcome="unknown"
                )
        return bytes(body)

    async def aclose(self) -> None:
        await self._session.close()
