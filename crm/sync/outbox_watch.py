"""Wakes the sync for what is put into the outbox, by whomever, as soon as that is committed or its time has come.

Calls, outcomes and judgements get there by triggers of the database, in transactions that know nothing of a CRM. What
is overdue, because nothing could be sent, is left to the tick: only news and the passing of time wake here.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from crm.sync.jobs import SyncQueue
from crm.sync.store import SyncStore
from storage.errors import StorageError

_log = logging.getLogger(__name__)

CHANNEL = "crm_outbox"
"""As the trigger of migration 0012_crm_sync names it."""
_GATHER_S = 0.1
"""A conversation leaves several things behind at its end."""
_LONGEST_S = 60.0


class OutboxWatch:
    """One for each worker; several may wake the sync, it begins once."""

    def __init__(
        self,
        store: SyncStore,
        queue: SyncQueue,
        platforms: Iterable[str],
        now: Callable[[], datetime],
        *,
        anew_s: float = 5.0,
    ) -> None:
        """``anew_s``: how long after a lost connection another is tried."""
        self._store = store
        self._queue = queue
        self._platforms = frozenset(platforms)
        self._now = now
        self._anew_s = anew_s
        self._told: set[str] = set()
        self._awake = asyncio.Event()
        self._lost = False

    async def run(self) -> None:
        """Until cancelled; a lost connection is made anew, and what came meanwhile is looked for."""
        is_away = False
        while True:
            try:
                self._lost = False
                async with self._store.database.line.listening(CHANNEL, heard=self._hear, lost=self._lose):
                    is_away = False
                    self._told |= self._platforms
                    await self._watch()
            except StorageError as error:
                if not is_away:
                    _log.info("not told of changes to send (%s), trying again", error.code)
                is_away = True
            await asyncio.sleep(self._anew_s)

    def _hear(self, platform: str) -> None:
        self._told.add(platform)
        self._awake.set()

    def _lose(self) -> None:
        self._lost = True
        self._awake.set()

    async def _watch(self) -> None:
        """Until the connection is lost. Raises StorageError."""
        while not self._lost:
            await self._wake()
            looked_at = self._now()
            coming = {
                platform: due_at
                for platform in self._platforms
                if (due_at := await self._store.outbox.next_due(platform, after=looked_at)) is not None
            }
            wait_s = min([_LONGEST_S, *((due_at - looked_at).total_seconds() for due_at in coming.values())])
            try:
                async with asyncio.timeout(wait_s):
                    await self._awake.wait()
            except TimeoutError:
                self._told |= {platform for platform, due_at in coming.items() if due_at <= self._now()}
            else:
                await asyncio.sleep(_GATHER_S)
                self._awake.clear()

    async def _wake(self) -> None:
        told, self._told = self._told & self._platforms, set()
        for platform in sorted(told):
            if await self._store.outbox.is_due(platform, now=self._now()):
                await self._queue.changed(platform)
