"""Loudness, and where sound is audible.

Levels are in dBFS: 0 is the RMS of a signal that is at full scale in every sample, digital silence is ``SILENCE_DBFS``.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

FRAME_MS = 10
"""The grain of positions reported here, unless another is asked for."""

SILENCE_DBFS = -96.0
"""What is reported for digital silence, and for anything softer than one step of 16 bits."""

FULL_SCALE_POWER = 32768.0 * 32768.0
"""Mean square of samples of 16 bits at 0 dBFS."""


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
        rules = audibility or Audibility()
        self._frame_ms = frame_ms
        self._samples_per_frame = _samples_per_frame(sample_rate, frame_ms)
        self._frame_bytes = 2 * self._samples_per_frame
        # Powers and their ratios from here on: a logarithm for each frame of each caller would be most of the work.
        self._margin = ratio_of(rules.margin_db)
        self._lowest = power_of(rules.lowest_threshold_dbfs)
        self._highest = power_of(rules.highest_threshold_dbfs)
        self._rise = ratio_of(rules.rise_db_per_s * frame_ms / 1000)
        self._steady_ms = rules.steady_ms
        self._steady_range = ratio_of(rules.steady_range_db)
        self._floor = power_of(rules.first_floor_dbfs)
        self._softest, self._loudest, self._stretch_ms = FULL_SCALE_POWER, _SILENCE_POWER, 0
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

    def feed(self, pcm: bytes) -> None:
        """Judge more audio, any number of whole samples."""
        data = self._rest + pcm if self._rest else pcm
        size = self._frame_bytes
        whole = len(data) - len(data) % size
        if whole:
            step = self._samples_per_frame
            frames = np.frombuffer(data, np.int16, whole // 2).astype(np.float32).reshape(-1, step)
            self.judge((np.vecdot(frames, frames) / step).tolist())
        self._rest = data[whole:]

    def skip(self, frames: int) -> None:
        """So many frames went by that nobody judged."""
        self._position_ms += frames * self._frame_ms

    def restart(self) -> None:
        """Forget the span found so far; position and noise floor go on."""
        self.first_ms = self.last_ms = None

    def judge(self, powers: Sequence[float]) -> None:
        """More whole frames, by the mean squares of their samples of 16 bits: for who has them already.

        Runs for every window of every caller.
        """
        frame_ms, position_ms, floor = self._frame_ms, self._position_ms, self._floor
        for power in powers:
            level = power if power > 1.0 else _SILENCE_POWER
            position_ms += frame_ms
            if level > self._highest or (level > self._lowest and level > floor * self._margin):
                if self.first_ms is None:
                    self.first_ms = position_ms - frame_ms
                self.last_ms = position_ms
            floor = min(level, floor * self._rise)
            self._softest = min(self._softest, level)
            self._loudest = max(self._loudest, level)
            self._stretch_ms += frame_ms
            if self._stretch_ms >= self._steady_ms:
                if self._loudest <= self._softest * self._steady_range:
                    floor = max(floor, self._loudest)
                self._softest, self._loudest, self._stretch_ms = FULL_SCALE_POWER, _SILENCE_POWER, 0
        self._position_ms, self._floor = position_ms, floor


def power_of(dbfs: float) -> float:
    """The mean square of samples of 16 bits at a level."""
    return FULL_SCALE_POWER * ratio_of(dbfs)


def ratio_of(db: float) -> float:
    """Of two powers so many decibels apart."""
    return float(10 ** (db / 10))


_SILENCE_POWER = power_of(SILENCE_DBFS)


def _samples_per_frame(sample_rate: int, frame_ms: int) -> int:
    if sample_rate <= 0 or sample_rate * frame_ms % 1000:
        raise ValueError(f"no whole number of samples in {frame_ms} ms at {sample_rate} Hz")
    return sample_rate * frame_ms // 1000
