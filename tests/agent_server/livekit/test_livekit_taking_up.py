"""Rooms of workers that died, over the real database, with a scripted LiveKit."""

import asyncio
import logging
from collections.abc import Collection
from typing import cast

import pytest
from eventually import eventually
from msgspec import structs
from scripted_room import ScriptedRooms

from agent_server.livekit.job import Job
from agent_server.livekit.taking_up import MOST_DISPATCHES, TakingUp
from storage.calls.livekit_rooms import HeldRoom, LiveKitRoomRecords
from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.named_query import Query

SERVER, AGENT = "wss://livekit.example", "sales-agent"
JOB = Job("AJ_1", "call-1", "RM_1", '{"agent": "bikes"}', "", SERVER, "token")
SILENCE_S = 8.0
AGE = Query("age", "UPDATE livekit_rooms SET seen_at = now() - interval '10 seconds' WHERE room_sid = %(room_sid)s")
ROWS = Query("rows", "SELECT count(*) FROM livekit_rooms")
AGAIN = ("dispatch", "call-1", '{"agent": "bikes"}')


@pytest.fixture
def records(database: Database) -> LiveKitRoomRecords:
    return LiveKitRoomRecords(database, SERVER, AGENT)


@pytest.fixture
def rooms() -> ScriptedRooms:
    rooms = ScriptedRooms()
    rooms.callers["RM_1"] = True
    return rooms


@pytest.fixture
async def orphan(database: Database, records: LiveKitRoomRecords) -> HeldRoom:
    """A room that a worker held until ten seconds ago."""
    room = HeldRoom(JOB.room_sid, JOB.room, JOB.metadata)
    await records.hold([room])
    await database.execute(AGE, room_sid=room.room_sid)
    return room


@pytest.mark.usefixtures("orphan")
async def test_a_room_whose_worker_died_is_given_out_once_however_many_look(
    database: Database, records: LiveKitRoomRecords, rooms: ScriptedRooms
) -> None:
    await asyncio.gather(*(TakingUp(records, rooms).look() for _ in range(4)))
    assert rooms.asked == [AGAIN]
    await TakingUp(records, rooms).look()
    assert rooms.asked == [AGAIN], "whoever was given it has a moment to come"
    await database.execute(AGE, room_sid="RM_1")
    await TakingUp(records, rooms).look()
    assert rooms.asked == [AGAIN] * 2, "nobody came"


async def test_a_room_that_a_worker_speaks_for_is_left_to_it(
    database: Database, records: LiveKitRoomRecords, rooms: ScriptedRooms
) -> None:
    holder = TakingUp(records, rooms)
    holder.begin(JOB)
    speaking = asyncio.create_task(holder.work()["livekit rooms held"]())
    try:
        await _rows(database, 1)
        await database.execute(AGE, room_sid="RM_1")
        holder.begin(structs.replace(JOB, room_sid="RM_2"))  # spoken for at once, and the other with it
        await _rows(database, 2)
        await TakingUp(records, rooms).look()
        assert rooms.asked == []
        await holder.end(JOB, broken=False)
        await _rows(database, 1)
    finally:
        speaking.cancel()


async def test_a_worker_speaks_once_a_beat_for_all_its_rooms_and_not_for_none(rooms: ScriptedRooms) -> None:
    spoken_for: list[list[str]] = []

    class Records(LiveKitRoomRecords):
        async def hold(self, rooms: Collection[HeldRoom]) -> None:
            spoken_for.append([room.room_sid for room in rooms])

    holder = TakingUp(Records(cast(Database, None), SERVER, AGENT), rooms, beat_every_s=0.02)
    speaking = asyncio.create_task(holder.work()["livekit rooms held"]())
    try:
        await asyncio.sleep(0.03)
        assert spoken_for == []
        holder.begin(JOB)
        holder.begin(structs.replace(JOB, room_sid="RM_2"))
        await eventually(lambda: len(spoken_for) == 2)
        began_s = asyncio.get_running_loop().time()
        await eventually(lambda: len(spoken_for) == 4)
        assert asyncio.get_running_loop().time() - began_s > 0.03
        assert spoken_for == [["RM_1", "RM_2"]] * 4
    finally:
        speaking.cancel()


