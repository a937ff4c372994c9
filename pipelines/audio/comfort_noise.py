"""A little noise under a signal, as every real line has. Pure.

Digital silence, from noise suppression or from a synthesiser, is something a recogniser trained on recordings of people
never met: features of exact zeros are far from those of any room.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_TABLE_SAMPLES = 1 << 16


class ComfortNoise:
    """One stream of white noise; the same for every stream, so that results can be repeated."""

    def __init__(self, rms: float) -> None:
        """``rms``: the noise's level in sample steps; 40 is -58 dBFS."""
        self._noise = _noise(rms)
        self._position = 0

    def add(self, pcm: bytes) -> bytes:
        """The audio with noise under it. Raises ValueError on half a sample."""
        samples = np.frombuffer(pcm, np.int16)
        places = np.arange(self._position, self._position + len(samples)) % _TABLE_SAMPLES
        self._position = (self._position + len(samples)) % _TABLE_SAMPLES
        mixed: NDArray[np.int32] = samples.astype(np.int32) + self._noise[places]
        return mixed.clip(-32768, 32767).astype(np.int16).tobytes()


@cache
def _noise(rms: float) -> NDArray[np.int16]:
    samples = np.random.default_rng(1).standard_normal(_TABLE_SAMPLES) * rms
    return samples.astype(np.int16)
