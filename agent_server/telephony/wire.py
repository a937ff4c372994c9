"""What the messages of carriers' media streams have in common. Audio is G.711 mu-law, 8 kHz, in Base64."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from agent_server.telephony.playback import Mark, Order, Sound

MAX_MESSAGE_BYTES = 64 * 1024
Name = Annotated[str, Meta(max_length=500)]


class Payload(Struct, frozen=True):
    payload: bytes


class Digit(Struct, frozen=True):
    digit: Name


class Named(Struct, frozen=True):
    name: Name


def decoding(kinds: Any) -> Callable[[str], Any]:
    """Reads messages of these kinds (a union). None: a message of a kind that is not known here, or none at all."""
    decoder = msgspec.json.Decoder(kinds)

    def decode(text: str) -> Any:
        try:
            return decoder.decode(text)
        except (msgspec.MsgspecError, RecursionError):
            return None

    return decode


def encoded(order: Order, stream: Mapping[str, str]) -> bytes:
    """``stream``: how the carrier names it in a message."""
    match order:
        case Sound(audio):
            message = {"event": "media", **stream, "media": Payload(audio)}
        case Mark(name):
            message = {"event": "mark", **stream, "mark": Named(name)}
        case _:
            message = {"event": "clear", **stream}
    return msgspec.json.encode(message)
