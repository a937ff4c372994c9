"""How far ahead of the caller's ear audio has to be, from how steadily this caller's line and this process run. Pure.

Too little, and a frame that is late is heard as a gap; too much, and the agent talks on after it was interrupted. A
client that tells nothing of its playback still shows its line: its own audio comes over it.
"""

STEADY_MS = 20.0
"""The least: the grain of the event loop and of the frames."""

UNKNOWN_MS = 30.0
"""Before anything was measured."""

WORST_MS = 300.0
"""The most: beyond it a line is so bad that a quick stop is worth more."""

HICCUP_MS = 50.0
"""The most that the process's own lateness counts: it is seldom, and a quick stop is wanted all the time."""

SAFETY = 1.5
"""Times the worst of late: what comes next may be a little worse."""

HALF_LIFE_MS = 5_000.0
PAUSE_MS = 1_000.0
"""Audio that comes so much later than before was not late: the client had paused."""

DRIFT = 0.001
"""The most by which two sound cards' clocks differ."""

STEP_MS = 10.0
"""Smaller changes are not worth telling."""


class Lead:
    """One caller. ``frame`` with all audio so far whenever some comes; ``late`` with this process's own lateness."""

    def __init__(self) -> None:
        self.margin_ms = UNKNOWN_MS
        self._base_ms: float | None = None
        self._peak_ms = UNKNOWN_MS / SAFETY
        self._frame_at_ms = 0.0
        self._moved_at_ms = 0.0

    def frame(self, received_ms: float, now_ms: float) -> None:
        """Audio came: how late is that, against the best there was?"""
        offset_ms = now_ms - received_ms
        base_ms = self._base_ms
        if base_ms is None or offset_ms - base_ms > PAUSE_MS:
            base_ms = offset_ms
        self._base_ms = min(offset_ms, base_ms + (now_ms - self._frame_at_ms) * DRIFT)
        self._frame_at_ms = now_ms
        self._peak_ms = max(self._peak_ms, offset_ms - self._base_ms)

    def late(self, by_ms: float) -> None:
        """Something that was due ran so much later."""
        self._peak_ms = max(self._peak_ms, min(by_ms, HICCUP_MS))

    def moved(self, now_ms: float) -> bool:
        """Forget a little; whether ``margin_ms`` is another now. Call it about ten times a second."""
        self._peak_ms *= 0.5 ** ((now_ms - self._moved_at_ms) / HALF_LIFE_MS)
        self._moved_at_ms = now_ms
        wanted_ms = min(max(self._peak_ms * SAFETY, STEADY_MS), WORST_MS)
        if abs(wanted_ms - self.margin_ms) < STEP_MS and wanted_ms != STEADY_MS:
            return False
        changed, self.margin_ms = wanted_ms != self.margin_ms, wanted_ms
        return changed
