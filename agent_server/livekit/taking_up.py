"""Rooms whose worker died, or whose line broke while the caller was there: they are given to another worker.

LiveKit gives a room out once, when it is opened. When the agent is gone without a word, nobody but us asks for another,
and the caller would listen to silence.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Protocol

from agent_server.background.kept_going import Work
from agent_server.livekit.job import Job
from storage.calls.livekit_rooms import HeldRoom, LiveKitRoomRecords
from storage.errors import StorageError
from storage.outage import Outage

log = logging.getLogger(__name__)

BEAT_EVERY_S = 2.0
SILENCE_S = 8.0
"""A worker that has not spoken for its rooms in so long is gone. One that is only slow loses them properly: their
conversations have one holder."""

MOST_DISPATCHES = 5
"""A room in which every agent breaks is left at that."""


class Rooms(Protocol):
    """The server's side: see ``LiveKitRooms``."""

    async def has_caller(self, room: str, room_sid: str) -> bool | None: ...
    async def dispatch_again(self, room: str, metadata: str) -> bool: ...


class TakingUp:
    """One per worker. ``work`` are its tasks."""

    def __init__(
        self,
        records: LiveKitRoomRecords,
        rooms: Rooms,
        *,
        beat_every_s: float = BEAT_EVERY_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._beat_every_s = beat_every_s
        self._silence_s = silence_s
        self._held: dict[str, HeldRoom] = {}
        self._begun = asyncio.Event()

    def work(self) -> Mapping[str, Work]:
        """By name, to be run until cancelled."""
        return {"livekit rooms held": self._keep_speaking, "livekit rooms of dead workers": self._keep_looking}

    def begin(self, job: Job) -> None:
        """From now on this worker speaks for the room."""
        self._held[job.room_sid] = HeldRoom(job.room_sid, job.room, job.metadata)
        self._begun.set()

    async def end(self, job: Job, *, broken: bool) -> None:
        """``broken``: the caller may be there still. Never raises for storage's sake."""
        del self._held[job.room_sid]
        try:
            await (self._records.broke if broken else self._records.leave)(job.room_sid)
        except StorageError as error:
            log.warning("cannot say that a room was left: %s", error.code)

    async def _keep_speaking(self) -> None:
        outage = Outage(log, "cannot say which rooms have an agent")
        while True:
            self._begun.clear()
            with outage.waited_out():
                if self._held:
                    await self._speak()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._beat_every_s):
                    await self._begun.wait()

    async def _speak(self) -> None:
        await self._records.hold(self._held.values())

    async def _keep_looking(self) -> None:
        """Nothing is taken for an orphan before the database has been reached for a whole ``silence_s``: after an
        outage, and when everything starts at once, the other workers have had time to speak for theirs."""
        loop = asyncio.get_running_loop()
        reached_since: float | None = None
        outage = Outage(log, "rooms whose worker is gone are not looked for")
        while True:
            began_s = loop.time()
            with outage.waited_out():
                since_s, reached_since = reached_since, None
                if since_s is None:
                    await self._speak()
                    since_s = began_s
                elif began_s - since_s >= self._silence_s:
                    await self.look()
                reached_since = since_s
            await asyncio.sleep(self._beat_every_s)

    async def look(self) -> None:
        """Give out what nobody speaks for. Raises StorageError."""
        orphans = await self._records.orphans(self._silence_s)
        await asyncio.gather(*map(self._take_up, orphans))

    async def _take_up(self, room: HeldRoom) -> None:
        """What LiveKit does not answer is asked again after ``silence_s``."""
        has_caller = await self._rooms.has_caller(room.room, room.room_sid)
        if has_caller is None:
            return
        if not has_caller or room.dispatches >= MOST_DISPATCHES:
            if has_caller:
                log.error("a room is left without an agent: %d broke in it", room.dispatches + 1)
            await self._records.leave(room.room_sid)
        elif await self._rooms.dispatch_again(room.room, room.metadata):
            log.warning("a room whose agent is gone is given to another worker")
            await self._records.dispatched(room.room_sid)
