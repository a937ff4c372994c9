"""What a telephone line needs of a carrier's media stream, whichever it is."""

from typing import Protocol

from msgspec import Struct

from agent_server.realtime.session_object import AudioFormat
from agent_server.telephony.playback import Order

MOST_STREAMS = 4
"""Of one call: a server that breaks each time is not asked for ever."""


class Voice(Struct, frozen=True):
    """More of the caller's audio."""

    audio: bytes


class Pressed(Struct, frozen=True):
    """A key of the caller's telephone."""

    key: str


class Returned(Struct, frozen=True):
    """A mark came back."""

    mark: str


class HungUp(Struct, frozen=True):
    """The caller did."""


CallEvent = Voice | Pressed | Returned | HungUp


class MediaStream(Protocol):
    """A call's audio, both ways: the caller's in ``caller_format``, the agent's as G.711 mu-law at 8 kHz."""

    caller_format: AudioFormat

    async def next(self) -> CallEvent | None:
        """In order. None: the stream broke."""

    def order(self, order: Order) -> None:
        """To the carrier; never blocks."""
