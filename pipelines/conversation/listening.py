"""The caller's audio on its way to voice activity and the recogniser.

Takes 24 kHz PCM as it comes. Voice activity and loudness get it unchanged, the recogniser at its own rate; a little of
the past is kept, so that an utterance can begin before the moment its voice was noticed.
"""

from collections import deque

from pipelines.audio.level import AudibleSpan
from pipelines.audio.resample import resampler
from pipelines.stt.port import SttStream
from pipelines.vad.port import VadStream

INPUT_RATE = 24_000
BYTES_PER_MS = 48
MAX_UNHEARD = 16
KEPT_BYTES = 2000 * BYTES_PER_MS
"""How far back an utterance may begin: prefix padding and the time it takes to notice a voice."""


class Listening:
    """One caller's audio. ``received_ms`` is all audio ever received; positions count from there."""

    def __init__(self, vad: VadStream, stt: SttStream, stt_rate: int, *, continuous: bool) -> None:
        self._vad = vad
        self._stt = stt
        self._stt_rate = stt_rate
        self._continuous = continuous
        self._to_stt = resampler(INPUT_RATE, stt_rate)
        self._level = AudibleSpan(INPUT_RATE)
        self._unheard: list[bytes] = []
        """Frames whose loudness was not judged yet: that is done once a window, not with every frame."""
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=MAX_UNHEARD + 1)
        """Of the latest frames: all audio up to their end, and when they came."""
        self._offered_ms = 0.0
        self._past: deque[bytes] = deque()
        self._past_bytes = 0
        self._utterance: int | None = None
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
        if self._continuous or self._utterance is not None:
            self._stt.send_audio(self._to_stt.feed(pcm))
        if not self._continuous:
            self._keep(pcm)

    def begin(self, utterance: int, from_ms: float) -> None:
        """Recognise from there on."""
        self._utterance = utterance
        self._stt.begin(utterance)
        if not self._continuous:
            self._to_stt = resampler(INPUT_RATE, self._stt_rate)
            self._stt.send_audio(self._to_stt.feed(self._since(from_ms)))

    def finish(self, utterance: int) -> None:
        if self._utterance == utterance:
            self._utterance = None
            if not self._continuous:
                self._stt.send_audio(self._to_stt.flush())
        self._stt.finish(utterance)

    def abandon(self, utterance: int) -> None:
        if self._utterance == utterance:
            self._utterance = None
        self._stt.abandon(utterance)

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

    def _keep(self, pcm: bytes) -> None:
        self._past.append(pcm)
        self._past_bytes += len(pcm)
        while self._past_bytes - len(self._past[0]) > KEPT_BYTES:
            self._past_bytes -= len(self._past.popleft())

    def _since(self, from_ms: float) -> bytes:
        wanted = int(self.received_ms - from_ms) * BYTES_PER_MS
        past = b"".join(self._past)
        return past[max(0, len(past) - max(0, wanted)) :]
