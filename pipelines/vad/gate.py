"""Which windows are worth a look by the model: an energy gate with hysteresis. Pure."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pipelines.audio.level import power_of, ratio_of
from pipelines.vad.port import SAMPLE_RATE

BLOCK_MS = 8
"""Short enough that the first millisecond of a word is not averaged away."""

_BLOCK_SAMPLES = SAMPLE_RATE * BLOCK_MS // 1000


class GateRules(Struct, frozen=True):
    """When a window is silent: every block of it below the threshold, for longer than ``hold_windows``.

    The threshold lies ``margin_db`` above the noise floor (the softest window of the last ``floor_windows`` to twice
    that), within its two bounds. Below the lower bound nobody is understood; above the upper one noise is left to the
    model, so that a loud line never hides a caller. The hold keeps the model running through the pauses of speech.
    """

    lowest_dbfs: float = -55.0
    highest_dbfs: float = -38.0
    margin_db: float = 5.0
    hold_windows: int = 8
    floor_windows: int = 32


class EnergyGate:
    """One caller's gate. Feed it every window in order."""

    def __init__(self, rules: GateRules) -> None:
        self._rules = rules
        # Powers, not levels: they compare without a logarithm.
        self._lowest, self._highest = power_of(rules.lowest_dbfs), power_of(rules.highest_dbfs)
        self._margin = ratio_of(rules.margin_db)
        self._held = 0
        self._older_floor = self._newer_floor = self._lowest / self._margin
        self._newer_windows = 0

    def admits(self, powers: Sequence[float]) -> bool:
        """``powers``: of the window's blocks. True: let the model judge this window. False: it is silent."""
        threshold = min(self._older_floor, self._newer_floor) * self._margin
        loud = max(powers) > min(max(threshold, self._lowest), self._highest)
        self._follow_floor(sum(powers) / len(powers))
        admitted = loud or self._held > 0
        self._held = self._rules.hold_windows if loud else max(0, self._held - 1)
        return admitted

    def _follow_floor(self, power: float) -> None:
        """A sliding minimum in two halves: the newer one becomes the older one when it is full."""
        self._newer_floor = min(self._newer_floor, power) if self._newer_windows else power
        self._newer_windows += 1
        if self._newer_windows == self._rules.floor_windows:
            self._older_floor, self._newer_windows = self._newer_floor, 0


def block_powers(samples: NDArray[np.float32]) -> list[list[float]]:
    """The mean square of each ``BLOCK_MS`` of 16-bit windows, shape (windows, samples): a list for each."""
    blocks = samples.reshape(len(samples), -1, _BLOCK_SAMPLES)
    powers: list[list[float]] = (np.vecdot(blocks, blocks) / _BLOCK_SAMPLES).tolist()
    return powers
