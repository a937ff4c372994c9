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


def audio_allowance() -> Allowance:
    """Milliseconds of audio: real time with a little slack for clocks, and a minute's upload at once."""
    return Allowance(per_s=1050.0, burst=60_000.0)


def event_allowance() -> Allowance:
    """Events other than audio: far above what people and programs in conversation send."""
    return Allowance(per_s=50.0, burst=300.0)
