"""What is said between the server and the eSpeak NG helper. ``id`` is the reply (context) it belongs to."""

from msgspec import Struct

SAMPLE_RATE = 24000
"""Hz of the audio that comes back; signed 16-bit little-endian mono."""


class Say(Struct, frozen=True, array_like=True, tag="say"):
    """Speak one clause. Clauses of one ``id`` are spoken in the order they are asked for.

    ``voice`` is an eSpeak voice name such as ``en-us+f3``; one it does not have is spoken by its default voice.
    """

    id: int
    text: str
    voice: str
    words_per_minute: int


class Cancel(Struct, frozen=True, array_like=True, tag="cancel"):
    """Say nothing more for this ``id``, and stop at once if it is being said. The last message of an ``id``."""

    id: int


class Said(Struct, frozen=True, array_like=True, tag="said"):
    """A clause's sound, with at most 5 ms of silence in front.

    ``marks``: for each word the engine found, its first character in the text (from 0) and its start in ms.
    """

    id: int
    pcm: bytes
    marks: list[tuple[int, float]]


class NotSaid(Struct, frozen=True, array_like=True, tag="not_said"):
    """The engine refused a clause; ``code`` is its own number (``espeak_ERROR`` in speak_lib.h)."""

    id: int
    code: int


EspeakRequest = Say | Cancel
EspeakReply = Said | NotSaid
