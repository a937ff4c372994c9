"""What is said between the server and a PocketSphinx helper. ``id`` is the utterance's number at the supervisor."""

from msgspec import Struct

SAMPLE_RATE = 16000
"""Hz of the audio that goes in; signed 16-bit little-endian mono. The acoustic model takes no other."""


class Begin(Struct, frozen=True, array_like=True, tag="begin"):
    """A new utterance; whatever was being decoded is dropped."""

    id: int


class Sound(Struct, frozen=True, array_like=True, tag="sound"):
    id: int
    pcm: bytes


class Finish(Struct, frozen=True, array_like=True, tag="finish"):
    """No more sound comes: answer with ``Settled``."""

    id: int


class Drop(Struct, frozen=True, array_like=True, tag="drop"):
    """Nobody wants it any more."""

    id: int


class SoFar(Struct, frozen=True, array_like=True, tag="so_far"):
    id: int
    text: str


class Settled(Struct, frozen=True, array_like=True, tag="settled"):
    id: int
    text: str


SphinxRequest = Begin | Sound | Finish | Drop
SphinxReply = SoFar | Settled
