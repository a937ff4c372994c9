"""The caller's audio on its way to voice activity and the recogniser.

Takes 24 kHz PCM as it comes. Voice activity and loudness get it unchanged, the recogniser at its own rate (``Ears``).
"""

from collections import deque

from pipelines.audio.level import AudibleSpan
from pipelines.conversation.ears import BYTES_PER_MS, INPUT_RATE, Ears
from pipelines.vad.port import VadStream

MAX_UNHEARD = 16


class Listening:
    """One caller's audio. ``received_ms`` is all audio ever received; positions count from there."""

    def __init__(self, vad: VadStream, ears: Ears) -> None:
        self._vad = vad
        self._ears = ears
        self._level = AudibleSpan(INPUT_RATE)
        self._unheard: list[bytes] = []
        """Frames whose loudness was not judged yet: that is done once a window, not with every frame."""
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=MAX_UNHEARD + 1)
        """Of the latest frames: all audio up to their end, and when they came."""
        self._offered_ms = 0.0
        self.received_ms = 0.0
        self._audible_end = (0.0, 0.0)
        self.uses_vad = True

    def feed(self, pcm: bytes, now_ms: float) -> None:
        """More audio, whole samples, any length."""
        self.received_ms += len(pcm) / BYTES_PER_MS
        if self.uses_vad:
            self._offered_ms += len(pcm) / BYTES_PER_MS
            self._arrivals.append((self._offered_ms, now_ms))
            self._unheard.append(pcm)
            if len(self._unheard) == MAX_UNHEARD:
                self.audible_end()
            self._vad.feed(pcm)
        self._ears.feed(pcm)

    def audible_end(self) -> tuple[float, float]:
        """Where the last audible sound ended, in milliseconds of the audio offered to voice activity, and when the
        frame with that end came."""
        if self._unheard:
            self._level.feed(b"".join(self._unheard))
            self._unheard.clear()
            last_ms = self._level.last_ms
            if last_ms is not None and last_ms != self._audible_end[0]:
                came_ms = next((came for end_ms, came in self._arrivals if last_ms <= end_ms), self._arrivals[-1][1])
                self._audible_end = (float(last_ms), came_ms)
        return self._audible_end
