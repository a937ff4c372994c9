"""Where a ladder of providers is entered: below a rung that failed a moment ago, at the top again after a while."""

COOL_DOWN_MS = 30_000.0
"""A provider that failed is not waited for again within this time; as long as breakers stay open elsewhere."""


class Ladder:
    """One conversation's memory of a ladder's failures."""

    def __init__(self) -> None:
        self._failed_at_ms: dict[int, float] = {}

    def failed(self, rung: int, now_ms: float) -> None:
        self._failed_at_ms[rung] = now_ms

    def first_rung(self, rungs: int, now_ms: float) -> int:
        """The first that has not failed lately; the last when all have."""
        for rung in range(rungs - 1):
            failed_at_ms = self._failed_at_ms.get(rung)
            if failed_at_ms is None or now_ms >= failed_at_ms + COOL_DOWN_MS:
                return rung
        return rungs - 1
