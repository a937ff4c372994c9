"""How late this process runs: time in which it could not have noticed what a provider sent. Pure."""

BEAT_MS = 100.0
"""How often the process shows that it runs."""

GRAIN_MS = 20.0
"""So much is the event loop's everyday work, and no lateness."""


class Lateness:
    """Beats are due every ``BEAT_MS``; what comes after that is lateness. Session milliseconds."""

    def __init__(self, now_ms: float) -> None:
        self._due_ms = now_ms + BEAT_MS

    def past_due_ms(self, now_ms: float) -> float:
        """How late the beat is, be it below the grain."""
        return max(0.0, now_ms - self._due_ms)

    def beat(self, now_ms: float) -> None:
        """The process runs: the next beat is due. Take what is late first."""
        self._due_ms = now_ms + BEAT_MS

    def take(self, now_ms: float) -> float:
        """How late the beat is beyond what was taken before, in ms; 0.0 below the grain."""
        late_ms = now_ms - self._due_ms
        if late_ms < GRAIN_MS:
            return 0.0
        self._due_ms = now_ms
        return late_ms
