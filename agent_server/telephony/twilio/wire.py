"""The messages of a Twilio media stream (Twilio, "Media Streams: WebSocket messages"). Audio is G.711 mu-law, 8 kHz."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from agent_server.telephony.playback import Mark, Order, Sound

MAX_MESSAGE_BYTES = 64 * 1024
_Name = Annotated[str, Meta(max_length=500)]


class _Message(Struct, frozen=True, tag_field="event", tag=str.lower, rename="camel"):
    """Base of what Twilio sends; numbers are strings there."""


class Connected(_Message, frozen=True):
    pass


class StartDetails(Struct, frozen=True, rename="camel"):
    call_sid: _Name
    account_sid: _Name = ""
    custom_parameters: dict[str, str] = {}


class Start(_Message, frozen=True):
    stream_sid: _Name
    start: StartDetails


class Payload(Struct, frozen=True):
    payload: bytes


class Media(_Message, frozen=True):
    media: Payload


class Pressed(Struct, frozen=True):
    digit: _Name


class Dtmf(_Message, frozen=True):
    dtmf: Pressed


class Named(Struct, frozen=True):
    name: _Name


class MarkReturned(_Message, frozen=True, tag="mark"):
    mark: Named


class Stop(_Message, frozen=True):
    pass


StreamEvent = Connected | Start | Media | Dtmf | MarkReturned | Stop
_decoder: msgspec.json.Decoder[StreamEvent] = msgspec.json.Decoder(StreamEvent)


def decode(text: str) -> StreamEvent | None:
    """None: a message of a kind that is not known here, or none at all."""
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError:
        return None


class _Order(Struct, frozen=True, rename="camel"):
    event: str
    stream_sid: str
    media: Payload | msgspec.UnsetType = msgspec.UNSET
    mark: Named | msgspec.UnsetType = msgspec.UNSET


def encode(order: Order, stream_sid: str) -> bytes:
    match order:
        case Sound(audio):
            message = _Order("media", stream_sid, media=Payload(audio))
        case Mark(name):
            message = _Order("mark", stream_sid, mark=Named(name))
        case _:
            message = _Order("clear", stream_sid)
    return msgspec.json.encode(message)
