"""Keeps messages that are too large from being put together at all.

aiohttp gathers a message, unmasks it and makes it text in one go: with 20 MiB, 60 to 80 ms in which no other caller is
served. The gate stands before its parser, lets through what is small enough byte by byte, and drops the payload of a
larger frame as it comes; a small event in its place tells how much that was. Frames: RFC 6455, section 5.2.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec
from msgspec import Struct

from agent_server.realtime.client_events import MessageDropped

CEILING_BYTES = 32 * 1024 * 1024
"""A larger frame is not waited for to its end."""

_FIN, _MASKED, _OPCODE, _LENGTH = 0x80, 0x80, 0x0F, 0x7F
_CONTINUATION, _TEXT, _CONTROL = 0x0, 0x1, 0x8
_TOO_LONG = bytes([_FIN | _CONTINUATION, 127]) + (2**62).to_bytes(8, "big")
"""A header that every parser with a limit refuses (close code 1009)."""


class Parser(Protocol):
    """aiohttp's ``WebSocketReader``, as its protocol calls it."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]: ...

    def feed_eof(self) -> None: ...


class _Header(Struct, frozen=True):
    is_final: bool
    opcode: int
    size: int
    """Of the header itself, the mask included."""
    length: int


class MessageGate:
    """``max_bytes`` of a message, 64 KiB or more, are let through. Larger frames below ``ceiling`` are dropped and
    told of; those above, and fragments that add up to too much, end the connection."""

    def __init__(self, parser: Parser, *, max_bytes: int, ceiling: int) -> None:
        self._parser = parser
        self._max_bytes = max_bytes
        self._ceiling = ceiling
        self._begun = b""
        """A header that has not come whole."""
        self._left = 0
        """Payload of the present frame still to come."""
        self._dropping = False
        self._fragments = 0
        """Bytes of the message that is coming in fragments."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        if not self._left and not self._begun and self._is_one_small_frame(data):
            return self._parser.feed_data(data)
        for piece in self._passing(bytes(data)):
            is_over, rest = self._parser.feed_data(piece)
            if is_over:
                return is_over, rest
        return False, b""

    def feed_eof(self) -> None:
        self._parser.feed_eof()

    @staticmethod
    def _is_one_small_frame(data: bytes) -> bool:
        """The common case, told without looking closer: nothing but one whole message of less than 64 KiB."""
        if len(data) < 8 or not data[0] & _FIN or not data[0] & _OPCODE:
            return False
        flag = data[1] ^ _MASKED
        if flag < 126:
            return len(data) == 6 + flag
        return flag == 126 and len(data) == 8 + (data[2] << 8 | data[3])

    def _passing(self, data: bytes) -> Iterator[bytes]:
        data, self._begun = self._begun + data, b""
        at = 0
        while at < len(data):
            if self._left:
                end = at + min(self._left, len(data) - at)
                self._left -= end - at
                if not self._dropping:
                    yield data[at:end]
                at = end
                continue
            header = _header_of(data, at)
            if header is None:
                self._begun = data[at:]
                return
            self._left, self._dropping = header.length, False
            start, at = at, at + header.size
            yield self._begin(header, data[start:at])

    def _begin(self, header: _Header, raw: bytes) -> bytes:
        """What is passed on for the header of a frame."""
        if header.opcode >= _CONTROL:
            return raw
        if header.is_final and header.opcode != _CONTINUATION:
            if self._max_bytes < header.length < self._ceiling:
                self._dropping = True
                return _stand_in(header.length)
            return raw
        self._fragments += header.length
        if self._fragments > self._max_bytes:
            return _TOO_LONG
        if header.is_final:
            self._fragments = 0
        return raw


def _header_of(data: bytes, at: int) -> _Header | None:
    """The frame header that begins there; None: it is not whole."""
    if len(data) - at < 2:
        return None
    first, second = data[at], data[at + 1]
    wide = {126: 2, 127: 8}.get(second & _LENGTH, 0)
    size = 2 + wide + (4 if second & _MASKED else 0)
    if len(data) - at < size:
        return None
    length = int.from_bytes(data[at + 2 : at + 2 + wide], "big") if wide else second & _LENGTH
    return _Header(bool(first & _FIN), first & _OPCODE, size, length)


def _stand_in(dropped: int) -> bytes:
    payload = msgspec.json.encode(MessageDropped(bytes=dropped))
    return bytes([_FIN | _TEXT, len(payload)]) + payload
