"""How busy the event loop of this process is, and whether it may take on another conversation. Pure: time is passed in.

One core carries so many conversations. With one more, all of them wait for each other, and every caller hears it: the
door refuses it instead, so that it finds a place in another process, or in this one a moment later.
"""

HALF_LIFE_S = 3.0
RELIEF = 0.1
"""A full process takes conversations again once it is so much less busy: not one more with every breath."""


class Load:
    """``busy``: share of the time that the event loop worked, weighed by how recent it is; 0 to 1."""

    def __init__(self, limit: float) -> None:
        """``limit``: the share from which on there is no room; from 1 on there always is."""
        self._limit = limit
        self.busy = 0.0
        self.is_full = False

    def worked(self, busy_s: float, of_s: float) -> None:
        """Of the last ``of_s`` seconds, so many were work."""
        if of_s <= 0:
            return
        weight = 0.5 ** (of_s / HALF_LIFE_S)
        self.busy = weight * self.busy + (1 - weight) * min(1.0, busy_s / of_s)
        self.is_full = self._limit < 1 and self.busy > self._limit - (RELIEF if self.is_full else 0.0)
