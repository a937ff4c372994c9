"""The messages of a Telnyx media stream (Telnyx, "Stream call media over WebSocket"). Audio is G.711 mu-law, 8 kHz."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from agent_server.telephony.playback import Mark, Order, Sound

MAX_MESSAGE_BYTES = 64 * 1024
_Name = Annotated[str, Meta(max_length=500)]

LEAST_BYTES = 160
"""20 ms: shorter audio is not played."""

_SILENCE = b"\xff"


class _Message(Struct, frozen=True, tag_field="event", tag=str.lower):
    """Base of what Telnyx sends; numbers are strings there."""


class Connected(_Message, frozen=True):
    pass


class StartDetails(Struct, frozen=True, rename={"calls_from": "from", "calls_to": "to"}):
    call_control_id: _Name
    calls_from: _Name | None = None
    calls_to: _Name | None = None


class Start(_Message, frozen=True):
    start: StartDetails
    stream_id: _Name = ""


class Payload(Struct, frozen=True):
    payload: bytes


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


class Pressed(Struct, frozen=True):
    digit: _Name


class Dtmf(_Message, frozen=True):
    dtmf: Pressed


class Named(Struct, frozen=True):
    name: _Name


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
_decoder: msgspec.json.Decoder[StreamEvent] = msgspec.json.Decoder(StreamEvent)


def decode(text: str) -> StreamEvent | None:
    """None: a message of a kind that is not known here, or none at all."""
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError:
        return None


class _Order(Struct, frozen=True):
    event: str
    stream_id: str
    media: Payload | msgspec.UnsetType = msgspec.UNSET
    mark: Named | msgspec.UnsetType = msgspec.UNSET


def encode(order: Order, stream_id: str) -> bytes:
    match order:
        case Sound(audio):
            message = _Order("media", stream_id, media=Payload(audio.ljust(LEAST_BYTES, _SILENCE)))
        case Mark(name):
            message = _Order("mark", stream_id, mark=Named(name))
        case _:
            message = _Order("clear", stream_id)
    return msgspec.json.encode(message)
