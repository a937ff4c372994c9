"""The network's memory of every caller, side by side in one array, so that a batch is gathered in one step."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.vad.model import STATE_SIZE

_FIRST_CAPACITY = 16


class StateTable:
    """A slot of 2 x 128 numbers (1 KB) for each caller. Grows by doubling, never shrinks: slots are used again."""

    def __init__(self) -> None:
        self._states = np.zeros((2, _FIRST_CAPACITY, STATE_SIZE), np.float32)
        self._free = list(range(_FIRST_CAPACITY))

    def take(self) -> int:
        """A free slot. Its content is undefined until ``clear``."""
        if not self._free:
            capacity = self._states.shape[1]
            self._states = np.concatenate((self._states, np.zeros_like(self._states)), axis=1)
            self._free = list(range(capacity, 2 * capacity))
        return self._free.pop()

    def give_back(self, slot: int) -> None:
        self._free.append(slot)

    def clear(self, slot: int) -> None:
        self._states[:, slot] = 0.0

    def gather(self, slots: Sequence[int]) -> NDArray[np.float32]:
        """A copy of these slots, shape (2, len(slots), 128)."""
        return self._states[:, slots]

    def scatter(self, slots: Sequence[int], states: NDArray[np.float32]) -> None:
        self._states[:, slots] = states
