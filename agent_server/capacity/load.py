"""How busy the event loop of this process is, and whether it may take on another conversation. Pure: time is passed in.

One core carries so many conversations. With one more, all of them wait for each other, and every caller hears it: the
door refuses it instead, so that it finds a place in another process, or in this one a moment later.
"""

from collections import deque

HALF_LIFE_S = 3.0
RELIEF = 0.1
"""A full process takes conversations again once it is so much less busy: not one more with every breath."""

CALL_SHARE = 0.016
"""What a spoken conversation takes of a slow core: 1.0 processor seconds a minute, as ``bench_conversations`` finds it.
On others it is less: so much is expected of a new one until those that run tell."""

LEAST_SHARE = CALL_SHARE / 2
"""Those that run may all be typed, and the next one spoken."""

TELLING = 10
"""Conversations that have to run before they tell as much as ``CALL_SHARE`` does."""

YOUNG_S = 6.0
"""So long does it take a new conversation to show in what is measured: until then its share is expected of it."""

LATE_S = 0.02
"""One frame of audio: what comes later than that, callers begin to hear."""

LATE_SHARE = 0.5


class Load:
    """``busy``: share of the time that the event loop worked; ``late``: share of the time in which what was due came
    more than ``LATE_S`` late, be it that others have the core. Both weighed by how recent it is; 0 to 1."""

    def __init__(self, limit: float) -> None:
        """``limit``: the share from which on there is no room; from 1 on there always is."""
        self._limit = limit
        self._young: deque[float] = deque()
        self._is_full = False
        self._talking = 0.0
        """Conversations, weighed as ``busy`` is."""
        self.busy = 0.0
        self.late = 0.0

    def worked(self, busy_s: float, of_s: float, late_s: float = 0.0, *, talking: int = 0) -> None:
        """Of the last ``of_s`` seconds, so many were work; what was due at their end came ``late_s`` after it.
        ``talking``: conversations that there are."""
        if of_s <= 0:
            return
        weight = 0.5 ** (of_s / HALF_LIFE_S)
        self.busy = weight * self.busy + (1 - weight) * min(1.0, busy_s / of_s)
        self._talking = weight * self._talking + (1 - weight) * talking
        self.late = weight * self.late + (1 - weight) * (late_s > LATE_S)

    def took_on(self, now_s: float) -> None:
        """A conversation begins. Seconds of any one clock."""
        self._young.append(now_s)

    def is_full(self, now_s: float, *, kept: int = 0) -> bool:
        """Whether one more conversation would make those that run wait for each other. ``kept``: so many more may begin
        at any moment."""
        if self._limit >= 1:
            return False
        relief = RELIEF if self._is_full else 0.0
        is_busy = self.busy + self._share * (self._young_ones(now_s) + kept) > self._limit - relief
        self._is_full = is_busy or self.late > LATE_SHARE - relief
        return self._is_full

    @property
    def _share(self) -> float:
        """What one more conversation is expected to take of the core."""
        told = (self.busy + TELLING * CALL_SHARE) / (self._talking + TELLING)
        return min(CALL_SHARE, max(LEAST_SHARE, told))

    def _young_ones(self, now_s: float) -> float:
        """Conversations that began just now, as far as they are not in ``busy`` yet."""
        while self._young and now_s - self._young[0] >= YOUNG_S:
            self._young.popleft()
        return sum(1 - (now_s - began_s) / YOUNG_S for began_s in self._young)
