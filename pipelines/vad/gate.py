"""Which windows are worth a look by the model: an energy gate with hysteresis. Pure."""

from collections.abc import Sequence
from math import log10

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pipelines.vad.port import SAMPLE_RATE

BLOCK_MS = 8
"""Short enough that the first millisecond of a word is not averaged away."""

_BLOCK_SAMPLES = SAMPLE_RATE * BLOCK_MS // 1000

_FULL_SCALE_POWER = 32768.0 * 32768.0
_SILENT_POWER = 1.0


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
        self._held = 0
        self._older_floor = self._newer_floor = rules.lowest_dbfs - rules.margin_db
        self._newer_windows = 0

    def admits(self, powers: Sequence[float]) -> bool:
        """``powers``: of the window's blocks. True: let the model judge this window. False: it is silent."""
        loud = _dbfs(max(powers)) > self._threshold_dbfs()
        self._follow_floor(_dbfs(sum(powers) / len(powers)))
        admitted = loud or self._held > 0
        self._held = self._rules.hold_windows if loud else max(0, self._held - 1)
        return admitted

    def _threshold_dbfs(self) -> float:
        wanted = min(self._older_floor, self._newer_floor) + self._rules.margin_db
        return min(max(wanted, self._rules.lowest_dbfs), self._rules.highest_dbfs)

    def _follow_floor(self, level_dbfs: float) -> None:
        """A sliding minimum in two halves: the newer one becomes the older one when it is full."""
        self._newer_floor = min(self._newer_floor, level_dbfs) if self._newer_windows else level_dbfs
        self._newer_windows += 1
        if self._newer_windows == self._rules.floor_windows:
            self._older_floor, self._newer_windows = self._newer_floor, 0


def block_powers(samples: NDArray[np.float32]) -> list[list[float]]:
    """The mean square of each ``BLOCK_MS`` of 16-bit windows, shape (windows, samples): a list for each."""
    blocks = samples.reshape(len(samples), -1, _BLOCK_SAMPLES)
    powers: list[list[float]] = (np.vecdot(blocks, blocks) / _BLOCK_SAMPLES).tolist()
    return powers


def _dbfs(power: float) -> float:
    return 10 * log10(max(power, _SILENT_POWER) / _FULL_SCALE_POWER)
