"""When to start a helper again after it died. Pure."""

from msgspec import Struct


class RestartRules(Struct, frozen=True):
    """The first restart comes at once; each one after that waits twice as long, until the helper has lived a while."""

    first_delay_s: float = 0.1
    longest_delay_s: float = 5.0
    settled_after_s: float = 10.0


class Restarts:
    """Counts the deaths that followed each other closely."""

    def __init__(self, rules: RestartRules) -> None:
        self._rules = rules
        self._deaths = 0

    def delay_s(self, lived_s: float) -> float:
        """How long to wait after a helper that was ready for ``lived_s`` (0 if it never was)."""
        if lived_s >= self._rules.settled_after_s:
            self._deaths = 0
        self._deaths += 1
        if self._deaths == 1:
            return 0.0
        return min(self._rules.first_delay_s * 2.0 ** (self._deaths - 2), self._rules.longest_delay_s)
