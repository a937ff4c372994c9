"""Streaming sample-rate conversion with a short, known delay.

Between rates of a small ratio (8, 16, 24 and 48 kHz) a polyphase FIR filter does it: its delay is 2 ms at most, where a
streaming ``soxr`` hands audio over in blocks of up to 100 ms (measured, soxr 1.1). Other ratios, 22.05 to 24 kHz for
one, go through ``soxr`` at its low-delay setting.
"""

from functools import cache, partial
from math import ceil, gcd
from typing import Any, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

_ZERO_CROSSINGS = 16
"""Lobes of the windowed sinc on either side. 16 put the 24-to-8 kHz pass band's end at 3.4 kHz, as G.712 wants it."""

_KAISER_BETA = 6.2
"""65 dB of stop-band attenuation (Kaiser 1974: beta = 0.1102 (A - 8.7))."""

_LARGEST_RATIO = 6
_LARGEST_SAMPLE = np.float32(32767)
_SMALLEST_SAMPLE = np.float32(-32768)


class Resampler(Protocol):
    """One stream's state. Output sample k is the input at the same time: the filter's delay is taken out."""

    def feed(self, pcm: bytes) -> bytes:
        """Take any number of whole samples, give what is ready. Raises ValueError on half a sample."""

    def flush(self) -> bytes:
        """Give what the filter still holds and start afresh."""


def resampler(source_hz: int, target_hz: int) -> Resampler:
    """Pick the conversion between two rates. Raises ValueError if a rate is not positive."""
    if source_hz <= 0 or target_hz <= 0:
        raise ValueError(f"sample rates must be positive: {source_hz} to {target_hz}")
    if source_hz == target_hz:
        return _Unchanged()
    divisor = gcd(source_hz, target_hz)
    if max(source_hz, target_hz) // divisor <= _LARGEST_RATIO:
        return PolyphaseResampler(source_hz // divisor, target_hz // divisor)
    return SoxrResampler(source_hz, target_hz)


class _Unchanged:
    def feed(self, pcm: bytes) -> bytes:
        if len(pcm) % 2:
            raise ValueError("half a sample")
        return pcm

    def flush(self) -> bytes:
        return b""


class PolyphaseResampler:
    """``down`` input samples become ``up`` output samples, each a weighted sum of its neighbourhood."""

    def __init__(self, down: int, up: int) -> None:
        self._down = down
        self._up = up
        self._weights = polyphase_weights(down, up)
        self._taps = self._weights.shape[0]
        self._look_ahead = _half_width(down, up)
        self._held: NDArray[np.float32] = self._silence()
        self._owed = 0

    def feed(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, np.int16)
        self._owed += len(samples)
        held = np.concatenate((self._held, samples), dtype=np.float32)
        blocks = (len(held) - self._taps) // self._down + 1
        if blocks <= 0:
            self._held = held
            return b""
        used = blocks * self._down
        self._owed -= used
        self._held = held[used:].copy()
        # The overlapping neighbourhoods as one matrix, a view; as_strided and clip would cost 4 µs more between them.
        neighbourhoods = np.ndarray((blocks, self._taps), np.float32, held, 0, (4 * self._down, 4))
        filtered: NDArray[np.float32] = np.dot(neighbourhoods, self._weights)
        np.rint(filtered, out=filtered)
        np.minimum(filtered, _LARGEST_SAMPLE, out=filtered)
        np.maximum(filtered, _SMALLEST_SAMPLE, out=filtered)
        return filtered.astype(np.int16).tobytes()

    def flush(self) -> bytes:
        # Samples whose right-hand neighbours never came; a block that is not full gives its share, rounded up.
        wanted = -(-self._owed * self._up // self._down)
        rest = self.feed(bytes(2 * (self._taps + self._down)))[: 2 * wanted]
        self._held = self._silence()
        self._owed = 0
        return rest

    def _silence(self) -> NDArray[np.float32]:
        """What lies before the first sample: half a neighbourhood, so that the delay cancels."""
        return np.zeros(self._look_ahead, np.float32)


class SoxrResampler:
    """Any ratio. "LQ" holds back about 1 ms at 22.05 to 24 kHz; better settings hold back tens of milliseconds."""

    def __init__(self, source_hz: int, target_hz: int, quality: str = "LQ") -> None:
        stream: Any = soxr.ResampleStream
        self._new = partial(stream, source_hz, target_hz, 1, dtype="int16", quality=quality)
        self._stream = self._new()

    def feed(self, pcm: bytes) -> bytes:
        return bytes(self._stream.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes())

    def flush(self) -> bytes:
        rest = bytes(self._stream.resample_chunk(np.empty(0, np.int16), last=True).tobytes())
        self._stream = self._new()
        return rest


@cache
def polyphase_weights(down: int, up: int) -> NDArray[np.float32]:
    """Taps by output phase: column p makes the p-th of a block's ``up`` output samples.

    A Kaiser-windowed sinc that cuts at the lower of both Nyquist frequencies, each column scaled to unit gain at 0 Hz.
    """
    half_width = _half_width(down, up)
    stretch = max(1.0, down / up)
    # Where each output sample of a block lies, in input samples from the first of its neighbourhood.
    centres = half_width + np.arange(up) * down / up
    distance = (np.arange(int(centres[-1]) + half_width + 1)[:, None] - centres) / stretch
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (distance / _ZERO_CROSSINGS) ** 2, 0, 1)))
    weights = np.where(np.abs(distance) < _ZERO_CROSSINGS, np.sinc(distance) * window, 0.0)
    return np.ascontiguousarray(weights / weights.sum(axis=0), dtype=np.float32)


def _half_width(down: int, up: int) -> int:
    """Input samples on either side that one output sample is made of; also how many the filter looks ahead."""
    return ceil(_ZERO_CROSSINGS * max(1.0, down / up))
