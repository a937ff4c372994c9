"""One caller's audio on its way to the network: cut into windows, judged for loudness, gated, filtered. Pure."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pipelines.audio.level import AudibleSpan
from pipelines.vad.decimate import FACTOR, HALF_WIDTH, INPUT_SAMPLES, decimated
from pipelines.vad.gate import BLOCK_MS, EnergyGate, GateRules, block_powers
from pipelines.vad.model import CONTEXT_SAMPLES, WINDOW_SAMPLES
from pipelines.vad.port import SAMPLE_RATE, WINDOW_MS

_SAMPLE_BYTES = 2
_BEFORE = FACTOR * CONTEXT_SAMPLES + HALF_WIDTH
_WINDOW = FACTOR * WINDOW_SAMPLES
_BEFORE_BYTES = _BEFORE * _SAMPLE_BYTES
_WINDOW_BYTES = _WINDOW * _SAMPLE_BYTES
_INPUT_BYTES = INPUT_SAMPLES * _SAMPLE_BYTES


class NextWindow(Struct, frozen=True):
    """A window that is due. ``row``: what the network is to judge, of 16 bits; None: silent.

    ``fresh``: the network's state of this caller starts anew. ``audible_end_ms``: as in ``Window``.
    """

    end_ms: float
    audible_end_ms: float
    row: NDArray[np.float32] | None
    fresh: bool = False


class CallerAudio:
    """What a caller sent and nobody judged yet, with what lies before it. A window is due 2 ms after its end, when the
    filter has what it needs.

    At ``max_queued_ms`` the oldest windows are dropped: they are never judged, the time of the others stays true.
    """

    def __init__(self, gate: GateRules | None, max_queued_ms: int) -> None:
        self._rules = gate
        self._max_bytes = _INPUT_BYTES - _WINDOW_BYTES + max_queued_ms // WINDOW_MS * _WINDOW_BYTES
        self._pending = bytearray(_BEFORE_BYTES)
        self._taken_windows = 0
        self._level = AudibleSpan(SAMPLE_RATE, frame_ms=BLOCK_MS)
        self._start_anew()
        self.dropped_windows = 0

    @property
    def has_window(self) -> bool:
        return len(self._pending) >= _INPUT_BYTES

    def feed(self, pcm: bytes) -> None:
        """Queue audio. Raises ValueError on half a sample."""
        if len(pcm) % _SAMPLE_BYTES:
            raise ValueError("half a sample")
        self._pending += pcm
        excess = len(self._pending) - self._max_bytes
        if excess > 0:
            self._drop_windows(-(-excess // _WINDOW_BYTES))

    def take(self) -> NextWindow:
        """The oldest window; only when there ``has_window``."""
        samples = np.frombuffer(self._pending, np.int16, INPUT_SAMPLES).astype(np.float32)
        self._advance(1)
        powers = block_powers(samples[_BEFORE : _BEFORE + _WINDOW])
        for power in powers:
            self._level.judge(power)
        end_ms, audible_end_ms = float(self._taken_windows * WINDOW_MS), float(self._level.last_ms or 0)
        if self._gate is not None and not self._gate.admits(powers):
            self._fresh = True
            return NextWindow(end_ms, audible_end_ms, None)
        fresh, self._fresh = self._fresh, False
        return NextWindow(end_ms, audible_end_ms, decimated(samples), fresh)

    def _drop_windows(self, count: int) -> None:
        self._advance(count)
        self._level.skip(count * WINDOW_MS // BLOCK_MS)
        self._start_anew()
        self.dropped_windows += count

    def _advance(self, windows: int) -> None:
        del self._pending[: windows * _WINDOW_BYTES]
        self._taken_windows += windows

    def _start_anew(self) -> None:
        self._gate = EnergyGate(self._rules) if self._rules else None
        self._fresh = True
