"""One caller's audio on its way to the network: queued, cut into windows, judged for loudness, gated. Pure.

What costs numpy the same for one window as for many (powers, filtering) is done for a batch of all callers' windows.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pipelines.audio.level import AudibleSpan
from pipelines.vad.decimate import FACTOR, HALF_WIDTH, INPUT_SAMPLES
from pipelines.vad.gate import BLOCK_MS, EnergyGate, GateRules
from pipelines.vad.model import CONTEXT_SAMPLES, WINDOW_SAMPLES
from pipelines.vad.port import SAMPLE_RATE, WINDOW_MS

_SAMPLE_BYTES = 2
_BEFORE = FACTOR * CONTEXT_SAMPLES + HALF_WIDTH
_WINDOW = FACTOR * WINDOW_SAMPLES
WINDOW_ITSELF = slice(_BEFORE, _BEFORE + _WINDOW)
"""Where in ``INPUT_SAMPLES`` the window lies."""

_BEFORE_BYTES = _BEFORE * _SAMPLE_BYTES
_WINDOW_BYTES = _WINDOW * _SAMPLE_BYTES
_INPUT_BYTES = INPUT_SAMPLES * _SAMPLE_BYTES


class TakenWindow(Struct, frozen=True):
    """A window that was taken. ``admitted``: the network is to judge it, else it is silent.

    ``fresh``: the network's state of this caller starts anew. ``audible_end_ms``: as in ``Window``.
    """

    end_ms: float
    audible_end_ms: float
    admitted: bool
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

    def take_into(self, samples: NDArray[np.float32]) -> None:
        """Move the oldest window out, with what the filter needs of both sides: ``INPUT_SAMPLES``. Only when there
        ``has_window``; then ``judge`` it."""
        # The slice is a copy: while anything looks at the buffer itself, it cannot be shortened.
        samples[:] = np.frombuffer(self._pending[:_INPUT_BYTES], np.int16)
        self._advance(1)

    def clear(self) -> None:
        """No window is wanted any more."""
        self._pending = bytearray()

    def judge(self, powers: Sequence[float]) -> TakenWindow:
        """What to do with the window taken last. ``powers``: of its blocks."""
        self._level.judge(powers)
        end_ms, audible_end_ms = float(self._taken_windows * WINDOW_MS), float(self._level.last_ms or 0)
        if self._gate is not None and not self._gate.admits(powers):
            self._fresh = True
            return TakenWindow(end_ms, audible_end_ms, admitted=False)
        fresh, self._fresh = self._fresh, False
        return TakenWindow(end_ms, audible_end_ms, admitted=True, fresh=fresh)

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
