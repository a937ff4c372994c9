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

    CHARS_AT_ONCE = 12 * 1024 * 1024
    """A minute of audio in frames of 20 ms, and half as much again."""

    MESSAGE_CHARS = 2048
    """A message counts as so many more: the smallest costs as much. In frames of 2.5 ms audio is still in time."""

    GRAIN_CHARS = 64 * 1024
    """Less is not counted by itself: half a second of audio in frames of 20 ms has as many."""

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

    def pause_s(self, chars: int, now_ms: float, *, refused: bool) -> float | None:
        """After a message of so many characters (or bytes); ``refused``: it was answered with an error. None: read on.
        Zero: first let others have their turn, as what has arrived already is read without one."""
        self._uncounted += chars + self.MESSAGE_CHARS
        if not refused and self._uncounted < self.GRAIN_CHARS:
            return None
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
