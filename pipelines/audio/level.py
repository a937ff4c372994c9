"""Loudness, and where sound is audible.

Levels are in dBFS: 0 is the RMS of a signal that is at full scale in every sample, digital silence is ``SILENCE_DBFS``.
"""

from math import log10

import numpy as np
from msgspec import Struct

FRAME_MS = 10
"""The grain of positions reported here, unless another is asked for."""

SILENCE_DBFS = -96.0
"""What is reported for digital silence, and for anything softer than one step of 16 bits."""

_FULL_SCALE_POWER = 32768.0 * 32768.0


class Audibility(Struct, frozen=True):
    """When a frame counts as audible: ``margin_db`` above the noise floor, within the two bounds.

    The bounds keep digital silence from making a whisper of noise audible, and a loud line from swallowing speech.
    The floor falls to a softer frame at once. It rises slowly, so that words do not lift it, and jumps to a stretch of
    ``steady_ms`` whose frames lie within ``steady_range_db`` of each other: no speech is that even, noise is.
    """

    margin_db: float = 5.0
    lowest_threshold_dbfs: float = -48.0
    highest_threshold_dbfs: float = -32.0
    first_floor_dbfs: float = -54.0
    rise_db_per_s: float = 1.0
    steady_ms: int = 600
    steady_range_db: float = 6.0


class AudibleSpan:
    """Where in a stream sound begins and ends, to ``frame_ms``. Positions are milliseconds of the audio fed so far."""

    def __init__(self, sample_rate: int, audibility: Audibility | None = None, *, frame_ms: int = FRAME_MS) -> None:
        self._rules = audibility or Audibility()
        self._frame_ms = frame_ms
        self._samples_per_frame = _samples_per_frame(sample_rate, frame_ms)
        self._frame_bytes = 2 * self._samples_per_frame
        self._rise_db = self._rules.rise_db_per_s * frame_ms / 1000
        self._floor_dbfs = self._rules.first_floor_dbfs
        self._threshold_dbfs = self._threshold_over(self._floor_dbfs)
        self._softest_dbfs, self._loudest_dbfs, self._stretch_ms = 0.0, SILENCE_DBFS, 0
        self._rest = b""
        self._position_ms = 0
        self.first_ms: int | None = None
        """Start of the first audible frame since ``restart``."""
        self.last_ms: int | None = None
        """End of the last audible frame since ``restart``."""

    @property
    def position_ms(self) -> int:
        """End of the last whole frame that was judged."""
        return self._position_ms

    @property
    def threshold_dbfs(self) -> float:
        """The level above which the next frame is audible."""
        return self._threshold_dbfs

    def feed(self, pcm: bytes) -> None:
        """Judge more audio, any number of whole samples."""
        data = self._rest + pcm if self._rest else pcm
        size = self._frame_bytes
        whole = len(data) - len(data) % size
        if whole:
            step = self._samples_per_frame
            frames = np.frombuffer(data, np.int16, whole // 2).astype(np.float32).reshape(-1, step)
            for power in np.vecdot(frames, frames).tolist():
                self.judge(power / step)
        self._rest = data[whole:]

    def skip(self, frames: int) -> None:
        """So many frames went by that nobody judged."""
        self._position_ms += frames * self._frame_ms

    def restart(self) -> None:
        """Forget the span found so far; position and noise floor go on."""
        self.first_ms = self.last_ms = None

    def judge(self, power: float) -> None:
        """One more whole frame, by the mean square of its samples of 16 bits: for who has it already.

        Runs a hundred times a second for every caller.
        """
        level_dbfs = 10 * log10(power / _FULL_SCALE_POWER) if power > 1.0 else SILENCE_DBFS
        position_ms = self._position_ms
        self._position_ms = position_ms + self._frame_ms
        if level_dbfs > self._threshold_dbfs:
            if self.first_ms is None:
                self.first_ms = position_ms
            self.last_ms = position_ms + self._frame_ms
        floor_dbfs = min(level_dbfs, self._floor_dbfs + self._rise_db)
        self._softest_dbfs = min(self._softest_dbfs, level_dbfs)
        self._loudest_dbfs = max(self._loudest_dbfs, level_dbfs)
        self._stretch_ms += self._frame_ms
        if self._stretch_ms >= self._rules.steady_ms:
            if self._loudest_dbfs - self._softest_dbfs <= self._rules.steady_range_db:
                floor_dbfs = max(floor_dbfs, self._loudest_dbfs)
            self._softest_dbfs, self._loudest_dbfs, self._stretch_ms = 0.0, SILENCE_DBFS, 0
        if floor_dbfs != self._floor_dbfs:
            self._floor_dbfs = floor_dbfs
            self._threshold_dbfs = self._threshold_over(floor_dbfs)

    def _threshold_over(self, floor_dbfs: float) -> float:
        rules = self._rules
        wanted = floor_dbfs + rules.margin_db
        return min(max(wanted, rules.lowest_threshold_dbfs), rules.highest_threshold_dbfs)


def _samples_per_frame(sample_rate: int, frame_ms: int) -> int:
    if sample_rate <= 0 or sample_rate * frame_ms % 1000:
        raise ValueError(f"no whole number of samples in {frame_ms} ms at {sample_rate} Hz")
    return sample_rate * frame_ms // 1000
