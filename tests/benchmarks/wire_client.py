"""A WebSocket client that costs next to nothing: what it sends is encoded beforehand, what it gets is only cut apart.

A hundred callers share one core with the simulated providers and the database; through aiohttp each frame would cost
them about what it costs the server that is measured. RFC 6455; no extensions, no fragments.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from urllib.parse import urlsplit

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_CONNECT_S = 15.0
_SHOWN_BYTES = 200
"""Of what the server says when it refuses."""


class LineClosedError(Exception):
    """The server ended the connection."""


class RefusedError(LineClosedError):
    """The server takes no conversation: it says that it is busy."""


def text_frame(text: str) -> bytes:
    """A whole frame, ready for the wire."""
    return _frame(_TEXT, text.encode())


def _frame(opcode: int, payload: bytes) -> bytes:
    """A mask of zeros leaves the payload as it is: masking protects proxies, of which there are none here."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


class WireClient(asyncio.Protocol):
    """One connection. ``on_text`` gets each text message; ``on_close`` is told once when the line is gone."""

    def __init__(self, on_text: Callable[[bytes], None], on_close: Callable[[], None]) -> None:
        self._on_text = on_text
        self._on_close = on_close
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._shaken = False
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(
        cls, url: str, key: str, on_text: Callable[[bytes], None], on_close: Callable[[], None]
    ) -> "WireClient":
        """Raises RefusedError, LineClosedError, OSError or TimeoutError."""
        address = urlsplit(url)
        client = cls(on_text, on_close)
        async with asyncio.timeout(_CONNECT_S):
            await asyncio.get_running_loop().create_connection(lambda: client, address.hostname, address.port)
            path = f"{address.path}?{address.query}" if address.query else address.path
            client.send(
                (
                    f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
                    f"Authorization: Bearer {key}\r\n\r\n"
                ).encode()
            )
            await client._open
        return client

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.write(_frame(_CLOSE, (1000).to_bytes(2, "big")))
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self._open.done():
            self._open.set_exception(LineClosedError("closed during the handshake"))
        self._on_close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._shaken and not self._shake():
            return
        self._read_frames()

    def _shake(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = bytes(self._received[: self._received.find(b"\r\n")]).decode()
        del self._received[: end + 4]
        if " 101 " not in status:
            if not self._open.done():
                body = bytes(self._received[:_SHOWN_BYTES]).decode(errors="replace")
                refusal = RefusedError if " 503 " in status else LineClosedError
                self._open.set_exception(refusal(f"{status} {body}"))
            return False
        self._shaken = True
        self._open.set_result(None)
        return True

    def _read_frames(self) -> None:
        received, at = self._received, 0
        while len(received) >= at + 2:
            opcode, size, start = received[at] & 15, received[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if len(received) < start + width:
                    break
                size = int.from_bytes(received[start : start + width], "big")
                start += width
            if len(received) < start + size:
                break
            at = start + size
            self._take(opcode, bytes(received[start:at]))
        del received[:at]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._on_text(payload)
        elif opcode == _PING:
            self.send(_frame(_PONG, payload))
        elif opcode == _CLOSE and self._transport is not None:
            self._transport.close()
