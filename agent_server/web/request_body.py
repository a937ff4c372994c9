"""Reads a request's raw body, which may come from anybody: bounded in size and time."""

import asyncio

from aiohttp import web

from agent_server.web.errors import Problem

BODY_TIMEOUT_S = 20.0
"""A client that takes longer to send a body of this size is stuck, or wants to keep us waiting."""


async def read_body(request: web.Request, *, max_bytes: int) -> bytes:
    """Raises Problem 413 or 408."""
    too_large = Problem(413, "body_too_large", f"The body may have {max_bytes} bytes.")
    if (request.content_length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise Problem(408, "request_timeout", "The body took too long to arrive.") from None
    return bytes(body)
