"""Frames on a pipe: a length of four bytes, big endian, then that many bytes. An empty frame is a sign of life."""

from collections.abc import Iterator

MAX_FRAME_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 4


class FramingError(Exception):
    """The other side sent what is no frame; nothing after it can be trusted. Code ``engine_protocol_error``."""

    code = "engine_protocol_error"


def frame(payload: bytes) -> bytes:
    """Put a payload into a frame. Raises FramingError above ``MAX_FRAME_BYTES``."""
    return _checked_length(len(payload)).to_bytes(HEADER_BYTES, "big") + payload


def payload_length(header: bytes | bytearray) -> int:
    """Read a header. Raises FramingError above ``MAX_FRAME_BYTES``."""
    return _checked_length(int.from_bytes(header, "big"))


class FrameReader:
    """Takes bytes as they come, gives whole payloads."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Payloads that are complete now. Raises FramingError."""
        self._received += data
        while len(self._received) >= HEADER_BYTES:
            end = HEADER_BYTES + payload_length(self._received[:HEADER_BYTES])
            if len(self._received) < end:
                return
            payload = bytes(self._received[HEADER_BYTES:end])
            del self._received[:end]
            yield payload


def _checked_length(length: int) -> int:
    if length > MAX_FRAME_BYTES:
        raise FramingError(f"a frame of {length} bytes; at most {MAX_FRAME_BYTES} are allowed")
    return length
