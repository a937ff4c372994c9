"""Tells the conversations of this process that somebody changed a lead, in whichever process that was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from storage.leads.leads import CHANGED
from storage.postgres.database import Database
from storage.postgres.listening import hearing

Told = Callable[[UUID | None], None]
"""Is given the lead's id; None: any may have been changed unheard."""


class LeadChanges:
    """One per process; ``keep`` is its task."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: set[Told] = set()

    @contextmanager
    def telling(self, told: Told) -> Iterator[None]:
        """``told`` is called while in the block. It does not raise."""
        self._told.add(told)
        try:
            yield
        finally:
            self._told.discard(told)

    async def keep(self) -> None:
        """Until cancelled."""
        await hearing(
            self._database.line,
            CHANGED,
            heard=lambda lead_id: self._tell(UUID(lead_id)),
            began=lambda: self._tell(None),
            failing="conversations learn only at their next turn what somebody writes of their leads",
        )

    def _tell(self, lead_id: UUID | None) -> None:
        for told in tuple(self._told):
            told(lead_id)
