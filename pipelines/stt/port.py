"""The port every speech recogniser implements.

Audio is signed 16-bit little-endian mono PCM at the recogniser's own ``sample_rate``. Times are milliseconds of the
audio given to the stream so far, never of the wall clock.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct


class Word(Struct, frozen=True):
    """One recognised word and where it lies in the stream's audio. ``confidence``: 0 to 1, where it is known."""

    text: str
    start_ms: float
    end_ms: float
    confidence: float | None = None


class Interim(Struct, frozen=True, tag="interim"):
    """What the current utterance sounds like so far. Replaces the interim before it."""

    utterance: int
    text: str


class Final(Struct, frozen=True, tag="final"):
    """The settled text of a whole utterance. Exactly one answers each ``finish``; the text may be empty.

    ``is_complete`` False: the recogniser fell silent before it had heard all of it, and this is what there is.
    """

    utterance: int
    text: str
    words: tuple[Word, ...] = ()
    is_complete: bool = True


class EagerEnd(Struct, frozen=True, tag="eager_end"):
    """The recogniser thinks the caller may be done; ``text`` is the whole utterance so far."""

    utterance: int
    text: str


class Resumed(Struct, frozen=True, tag="resumed"):
    """After an ``EagerEnd`` the caller went on."""

    utterance: int


class TurnStarted(Struct, frozen=True, tag="turn_started"):
    """A recogniser with turn detection heard the caller begin."""

    utterance: int


class TurnEnded(Struct, frozen=True, tag="turn_ended"):
    """A recogniser with turn detection is sure the caller is done; ``text`` is final."""

    utterance: int
    text: str
    words: tuple[Word, ...] = ()


class UtteranceFailed(Struct, frozen=True, tag="failed"):
    """This utterance has no text. The stream goes on unless ``fatal``."""

    utterance: int
    code: str
    message: str
    fatal: bool = False


SttEvent = Interim | Final | EagerEnd | Resumed | TurnStarted | TurnEnded | UtteranceFailed


class SttError(Exception):
    """A recogniser could not be opened or broke. ``retryable``: another attempt may work."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class SttOptions(Struct, frozen=True):
    """What a conversation wants of its recogniser."""

    languages: tuple[str, ...] = ("en",)
    """What may be spoken, the likeliest first; ISO 639-1 codes."""
    keyterms: tuple[str, ...] = ()


class SttStream(Protocol):
    """One caller's audio going in, events coming out. Only one task iterates."""

    def begin(self, utterance: int) -> None:
        """Audio from here on belongs to this utterance (voice activity saw it start)."""

    def send_audio(self, pcm: bytes) -> None:
        """Queue audio. Never blocks; past the stream's bound the oldest audio is dropped and the utterance fails."""

    def finish(self, utterance: int) -> None:
        """The utterance is over: answer with its ``Final`` (or ``UtteranceFailed``)."""

    def abandon(self, utterance: int) -> None:
        """Nobody wants this utterance's text any more (it was noise)."""

    def __aiter__(self) -> AsyncIterator[SttEvent]: ...

    async def aclose(self) -> None: ...


class SpeechToText(Protocol):
    """A recogniser, shared by all conversations of the process."""

    @property
    def name(self) -> str: ...

    @property
    def sample_rate(self) -> int:
        """Hz of the audio its streams take."""

    @property
    def languages(self) -> frozenset[str]:
        """What it understands, by ISO 639-1 codes. It opens a stream for options that name one of them."""

    @property
    def continuous(self) -> bool:
        """True: wants all audio, silence too. False: only what lies between ``begin`` and ``finish``."""

    @property
    def detects_turns(self) -> bool:
        """True: emits ``TurnStarted``, ``EagerEnd``, ``Resumed`` and ``TurnEnded`` of its own."""

    @property
    def guesses(self) -> bool:
        """True: it hears words in a cough and a "mhm" too. What it makes of a short sound is not to be trusted."""

    async def open(self, options: SttOptions) -> SttStream:
        """Open a stream. Raises SttError."""

    async def aclose(self) -> None: ...
