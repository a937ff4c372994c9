"""One run of one platform: its guarded transactions, its progress, its errors, and the wish to stop it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from crm.errors import InvalidRecord
from crm.sync.store import SyncStore
from storage.crm.sync_runs import Tally, note_progress
from storage.errors import InvalidData
from storage.postgres.database import Transaction

UNSTORABLE = "record_unstorable"
"""The code of what the database takes in no form."""


_SIGN_OF_LIFE = timedelta(seconds=1)
"""A run that has nothing new to tell says this often that it goes on; much less than what it counts as dead after."""


class Stopped(Exception):  # noqa: N818 - names the fact
    """The worker is to end; what is left is done by the next run."""


class Run:
    """By the worker ``owner``, which has the platform's lease. ``processed``: before it was cut off, if it was."""

    def __init__(
        self,
        store: SyncStore,
        *,
        platform: str,
        owner: str,
        run_id: str,
        now: Callable[[], datetime],
        processed: int = 0,
        stop: asyncio.Event | None = None,
    ) -> None:
        self.store = store
        self.platform = platform
        self.owner = owner
        self.id = run_id
        self.now = now
        self.errors: dict[str, int] = {}
        self.clock_offset_s: float | None = None
        self.made_ready: set[str] = set()
        """What changes waited for and is there now, by the codes they were put off with."""
        self.sends_meanwhile = True
        """Whether to look for what is to be sent in between; not once that has failed for good."""
        self.processed = processed
        self._stop = stop
        self._turn = asyncio.Lock()
        self._phase = ""
        self._total: int | None = None
        self._told: tuple[str, int | None, datetime] | None = None
        """The phase and its size as they were noted last, and when."""

    def enter(self, phase: str, total: int | None = None) -> None:
        """What the run is at from here on, and how many records that is, where known."""
        self._phase, self._total = phase, None if total is None else self.processed + total

    def note_error(self, code: str) -> None:
        self.errors[code] = self.errors.get(code, 0) + 1

    def check_stop(self) -> None:
        """Between two records. Raises Stopped."""
        if self._stop is not None and self._stop.is_set():
            raise Stopped

    @asynccontextmanager
    async def writing(self, counts: Callable[[], Tally] | None = None) -> AsyncIterator[Transaction]:
        """A transaction in which the lease is held, and progress noted. ``counts`` is asked at its end.

        One at a time: they would only wait for each other at the lease, each with a connection in its hand. Raises
        InvalidRecord for values the database never takes: what brought them is given up like a refused record.
        """
        try:
            async with self._turn, self.store.state.holding(self.platform, self.owner) as transaction:
                yield transaction
                tally = counts() if counts is not None else Tally()
                now = self.now()
                news = tally != Tally() or not self._is_told(now)
                if news:
                    await note_progress(transaction, self.id, self._phase, tally, total=self._total, now=now)
        except InvalidData as error:
            raise InvalidRecord(UNSTORABLE, "the database has no form for a value", platform=self.platform) from error
        self.processed += tally.processed
        if news:
            self._told = self._phase, self._total, now

    def _is_told(self, now: datetime) -> bool:
        """Whether the run's row says what it is at, and that it was a moment ago."""
        if self._told is None:
            return False
        *told, at = self._told
        return told == [self._phase, self._total] and now - at < _SIGN_OF_LIFE
