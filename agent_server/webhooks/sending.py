"""One attempt: a request with a deadline, of whose answer little is read. Redirects are failures."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from agent_server.webhooks.addresses import Reach
from agent_server.webhooks.deciding import Answer
from pipelines.tools.tech_stack.guard import AddressRefused, GuardedResolver, may_name

TIMEOUT_S: Final = 15.0
ANSWER_S: Final = 1.0
"""For what is read of the answer's body: its status alone decides."""

ANSWER_CHARS: Final = 500
_ANSWER_BYTES: Final = 4 * ANSWER_CHARS
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "sales-agent/1.0 (webhooks)"}


async def send(
    url: str, headers: Mapping[str, str], body: bytes, reach: Reach, *, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Errors are ``address_not_allowed``, ``tls_failed``, ``unreachable``, ``timed_out`` and ``broken_answer``."""
    began = time.perf_counter()
    answer = await _answer(URL(url), headers, body, reach, timeout_s)
    return Answer(
        status=answer.status,
        error=answer.error,
        retry_after=answer.retry_after,
        text=answer.text,
        latency_ms=round((time.perf_counter() - began) * 1000, 1),
    )


async def _answer(url: URL, headers: Mapping[str, str], body: bytes, reach: Reach, timeout_s: float) -> Answer:
    guard = reach.guard(url.scheme)
    if not may_name(url.host or "", guard):
        return Answer(error="address_not_allowed")
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(guard), use_dns_cache=False, force_close=True)
    try:
        async with (
            asyncio.timeout(timeout_s),
            aiohttp.ClientSession(
                connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            ) as session,
            session.post(url, data=body, headers={**_HEADERS, **headers}, allow_redirects=False) as reply,
        ):
            return Answer(
                status=reply.status, retry_after=reply.headers.get(hdrs.RETRY_AFTER), text=await _beginning(reply)
            )
    except TimeoutError:
        return Answer(error="timed_out")
    except aiohttp.ClientSSLError:
        return Answer(error="tls_failed")
    except aiohttp.ClientConnectorError as error:
        refused = isinstance(error.os_error, AddressRefused)
        return Answer(error="address_not_allowed" if refused else "unreachable")
    except aiohttp.ClientConnectionError:
        return Answer(error="unreachable")
    except (aiohttp.ClientError, ValueError):
        return Answer(error="broken_answer")


async def _beginning(reply: aiohttp.ClientResponse) -> str | None:
    """Of the body, as far as it comes in time. NUL is no text for a database."""
    got = bytearray()
    try:
        async with asyncio.timeout(ANSWER_S):
            while len(got) < _ANSWER_BYTES and (chunk := await reply.content.read(_ANSWER_BYTES - len(got))):
                got += chunk
    except (TimeoutError, aiohttp.ClientError):
        pass
    return got.decode("utf-8", "replace").replace("\0", "")[:ANSWER_CHARS] or None
