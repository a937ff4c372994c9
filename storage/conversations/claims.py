"""One holder a conversation, over all processes: whoever continues it takes the next number, and the holder before
leaves.

The holder before may be in another process, may be slow to notice, or may be dead. It is asked to write its last words
and waited for, within deadlines; afterwards its number is too low for it to change the conversation any more
(``conversation_log``). Words that it writes late still arrive: nothing said is refused.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

LOOK_EVERY_S = 0.2
"""How soon a holder notices. One small query, and only while something is held."""

NOTICE_S = 0.8
"""A holder that has not noticed by then is dead, or as good as."""

RELEASE_S = 3.0
"""One that has is given so long for its last words; after it they arrive late rather than keep the caller waiting."""

_ASK_EVERY_S = 0.05

_SQL = load_queries("storage.queries", "claims.sql")

log = logging.getLogger(__name__)


class Claim(Struct, frozen=True):
    """``fence``: the number to hold it with. ``was_held``: nobody has said that it is over."""

    conversation_id: str
    fence: int
    was_held: bool


class _Held(Struct, eq=False):
    fence: int
    lost: asyncio.Event


class Claims:
    """One per process. ``keep`` is its task."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[tuple[str, int], _Held] = {}
        self._some = asyncio.Event()

    async def take(self, conversation_id: str) -> Claim | None:
        """From now on nobody before may change the conversation. None: there is no such. Raises StorageError."""
        row = await self._database.fetch_one(_SQL["claim"], id=conversation_id)
        return None if row is None else Claim(conversation_id, row["fence"], row["status"] == "open")

    async def take_from(self, conversation_id: str, fence: int) -> Claim | None:
        """As ``take``, but of the holder with this number alone. None: it holds the conversation no more. Raises
        StorageError."""
        row = await self._database.fetch_one(_SQL["claim_from"], id=conversation_id, fence=fence)
        return None if row is None else Claim(conversation_id, row["fence"], was_held=True)

    async def departure(self, claim: Claim) -> None:
        """Wait until the holder before has written its last words, or is past waiting for. Raises StorageError."""
        if not claim.was_held:
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            state = await self._database.fetch_one(_SQL["claim_state"], id=claim.conversation_id)
            if state is None or state["released"] >= claim.fence - 1:
                return
            patience_s = RELEASE_S if state["noticed"] >= claim.fence - 1 else NOTICE_S
            if loop.time() - began >= patience_s:
                return
            await asyncio.sleep(_ASK_EVERY_S)

    @contextmanager
    def holding(self, conversation_id: str, fence: int) -> Iterator[asyncio.Event]:
        """While in the block this process holds the conversation; the event says that another holder took it."""
        held = _Held(fence, asyncio.Event())
        self._held[conversation_id, fence] = held
        self._some.set()
        try:
            yield held.lost
        finally:
            del self._held[conversation_id, fence]

    async def release(self, conversation_id: str, fence: int) -> None:
        """The last words of the holder with this number are written. Never raises for storage's sake."""
        try:
            await self._database.execute(_SQL["claim_release"], id=conversation_id, fence=fence)
        except StorageError as error:
            log.warning("cannot say that a conversation is free: %s", error.code)

    async def keep(self) -> None:
        """Look for conversations that were taken until cancelled. An outage is one line, and so is its end."""
        away = False
        while True:
            if not self._held:
                self._some.clear()
                await self._some.wait()
            try:
                await self.look()
            except StorageError as error:
                if not away:
                    log.warning("cannot see which conversations were continued elsewhere: %s", error.code)
                away = True
            else:
                if away:
                    log.warning("which conversations were continued elsewhere is seen again")
                away = False
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Tell the holders in this process that lost theirs. Raises StorageError."""
        held = [key for key, one in self._held.items() if not one.lost.is_set()]
        if not held:
            return
        ids, fences = [conversation_id for conversation_id, _ in held], [fence for _, fence in held]
        for row in await self._database.fetch_all(_SQL["claims_lost"], ids=ids, fences=fences):
            if (lost := self._held.get((row["id"], row["fence"]))) is not None:
                lost.lost.set()
