"""The WebSocket to the server: opening it, and what its refusals mean."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from agent_server.cli.calling.door import is_loopback

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0
PING_INTERVAL_S = 10.0
PING_TIMEOUT_S = 10.0
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
UNREAD_MESSAGES = 256
"""Messages taken from the network before they are looked at; past this the server has to wait."""


class ConnectError(Exception):
    """The door did not open. ``code`` is the server's own where it gave one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@asynccontextmanager
async def open_connection(url: str, api_key: str | None) -> AsyncIterator[ClientConnection]:
    """Connect, and close at the end of the block. Raises ConnectError."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        connection = await connect(
            url,
            additional_headers=headers,
            compression=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=UNREAD_MESSAGES,
            proxy=None if is_loopback(url) else True,  # of the environment; none leads back to this machine
        )
    except InvalidStatus as error:
        raise _refusal(error.response.status_code, bytes(error.response.body or b""), url) from error
    except TimeoutError as error:
        raise ConnectError("connect_timeout", f"{url} did not answer within {OPEN_TIMEOUT_S:.0f} s.") from error
    except (OSError, InvalidURI, InvalidHandshake, EOFError) as error:
        message = f"Cannot connect to {url}: {_cause(error)}. Is the server running?"
        raise ConnectError("cannot_connect", message) from error
    try:
        yield connection
    finally:
        await asyncio.shield(connection.close())


def _cause(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return error.strerror or "the name is not known"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error).rstrip(".") or type(error).__name__


def _refusal(status: int, body: bytes, url: str) -> ConnectError:
    """The server's own words, if it sent any, and what to do about the usual ones."""
    try:
        error: Any = msgspec.json.decode(body)["error"]
        code, message = str(error["code"] or f"http_{status}"), str(error["message"])
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError):
        code, message = f"http_{status}", f"{url} answered with HTTP status {status}."
    if status == 401:
        message += " Give a key with --api-key or SALES_AGENT_API_KEY."
    return ConnectError(code, message)
