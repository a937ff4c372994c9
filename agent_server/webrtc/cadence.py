"""When the next frame of a voice is due, and at which tick of its RTP clock. Pure."""

FRAME_S = 0.02
FRAME_TICKS = 960
"""Of the 48 kHz that Opus has in RTP."""

LATE_S = 0.2
"""A frame that is no later is sent all the same, and those behind it right after; what is later was silence."""


class Cadence:
    """A frame every 20 ms from the first on, however late single ones were. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._due_s: float | None = None
        self._ticks = 0

    def next(self, now_s: float) -> tuple[float, int]:
        """When it is due, and its tick."""
        if self._due_s is None:
            self._due_s = now_s
            return self._due_s, self._ticks
        late_s = now_s - (self._due_s + FRAME_S)
        frames = 1 + (int(late_s / FRAME_S) if late_s > LATE_S else 0)
        self._due_s += FRAME_S * frames
        self._ticks += FRAME_TICKS * frames
        return self._due_s, self._ticks
