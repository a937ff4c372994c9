"""The messages of a Telnyx media stream (Telnyx, "Stream call media over WebSocket"). Audio is G.711, 8 kHz: the
agent's mu-law, the caller's as their call has it."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from agent_server.realtime.session_object import AudioFormat, PcmaFormat, PcmuFormat
from agent_server.telephony.playback import Order, Sound
from agent_server.telephony.wire import Digit, Name, Named, decoding, encoded

LEAST_BYTES = 160
"""20 ms: shorter audio is not played."""

_SILENCE = b"\xff"
_CODECS: Final[dict[str, AudioFormat]] = {"PCMU": PcmuFormat(), "PCMA": PcmaFormat()}


class _Message(Struct, frozen=True, tag_field="event", tag=str.lower):
    """Base of what Telnyx sends; numbers are strings there."""


class Connected(_Message, frozen=True):
    pass


class MediaFormat(Struct, frozen=True):
    """Of the caller's audio. Telnyx puts it into the codec that was asked for only where it can ("Answer call",
    ``stream_codec``): outside North America calls mostly have PCMA."""

    encoding: str = "PCMU"

    @property
    def known(self) -> AudioFormat | None:
        """None: it cannot be decoded here."""
        return _CODECS.get(self.encoding)


class StartDetails(Struct, frozen=True, rename={"calls_from": "from", "calls_to": "to"}):
    call_control_id: Name
    calls_from: Name | None = None
    calls_to: Name | None = None
    media_format: MediaFormat = MediaFormat()


class Start(_Message, frozen=True):
    start: StartDetails
    stream_id: Name = ""


class Piece(Struct, frozen=True):
    payload: bytes
    chunk: int | str | None = None
    track: str = "inbound"

    @property
    def number(self) -> int | None:
        """Where it belongs. None: that is not told."""
        if isinstance(self.chunk, str):
            return int(self.chunk) if self.chunk.isascii() and self.chunk.isdecimal() and len(self.chunk) < 12 else None
        return self.chunk


class Media(_Message, frozen=True):
    media: Piece


class Dtmf(_Message, frozen=True):
    dtmf: Digit


class MarkReturned(_Message, frozen=True, tag="mark"):
    mark: Named


class Trouble(Struct, frozen=True):
    code: int | str | None = None
    title: str | None = None


class Error(_Message, frozen=True):
    payload: Trouble = Trouble()


class Stop(_Message, frozen=True):
    pass


StreamEvent = Connected | Start | Media | Dtmf | MarkReturned | Error | Stop
decode: Callable[[str], StreamEvent | None] = decoding(StreamEvent)


def encode(order: Order, stream_id: str) -> bytes:
    if isinstance(order, Sound):
        order = Sound(order.audio.ljust(LEAST_BYTES, _SILENCE))
    return encoded(order, {"stream_id": stream_id})
