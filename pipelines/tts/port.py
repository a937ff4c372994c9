"""The port every voice implements. Audio is signed 16-bit little-endian mono PCM at ``sample_rate``."""

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct


class SpokenWord(Struct, frozen=True):
    """A word and where it lies in the context's audio. ``text`` as written in the input, without white space."""

    text: str
    start_ms: float
    end_ms: float


class Audio(Struct, frozen=True, tag="audio"):
    """The next piece of speech. Whole samples only."""

    pcm: bytes


class Words(Struct, frozen=True, tag="words"):
    """Word timings, at the latest with the audio they describe."""

    words: tuple[SpokenWord, ...]


class Spoken(Struct, frozen=True, tag="spoken"):
    """Always the last event of a context that did not fail. ``kept``: the sound of an earlier reply, not paid again."""

    kept: bool = False


TtsEvent = Audio | Words | Spoken


class TtsError(Exception):
    """A voice could not be opened or broke. ``retryable``: another attempt or provider may work."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class TtsOptions(Struct, frozen=True):
    """How a reply should sound. ``voice`` None: the provider's default. ``speed`` 1.0 is normal.

    ``repeated``: a greeting or a filler, which other callers will hear in the same words.
    """

    voice: str | None = None
    language: str = "en"
    speed: float = 1.0
    repeated: bool = False


class TtsContext(Protocol):
    """One reply being spoken. Text goes in clause by clause, events come out. Only one task iterates."""

    def send_text(self, text: str) -> None:
        """Queue text, white space included. Never blocks."""

    def finish(self) -> None:
        """No more text comes; the iterator ends after the last audio with ``Spoken``."""

    def cancel(self) -> None:
        """Stop now; the iterator ends at once without ``Spoken``."""

    def __aiter__(self) -> AsyncIterator[TtsEvent]:
        """Events in order. Raises TtsError when the voice breaks."""


class TextToSpeech(Protocol):
    """A voice provider, shared by all conversations of the process."""

    @property
    def name(self) -> str: ...

    @property
    def sample_rate(self) -> int:
        """Hz of the audio its contexts give."""

    def prepare(self) -> None:
        """A call is being answered: connect ahead of its first reply, where that takes time. Never blocks or raises."""

    def open(self, options: TtsOptions) -> TtsContext:
        """Start a context. Never blocks: a connection that is missing is opened behind it."""

    async def aclose(self) -> None: ...
