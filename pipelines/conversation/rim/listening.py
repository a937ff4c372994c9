"""The caller's audio on its way to voice activity and the recogniser.

Takes 24 kHz PCM as it comes. Voice activity gets it unchanged, the recogniser at its own rate (``Ears``).
"""

from collections import deque

from pipelines.conversation.rim.ears import BYTES_PER_MS, Ears
from pipelines.conversation.rim.lead import Lead
from pipelines.vad.port import VadStream

ARRIVALS = 24
"""Frames whose arrival is known; with 20 ms each, far more than lie between a sound and its window."""


class Listening:
    """One caller's audio. ``received_ms`` is all audio ever received; positions count from there."""

    def __init__(self, vad: VadStream, ears: Ears, lead: Lead) -> None:
        self._vad = vad
        self._ears = ears
        self._lead = lead
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=ARRIVALS)
        """Of the latest frames: all audio offered to voice activity up to their end, and when they came."""
        self._offered_ms = 0.0
        self.received_ms = 0.0
        self._sound_end = (0.0, 0.0)
        self.uses_vad = True

    def feed(self, pcm: bytes, now_ms: float) -> None:
        """More audio, whole samples, any length."""
        length_ms = len(pcm) / BYTES_PER_MS
        self.received_ms += length_ms
        self._lead.frame(self.received_ms, now_ms)
        if self.uses_vad:
            self._offered_ms += length_ms
            self._arrivals.append((self._offered_ms, now_ms))
            self._vad.feed(pcm)
        self._ears.feed(pcm)

    def came_ms(self, end_ms: float) -> float:
        """When the frame came with which a sound ended, given that end in the audio offered to voice activity."""
        if end_ms != self._sound_end[0]:
            came_ms = next((came for offered_ms, came in self._arrivals if end_ms <= offered_ms), self._arrivals[-1][1])
            self._sound_end = (end_ms, came_ms)
        return self._sound_end[1]
