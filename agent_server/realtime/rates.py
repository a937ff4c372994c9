"""How fast a client may talk to its conversation. Pure: time is passed in."""

from msgspec import Struct


class Allowance(Struct):
    """A bucket that fills at ``per_s`` up to ``burst``."""

    per_s: float
    burst: float
    level: float = -1.0
    filled_at_ms: float = 0.0

    def take(self, amount: float, now_ms: float) -> bool:
        """Take that much, or nothing and False."""
        if self.level < 0:
            self.level, self.filled_at_ms = self.burst, now_ms
        self.level = min(self.burst, self.level + (now_ms - self.filled_at_ms) / 1000 * self.per_s)
        self.filled_at_ms = now_ms
        if amount > self.level:
            return False
        self.level -= amount
        return True


class Reading:
    """How long to wait before a client's next message is read.

    Who sends more than a conversation can need is held back by its own line, so that no other caller waits for what
    its messages cost to parse and to refuse. Who goes on all the same is cut off: its place is somebody else's.
    """

    CHARS_PER_S = 1024 * 1024
    """Sixteen times what audio takes."""

    CHARS_AT_ONCE = 32 * 1024 * 1024
    GRAIN_CHARS = 64 * 1024
    """Less is not counted by itself: a second of audio has as many."""

    MAX_PAUSE_S = 1.0
    REFUSAL_PAUSE_S = 0.005
    PATIENCE_S = 10.0
    """So long may a client be held back in all; a tenth of the time that passes is forgiven."""

    def __init__(self) -> None:
        self._chars = Allowance(per_s=self.CHARS_PER_S, burst=self.CHARS_AT_ONCE)
        self._refusals = Allowance(per_s=50.0, burst=300.0)
        self._patience = Allowance(per_s=0.1, burst=self.PATIENCE_S)
        self.is_over = False
        """The client was held back for too long."""
        self._uncounted = 0

    def pause_s(self, chars: int, now_ms: float, *, refused: bool) -> float:
        """After a message of so many characters (or bytes); ``refused``: it was answered with an error."""
        self._uncounted += chars
        if not refused and self._uncounted < self.GRAIN_CHARS:
            return 0.0
        chars, self._uncounted = self._uncounted, 0
        held_back = refused and not self._refusals.take(1.0, now_ms)
        pause_s = self.REFUSAL_PAUSE_S if held_back else 0.0
        if not self._chars.take(chars, now_ms):
            pause_s = max(pause_s, min(self.MAX_PAUSE_S, chars / self.CHARS_PER_S))
        if pause_s and not self._patience.take(pause_s, now_ms):
            self.is_over = True
        return pause_s


def audio_allowance() -> Allowance:
    """Milliseconds of audio: real time with a little slack for clocks, and a minute's upload at once."""
    return Allowance(per_s=1050.0, burst=60_000.0)


def event_allowance() -> Allowance:
    """Events other than audio: far above what people and programs in conversation send."""
    return Allowance(per_s=50.0, burst=300.0)
