"""Times that a calendar of somebody else's takes from ours: the port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pipelines.calendar.port import Slot


class Elsewhere(Protocol):
    """Answers within seconds and raises nothing: what cannot be learned counts as free."""

    async def busy(self, now: datetime, days_ahead: int) -> Sequence[Slot]:
        """Times taken from now on, as they were some seconds ago."""

    async def taken(self, slot: Slot, now: datetime, *, but: str | None = None) -> bool:
        """Whether anything is there at that time, at this moment; ``but``: the UID of an event that does not count."""


class NothingElsewhere:
    """Implements Elsewhere for an installation without."""

    async def busy(self, _now: datetime, _days_ahead: int) -> Sequence[Slot]:
        return ()

    async def taken(self, _slot: Slot, _now: datetime, *, but: str | None = None) -> bool:
        return False