@pytest.mark.usefixtures("orphan")
async def test_a_room_that_the_caller_has_left_is_forgotten(
    database: Database, records: LiveKitRoomRecords, rooms: ScriptedRooms
) -> None:
    rooms.callers["RM_1"] = False
    await TakingUp(records, rooms).look()
    assert rooms.asked == []
    assert await database.fetch_value(ROWS) == 0


@pytest.mark.usefixtures("orphan")
async def test_what_livekit_does_not_say_or_do_is_asked_again(
    database: Database, records: LiveKitRoomRecords, rooms: ScriptedRooms
) -> None:
    del rooms.callers["RM_1"]
    await TakingUp(records, rooms).look()
    assert rooms.asked == []
    rooms.callers["RM_1"], rooms.dispatches = True, False
    for _ in range(MOST_DISPATCHES + 2):
        await database.execute(AGE, room_sid="RM_1")
        await TakingUp(records, rooms).look()
    assert len(rooms.asked) == MOST_DISPATCHES + 2, "what was never given out is not given up"


@pytest.mark.usefixtures("orphan")
async def test_a_room_in_which_every_agent_breaks_is_left_at_that(
    database: Database, records: LiveKitRoomRecords, rooms: ScriptedRooms, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(MOST_DISPATCHES):
        await TakingUp(records, rooms).look()
        await records.broke("RM_1")
    assert rooms.asked == [AGAIN] * MOST_DISPATCHES
    with caplog.at_level(logging.ERROR):
        await TakingUp(records, rooms).look()
    assert "left without an agent" in caplog.text
    assert rooms.asked == [AGAIN] * MOST_DISPATCHES
    assert await database.fetch_value(ROWS) == 0


@pytest.mark.usefixtures("orphan")
@pytest.mark.parametrize(("server", "agent"), [("wss://other.example", AGENT), (SERVER, "another-agent")])
async def test_rooms_of_other_servers_and_agents_are_left_alone(
    database: Database, rooms: ScriptedRooms, server: str, agent: str
) -> None:
    await TakingUp(LiveKitRoomRecords(database, server, agent), rooms).look()
    assert rooms.asked == []


@pytest.mark.usefixtures("orphan")
async def test_nothing_is_an_orphan_before_the_others_have_had_time_to_speak(
    records: LiveKitRoomRecords, rooms: ScriptedRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, and after an outage."""
    loop, silence_s, away_s = asyncio.get_running_loop(), 0.4, 0.1
    orphans, hold, failed_s = records.orphans, records.hold, 0.0

    async def fails_once(silence_s: float) -> list[HeldRoom]:
        nonlocal failed_s
        if not failed_s:
            failed_s = loop.time()
            raise StorageError("database_unavailable", "away")
        return await orphans(silence_s)

    async def fails_for_longer(rooms: Collection[HeldRoom]) -> None:
        if failed_s and loop.time() < failed_s + away_s:
            raise StorageError("database_unavailable", "away")
        await hold(rooms)

    monkeypatch.setattr(records, "orphans", fails_once)
    monkeypatch.setattr(records, "hold", fails_for_longer)
    began_s = loop.time()
    looking = TakingUp(records, rooms, beat_every_s=0.02, silence_s=silence_s).work()["livekit rooms of dead workers"]
    task = asyncio.create_task(looking())
    try:
        await eventually(lambda: rooms.asked)
        assert failed_s - began_s >= silence_s
        assert loop.time() - failed_s >= away_s + silence_s
    finally:
        task.cancel()


async def _rows(database: Database, wanted: int) -> None:
    async with asyncio.timeout(5):
        while await database.fetch_value(ROWS) != wanted:
            await asyncio.sleep(0.005)
