"""The messages of a Twilio media stream (Twilio, "Media Streams: WebSocket messages"). Audio is G.711 mu-law, 8 kHz."""

from collections.abc import Callable

from msgspec import Struct

from agent_server.telephony.playback import Order
from agent_server.telephony.wire import Digit, Name, Named, Payload, decoding, encoded


class _Message(Struct, frozen=True, tag_field="event", tag=str.lower, rename="camel"):
    """Base of what Twilio sends; numbers are strings there."""


class Connected(_Message, frozen=True):
    pass


class StartDetails(Struct, frozen=True, rename="camel"):
    call_sid: Name
    custom_parameters: dict[str, str] = {}


class Start(_Message, frozen=True):
    stream_sid: Name
    start: StartDetails


class Media(_Message, frozen=True):
    media: Payload


class Dtmf(_Message, frozen=True):
    dtmf: Digit


class MarkReturned(_Message, frozen=True, tag="mark"):
    mark: Named


class Stop(_Message, frozen=True):
    pass


StreamEvent = Connected | Start | Media | Dtmf | MarkReturned | Stop
decode: Callable[[str], StreamEvent | None] = decoding(StreamEvent)


def encode(order: Order, stream_sid: str) -> bytes:
    return encoded(order, {"streamSid": stream_sid})
