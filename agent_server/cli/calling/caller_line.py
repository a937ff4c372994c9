"""The caller's side of the line: 20 ms frames in real time, silence where nothing is spoken."""

from collections.abc import Iterator

from agent_server.cli.calling.playback import BYTES_PER_SAMPLE, SAMPLE_RATE, SAMPLES_PER_MS
from pipelines.audio.level import AudibleSpan

FRAME_MS = 20
BYTES_PER_MS = SAMPLES_PER_MS * BYTES_PER_SAMPLE
FRAME_BYTES = FRAME_MS * BYTES_PER_MS

MAX_BEHIND_MS = 1000.0
"""Silence that is later than this is left out: the machine slept, and nobody waits to hear silence."""


class CallerLine:
    """A microphone that is open from ``opened_ms`` on. A frame leaves when its last sample has been spoken."""

    def __init__(self, opened_ms: float) -> None:
        self.sent_ms = opened_ms
        self._pcm = b""
        self._offset = 0

    @property
    def is_silent(self) -> bool:
        """Whether all that was to be spoken has left."""
        return self._offset >= len(self._pcm)

    def say(self, pcm: bytes) -> float:
        """Speak this after what is being spoken. Returns when its last audible sound will have been spoken."""
        self._pcm = self._pcm[self._offset :]
        self._offset = 0
        begins_ms = self.sent_ms + len(self._pcm) / BYTES_PER_MS
        self._pcm += pcm
        return begins_ms + audible_end_ms(pcm)

    def due(self, now_ms: float) -> Iterator[bytes]:
        """The frames that are complete by now. ``sent_ms`` is the end of the one just given."""
        if self.is_silent and now_ms - self.sent_ms > MAX_BEHIND_MS:
            self.sent_ms = now_ms - FRAME_MS
        while self.sent_ms + FRAME_MS <= now_ms:
            frame = self._pcm[self._offset : self._offset + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
            self._offset += FRAME_BYTES
            self.sent_ms += FRAME_MS
            yield frame


class Mouth:
    """When the caller was last audible, judged by the audio that left."""

    def __init__(self) -> None:
        self._span = AudibleSpan(SAMPLE_RATE)
        self._shift_ms = 0.0

    @property
    def silent_since_ms(self) -> float | None:
        """End of the last audible sound; None when there was none."""
        return None if self._span.last_ms is None else self._span.last_ms + self._shift_ms

    def spoke(self, pcm: bytes, ended_ms: float) -> None:
        """The caller's microphone took up this audio, the last of it at ``ended_ms``."""
        self._span.feed(pcm)
        self._shift_ms = ended_ms - self._span.position_ms


def audible_end_ms(pcm: bytes) -> float:
    """Where the last audible sound of a recording ends; its length, when nothing in it is audible."""
    span = AudibleSpan(SAMPLE_RATE)
    span.feed(pcm)
    return len(pcm) / BYTES_PER_MS if span.last_ms is None else float(span.last_ms)
