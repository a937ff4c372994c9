"""Rooms of LiveKit in which an agent talks, so that another worker has those of one that died."""

from collections.abc import Collection

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

MOST_ORPHANS = 20
"""Given out at once; the others a moment later."""

_QUERIES = load_queries("storage.queries", "livekit_rooms.sql")


class HeldRoom(Struct, frozen=True):
    """``room``: its name; ``metadata``: of the dispatch; ``dispatches``: how often it was given to another worker."""

    room_sid: str
    room: str
    metadata: str
    dispatches: int = 0


class LiveKitRoomRecords:
    """Those of one LiveKit server and of the agent that it knows by this name. Every method raises StorageError."""

    def __init__(self, database: Database, server: str, agent_name: str) -> None:
        self._database = database
        self._whose = {"server": server, "agent_name": agent_name}

    async def hold(self, rooms: Collection[HeldRoom]) -> None:
        """An agent talks in these, now."""
        await self._database.execute(
            _QUERIES["livekit_rooms_held"],
            room_sids=[room.room_sid for room in rooms],
            rooms=[room.room for room in rooms],
            metadata=[room.metadata for room in rooms],
            **self._whose,
        )

    async def leave(self, room_sid: str) -> None:
        """The call is over."""
        await self._database.execute(_QUERIES["livekit_room_left"], room_sid=room_sid)

    async def broke(self, room_sid: str) -> None:
        """The agent is gone, and its caller may be there: the next to ask for orphans has it."""
        await self._database.execute(_QUERIES["livekit_room_broke"], room_sid=room_sid)

    async def dispatched(self, room_sid: str) -> None:
        """It was given to another worker once more."""
        await self._database.execute(_QUERIES["livekit_room_dispatched"], room_sid=room_sid)

    async def orphans(self, silence_s: float) -> list[HeldRoom]:
        """Of which no worker has spoken for so long. Each is given to one who asks, and to the next after as long."""
        rows = await self._database.fetch_all(
            _QUERIES["livekit_rooms_orphaned"], silence_s=silence_s, most=MOST_ORPHANS, **self._whose
        )
        return [HeldRoom(**row) for row in rows]
