"""One streamed reply over HTTP, whoever sends the request: deadlines, decoding, and the connection's release.

Chunks are decoded here, also of the SDK's streams: through the openai SDK's models a token costs 310 us of CPU.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from msgspec import Struct

from pipelines.llm.event_stream import EventStreamDecoder
from pipelines.llm.port import Completed, LlmError, LlmEvent

KEEPALIVE_S = 300.0
"""Idle connections outlive a pause in a conversation; the usual 5 to 15 s cost every turn a TLS handshake."""

MAX_CONNECTIONS = 1000

_RELEASE_S = 0.25
"""A connection whose reply is complete may be used again only when its body was read to the end."""


class Deadlines(Struct, frozen=True):
    """Seconds. ``first_event_s``: from the request to the first text or tool call, comments and thoughts not counted.

    ``silence_s``: between two pieces after that. ``usage_s``: for the token counts, when all else is there.
    """

    connect_s: float = 3.0
    first_event_s: float = 15.0
    silence_s: float = 10.0
    usage_s: float = 1.0


class ReplyReader(Protocol):
    """Turns the data of events into the port's events."""

    @property
    def is_over(self) -> bool:
        """Nothing more is to come."""

    @property
    def is_finished(self) -> bool:
        """The reply is whole; only token counts may be missing."""

    def read(self, data: bytes) -> list[LlmEvent]:
        """Raises LlmError."""

    def completed(self) -> Completed:
        """Raises LlmError when the reply is not whole."""


class RawResponse(Protocol):
    """A streamed response whose status was success."""

    def iter_bytes(self) -> AsyncIterator[bytes]: ...


async def read_reply(
    provider: str,
    request: AbstractAsyncContextManager[RawResponse],
    reader: ReplyReader,
    deadlines: Deadlines,
    broken: type[Exception],
) -> AsyncIterator[LlmEvent]:
    """Events of the reply, ``Completed`` last. Closing it closes the HTTP stream.

    ``broken``: what the HTTP client raises when a connection fails. Raises LlmError, and what ``request`` raises else.
    """
    clock = asyncio.get_running_loop().time
    due = clock() + deadlines.first_event_s
    decoder = EventStreamDecoder()
    said_any = False
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout_at(due):
                response = await stack.enter_async_context(request)
            pieces = response.iter_bytes()
            while not reader.is_over:
                async with asyncio.timeout_at(due):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                for data in decoder.feed(piece):
                    for event in reader.read(data):
                        said_any = True
                        yield event
                if said_any or reader.is_finished:
                    due = clock() + (deadlines.usage_s if reader.is_finished else deadlines.silence_s)
            await _release(pieces, broken)
        except TimeoutError:
            if not reader.is_finished:
                raise LlmError("llm_timeout", f"{provider} went silent", retryable=True) from None
        except (broken, ssl.SSLError, OSError) as error:
            if not reader.is_finished:
                raise connection_lost(provider, error) from None
    yield reader.completed()


def connection_lost(provider: str, error: BaseException | None) -> LlmError:
    """The SDKs' aiohttp transport calls every refused connection a timeout: the first cause tells which it was."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return LlmError("llm_timeout", f"{provider} could not be reached in time", retryable=True)
        error = error.__cause__
    return LlmError("llm_connection_lost", f"the connection to {provider} failed", retryable=True)


async def _release(pieces: AsyncIterator[bytes], broken: type[Exception]) -> None:
    try:
        async with asyncio.timeout(_RELEASE_S):
            async for _ in pieces:
                pass
    except (TimeoutError, broken, OSError):
        return  # it is closed instead
