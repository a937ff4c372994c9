"""What stands in for audio that was lost: the voice goes on as it was and fades, where silence would cut words in two.

After ITU-T G.711 Appendix I (1999): the last pitch period is repeated, softer after 10 ms and gone after 60, and the
voice that comes back is faded in over it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FULL_MS: Final = 10
GONE_MS: Final = 60
"""No sound of speech stays the same for longer."""

JOIN_MS: Final = 4
"""In which the voice that comes back takes over."""

_SHORTEST_MS, _LONGEST_MS = 2.5, 15.0
"""Pitch periods: 400 to 66 Hz."""

_COMPARED_MS: Final = 20

Samples = NDArray[np.float32]


class Concealment:
    """One voice of ``rate`` samples a second, mono s16."""

    def __init__(self, rate: int) -> None:
        self._per_ms = rate // 1000
        self._shortest = int(_SHORTEST_MS * self._per_ms)
        self._longest = int(_LONGEST_MS * self._per_ms)
        self._compared = _COMPARED_MS * self._per_ms
        self._last = np.zeros(0, np.float32)
        """What was heard last, as much as is looked at."""

    def feed(self, pcm: bytes, *, lost: int = 0) -> bytes:
        """The audio with what was ``lost`` before it, in samples, made up: as many samples more."""
        voice = np.frombuffer(pcm, "<i2")
        if not lost:
            self._remember(voice)
            return pcm
        join = min(JOIN_MS * self._per_ms, len(voice))
        made_up = self._made_up(lost + join)
        fading_in = np.linspace(0.0, 1.0, join, endpoint=False, dtype=np.float32)
        joined = voice.astype(np.float32)
        joined[:join] = joined[:join] * fading_in + made_up[lost:] * (1 - fading_in)
        heard = np.concatenate((made_up[:lost], joined))
        self._remember(heard)
        return heard.round().astype("<i2").tobytes()

    def _remember(self, voice: NDArray[np.generic]) -> None:
        heard = np.concatenate((self._last, voice.astype(np.float32)))
        self._last = heard[-(self._compared + self._longest) :]

    def _made_up(self, samples: int) -> Samples:
        made_up = np.zeros(samples, np.float32)
        if len(self._last) < self._compared + self._longest:
            return made_up
        sounding = min(samples, GONE_MS * self._per_ms)
        period = self._last[-self._period() :]
        time_ms = np.arange(sounding, dtype=np.float32) / self._per_ms
        gain = np.clip((GONE_MS - time_ms) / (GONE_MS - FULL_MS), 0.0, 1.0)
        made_up[:sounding] = np.resize(period, sounding) * gain
        return made_up

    def _period(self) -> int:
        """The lag at which the voice is most like itself."""
        template = self._last[-self._compared :]
        alike = np.correlate(self._last[: -self._shortest], template, "valid")
        squares = np.concatenate(([0.0], np.cumsum(self._last[: -self._shortest].astype(np.float64) ** 2)))
        energy = squares[self._compared :] - squares[: -self._compared]
        best = int(np.argmax(alike / np.sqrt(energy + 1.0)))
        return len(self._last) - self._compared - best
