"""The repositories a sync works on, and the guarded transactions of one run."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from msgspec import Struct

from storage.conversations import Conversations
from storage.crm_conflicts import CrmConflicts
from storage.crm_contacts import CrmContacts
from storage.crm_dead_letters import CrmDeadLetters
from storage.crm_inbox import CrmInbox
from storage.crm_outbox import CrmOutbox
from storage.crm_sync_runs import CrmSyncRuns, Tally, note_progress
from storage.crm_sync_state import CrmSyncState
from storage.database import Database, Transaction


class SyncStore(Struct, frozen=True):
    """Everything the sync keeps, in one database."""

    database: Database
    contacts: CrmContacts
    conflicts: CrmConflicts
    dead_letters: CrmDeadLetters
    inbox: CrmInbox
    outbox: CrmOutbox
    runs: CrmSyncRuns
    state: CrmSyncState
    conversations: Conversations


def sync_store(database: Database) -> SyncStore:
    return SyncStore(
        database=database,
        contacts=CrmContacts(database),
        conflicts=CrmConflicts(database),
        dead_letters=CrmDeadLetters(database),
        inbox=CrmInbox(database),
        outbox=CrmOutbox(database),
        runs=CrmSyncRuns(database),
        state=CrmSyncState(database),
        conversations=Conversations(database),
    )


class Run:
    """One run of one platform, by the worker that has its lease."""

    def __init__(self, store: SyncStore, platform: str, owner: str, run_id: str, now: Callable[[], datetime]) -> None:
        self.store = store
        self.platform = platform
        self.owner = owner
        self.id = run_id
        self.now = now
        self.tally = Tally()
        self.errors: dict[str, int] = {}
        self.clock_offset_s: float | None = None
        self._phase = ""
        self._total: int | None = None

    def enter(self, phase: str, total: int | None = None) -> None:
        self._phase, self._total = phase, total

    def note_error(self, code: str) -> None:
        self.errors[code] = self.errors.get(code, 0) + 1

    @asynccontextmanager
    async def writing(self, counts: Callable[[], Tally] | None = None) -> AsyncIterator[Transaction]:
        """A transaction in which the lease is held, and progress noted. ``counts`` is asked at its end."""
        async with self.store.state.holding(self.platform, self.owner) as transaction:
            yield transaction
            tally = counts() if counts is not None else Tally()
            await note_progress(transaction, self.id, self._phase, tally, total=self._total, now=self.now())
        self.tally += tally
