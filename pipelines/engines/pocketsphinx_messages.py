"""What is said between the server and a PocketSphinx helper. ``id`` is the utterance's number at the supervisor."""

from msgspec import Struct

SAMPLE_RATE = 16000
"""Hz of the audio that goes in; signed 16-bit little-endian mono. The acoustic model takes no other."""

LANGUAGES = frozenset({"en"})
"""What the acoustic model understands."""


class Begin(Struct, frozen=True, array_like=True, tag="begin"):
    """A new utterance. ``cepstrum`` is what its caller's last ``Settled`` gave, empty for a new caller."""

    id: int
    cepstrum: str = ""


class Sound(Struct, frozen=True, array_like=True, tag="sound"):
    id: int
    pcm: bytes


class Finish(Struct, frozen=True, array_like=True, tag="finish"):
    """No more sound comes: answer with ``Settled``."""

    id: int


class Drop(Struct, frozen=True, array_like=True, tag="drop"):
    """Nobody wants it any more; there is no answer."""

    id: int


class SoFar(Struct, frozen=True, array_like=True, tag="so_far"):
    """What the utterance sounds like so far, whenever that has changed."""

    id: int
    text: str


class Settled(Struct, frozen=True, array_like=True, tag="settled"):
    """The utterance's words, each with its start and end in ms of the utterance's sound.

    ``cepstrum``: the average sound of this caller and line, for the next ``Begin``.
    """

    id: int
    words: list[tuple[str, int, int]]
    cepstrum: str


SphinxRequest = Begin | Sound | Finish | Drop
SphinxReply = SoFar | Settled
