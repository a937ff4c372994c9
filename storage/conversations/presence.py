"""Which open conversations somebody is holding, so that those of a process that died do not stay open for ever.

Every process says every few seconds which it holds; one that nobody has spoken for in ``silence_s`` is marked dropped,
ended when it was last heard of. It can be continued all the same.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from storage.outage import Outage
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

BEAT_EVERY_S = 10.0
SILENCE_S = 60.0

_SQL = load_queries("storage.queries", "presence.sql")

log = logging.getLogger(__name__)


class Presence:
    """One per process. ``keep`` is its task."""

    def __init__(self, database: Database, *, beat_every_s: float = BEAT_EVERY_S, silence_s: float = SILENCE_S) -> None:
        self._database = database
        self._beat_every_s = beat_every_s
        self._silence_s = silence_s
        self._held: Counter[str] = Counter()
        self._begun: set[str] = set()
        self._some_begun = asyncio.Event()

    @contextmanager
    def holding(self, conversation_id: str) -> Iterator[None]:
        """While in the block this process speaks for the conversation. Twice while it changes hands within it."""
        self._held[conversation_id] += 1
        self._begun.add(conversation_id)
        self._some_begun.set()
        try:
            yield
        finally:
            self._held[conversation_id] -= 1
            if not self._held[conversation_id]:
                del self._held[conversation_id]
                self._begun.discard(conversation_id)

    async def keep(self) -> None:
        """Beat and sweep until cancelled. What begins between two rounds is spoken for at once: when the clock of this
        process is behind the database's, it looks as silent as what a dead one left.

        Nothing is swept before the database has been reached for a whole ``silence_s``: after an outage, and when
        everything starts at once, the other processes have had time to speak for theirs.
        """
        loop = asyncio.get_running_loop()
        reached_since: float | None = None
        outage = Outage(log, "cannot say which conversations are held")
        while True:
            began = loop.time()
            with outage.waited_out():
                since, reached_since = reached_since, None
                await self.beat()
                since = began if since is None else since
                if began - since >= self._silence_s:
                    await self.sweep()
                reached_since = since
            while await self._begins_before(began + self._beat_every_s):
                with outage.waited_out():
                    await self._speak_for(self._begun)

    async def beat(self) -> None:
        """Speak for what is held now. Raises StorageError."""
        await self._speak_for(self._held)

    async def _begins_before(self, at_s: float) -> bool:
        if asyncio.get_running_loop().time() >= at_s:
            return False  # however much begins: the round is what keeps the others
        try:
            async with asyncio.timeout_at(at_s):
                await self._some_begun.wait()
        except TimeoutError:
            return False
        return True

    async def _speak_for(self, conversation_ids: Collection[str]) -> None:
        ids = sorted(conversation_ids)
        self._begun.clear()
        self._some_begun.clear()
        if ids:
            await self._database.execute(_SQL["presence_beat"], ids=ids)

    async def sweep(self) -> int:
        """Mark dropped what nobody speaks for; returns how many. Right to call in any number of processes at once.

        Raises StorageError.
        """
        dropped: int = await self._database.fetch_value(_SQL["presence_sweep"], silence_s=self._silence_s)
        await self._database.execute(_SQL["presence_forget"], silence_s=self._silence_s)
        if dropped:
            log.warning(
                "marked dropped: conversations of processes that are gone", extra={"fields": {"count": dropped}}
            )
        return dropped
