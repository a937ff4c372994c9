"""The port of voice activity: audio in, one probability of voice per window out."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

SAMPLE_RATE = 24_000
"""Hz of the audio it takes: the conversation's own, so that nothing is converted that nobody judges."""

WINDOW_MS = 32
"""Length of a window: the size the Silero model was trained for."""


class Window(Struct, frozen=True):
    """One judged window; ``end_ms`` is its end in milliseconds of audio fed so far.

    ``audible_end_ms``: where the last audible sound up to there ended (``audio.level.AudibleSpan``); 0.0: none yet.
    """

    probability: float
    end_ms: float
    audible_end_ms: float = 0.0


class VadStream(Protocol):
    """One caller's audio."""

    def feed(self, pcm: bytes) -> None:
        """Queue signed 16-bit mono PCM at ``SAMPLE_RATE``, any length. Never blocks."""

    def close(self) -> None: ...


class VoiceActivity(Protocol):
    """The detector, shared by all conversations of the process."""

    def open(self, on_window: Callable[[Window], None]) -> VadStream:
        """Start a stream; ``on_window`` is called on the event loop, in order, once per window."""

    async def aclose(self) -> None: ...
