"""How long a model takes to its first token, as measured of late, and the waits that follow from it. Pure."""

from collections import deque

from msgspec import Struct

_KEPT = 64
_KEPT_S = 600.0
_ENOUGH = 8
"""Fewer samples make no percentile."""


class HedgeSettings(Struct, frozen=True):
    """Milliseconds. A second provider is asked when the first has been silent for the p95 of its usual time, within
    these bounds: earlier would double the cost of ordinary jitter, later a caller hears the difference."""

    least_ms: float = 120.0
    most_ms: float = 600.0
    unmeasured_ms: float = 500.0


class PatienceSettings(Struct, frozen=True):
    """Milliseconds a live turn waits for a first token that nobody else is asked for: a multiple of the usual p95,
    within these bounds."""

    factor: float = 8.0
    least_ms: float = 1200.0
    most_ms: float = 2000.0


class FirstTokens:
    """The times to the first token of one model: the last few, none older than ten minutes."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._sorted: list[float] = []

    def add(self, ms: float, now_s: float) -> None:
        self._samples.append((now_s, ms))
        self._sorted = sorted(ms for _, ms in self._samples)

    def typical_ms(self, now_s: float) -> float | None:
        """The median; None: nothing was measured of late."""
        self._forget(now_s)
        return self._sorted[len(self._sorted) // 2] if self._sorted else None

    def hedge_after_ms(self, settings: HedgeSettings, now_s: float) -> float:
        """How long to wait for a first token before another provider is asked too."""
        p95 = self._p95_ms(now_s)
        return settings.unmeasured_ms if p95 is None else min(settings.most_ms, max(settings.least_ms, p95))

    def give_up_after_ms(self, settings: PatienceSettings, now_s: float) -> float:
        """How long to wait for a first token at all."""
        p95 = self._p95_ms(now_s)
        return settings.most_ms if p95 is None else min(settings.most_ms, max(settings.least_ms, settings.factor * p95))

    def _p95_ms(self, now_s: float) -> float | None:
        self._forget(now_s)
        count = len(self._sorted)
        return self._sorted[int(count * 0.95)] if count >= _ENOUGH else None

    def _forget(self, now_s: float) -> None:
        if self._samples and now_s - self._samples[0][0] > _KEPT_S:
            while self._samples and now_s - self._samples[0][0] > _KEPT_S:
                self._samples.popleft()
            self._sorted = sorted(ms for _, ms in self._samples)
