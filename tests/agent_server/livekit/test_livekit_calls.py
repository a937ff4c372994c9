"""Calls in rooms of LiveKit, over the real host, core and database, with scripted engines.

The room is a scripted one (``scripted_room``): what is proven here is what the line and the call do with it. Not proven
here are LiveKit's library and server, the media on the wire and SIP: for those see ``test_livekit_server``, which runs
where ``LIVEKIT_SERVER`` names the server's program.
"""

import asyncio
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from eventually import eventually
from live_server import speech
from msgspec import structs
from scripted_engines import scripted_engines
from scripted_room import ScriptedRoom, ScriptedRooms

from agent_server.hosting.host import ConversationHost
from agent_server.livekit.calls import LiveKitCalls
from agent_server.livekit.job import Caller, Job, conversation_of
from agent_server.livekit.taking_up import TakingUp
from pipelines.llm.port import ChatRequest, ToolCallDelta
from storage.calls.livekit_rooms import HeldRoom, LiveKitRoomRecords
from storage.errors import StorageError

SECRET = "a-secret-of-livekit-with-enough-characters"
NUMBER, COLLEAGUE = "+14155550132", "+14155550199"
PHONE = Caller("sip_1", is_phone=True, attributes={"sip.phoneNumber": NUMBER, "sip.callID": "SCL_1"})
BROWSER = Caller("visitor")
GREETING = "Hello, this is the sales team."
LONG = "word " * 20
JOB = Job("AJ_1", "call-1", "RM_1", "", "", "wss://livekit.example", "token")


def answering(*replies: str | ToolCallDelta) -> Any:
    left = list(replies)

    def answer(_: ChatRequest) -> str | ToolCallDelta:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


class Call:
    """One job under way on a server's services."""

    def __init__(self, server: ApiServer, room: ScriptedRoom, rooms: ScriptedRooms, job: Job = JOB) -> None:
        services = server.services
        self.room = room
        self.dismissed = asyncio.Event()
        self.records = LiveKitRoomRecords(services.database, job.url, "sales-agent")
        taking_up = TakingUp(self.records, rooms)
        calls = LiveKitCalls(services, ConversationHost(services), rooms, lambda _job: room, taking_up)
        self.task = asyncio.create_task(calls.talk(job, self.dismissed))

    async def over(self) -> bool:
        async with asyncio.timeout(8):
            return await self.task


async def conversation(server: ApiServer) -> dict[str, Any]:
    found_id = conversation_of(JOB, SECRET)
    async with server.operator.get(f"/api/conversations/{found_id}") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
    return found


async def start(start_api: StartApi, *replies: str | ToolCallDelta, **options: Any) -> ApiServer:
    engines = scripted_engines(["how much does it cost"], answering(*replies))
    return await start_api(engines=engines, LIVEKIT_API_SECRET=SECRET, **options)


async def test_a_telephone_call_is_greeted_known_by_its_number_interrupted_and_kept(start_api: StartApi) -> None:
    server = await start(start_api, LONG, "It costs fifty dollars a month.")
    rooms = ScriptedRooms()
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.heard_ms >= 400, 8)
    call.room.say(speech()[: 48 * 1000])
    await eventually(lambda: call.room.drops > 0, 8)
    cut_ms = call.room.heard_ms
    await eventually(lambda: call.room.heard_ms >= cut_ms + 400, 8)
    assert call.room.line is not None
    call.room.line.left(properly=True)
    assert await call.over()
    assert rooms.asked == []  # the caller hung up: there is nothing left to end
    assert call.room.is_closed

    found = await conversation(server)
    assert (found["channel"], found["status"]) == ("phone", "closed")
    assert found["metadata"] == {"carrier": "livekit", "call_id": "SCL_1", "calls_from": NUMBER, "room": "RM_1"}
    greeting, question = found["items"][:2]
    assert greeting["generated_text"].startswith("word word")
    assert len(greeting["heard_text"]) < len(LONG) - 20
    assert question["heard_text"] == "how much does it cost"
    assert ("how much does it cost", True) in call.room.shown
    async with server.operator.get(f"/api/leads/{found['lead_id']}") as answer:
        assert (await answer.json())["contact_phone"] == NUMBER


async def test_a_caller_is_kept_by_a_number_that_can_be_dialled(start_api: StartApi) -> None:
    server = await start(start_api, GREETING)
    trunk = Caller("sip_1", is_phone=True, attributes={"sip.phoneNumber": NUMBER.removeprefix("+")})
    call = Call(server, ScriptedRoom(trunk), ScriptedRooms())
    await eventually(lambda: call.room.heard_ms > 0, 8)
    assert call.room.line is not None
    call.room.line.left(properly=True)
    assert await call.over()
    assert (await conversation(server))["metadata"]["calls_from"] == NUMBER


async def test_keys_are_words_and_the_agent_hangs_up_after_its_good_bye(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_server.telephony.hanging_up.LEFT_AT_THAT_MS", 100.0)
    server = await start(start_api, "Hello.", "Goodbye.")
    rooms = ScriptedRooms()
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.heard_ms >= 200, 8)
    assert call.room.line is not None
    for key in "42#":
        call.room.line.press(key)
    assert await call.over()
    assert rooms.asked == [("hang_up", "call-1", "sip_1", "alone")]
    found = await conversation(server)
    assert [item["heard_text"] for item in found["items"][1:]] == ["42", "Goodbye."]
    assert ("Goodbye.", False) in call.room.shown


async def test_a_page_is_left_to_speak_first_and_a_broken_line_is_taken_up_by_the_next_worker(
    start_api: StartApi,
) -> None:
    server = await start(start_api, "It costs fifty dollars a month.")
    first = Call(server, ScriptedRoom(BROWSER), ScriptedRooms())
    await eventually(lambda: first.room.ticks >= 15, 8)
    assert first.room.heard_ms == 0
    assert first.room.line is not None
    for key in "42#":
        first.room.line.press(key)
    await eventually(lambda: first.room.heard_ms >= 400, 8)
    first.room.line.left(properly=False)
    assert not await first.over()
    assert (await conversation(server))["status"] == "dropped"

    second = Call(server, ScriptedRoom(BROWSER), ScriptedRooms())
    await eventually(lambda: second.room.line is not None, 8)
    assert (await conversation(server))["status"] == "open"
    second.dismissed.set()
    assert await second.over()
    found = await conversation(server)
    assert (found["channel"], found["status"]) == ("webrtc", "closed")
    assert found["items"][0]["heard_text"] == "42"


async def test_who_wants_a_person_is_put_through_and_who_cannot_be_is_told_so(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_server.telephony.hanging_up.PUT_THROUGH_MS", 100.0)
    wanted = ToolCallDelta(0, '{"reason": "They want a person."}', "call_1", "handoff_to_person")
    engines = scripted_engines(["a person please"], answering(wanted, "One moment.", "Nobody is free."))
    server = await start_api(engines=engines, LIVEKIT_API_SECRET=SECRET, TRANSFER_NUMBER=COLLEAGUE)
    rooms = ScriptedRooms(transfers=False)
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.blocks == 2, 8)
    assert rooms.asked == [("transfer", "call-1", "sip_1", COLLEAGUE)]
    await eventually(lambda: ("Nobody is free.", False) in call.room.shown, 8)
    (model,) = engines.models
    assert "nobody_answered" in str(model.requests[-1])  # type: ignore[attr-defined]
    call.dismissed.set()
    assert await call.over()


async def test_a_worker_that_stops_hands_the_room_on(start_api: StartApi) -> None:
    server = await start(start_api, "Hello.")
    rooms = ScriptedRooms()
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.line is not None and call.room.heard_ms > 0, 8)
    server.services.admission.ending.set()
    assert await call.over()
    assert rooms.asked == [("dispatch", "call-1", "")]
    assert (await conversation(server))["status"] == "dropped"


@pytest.mark.parametrize(("properly", "left_behind"), [(True, 0), (False, 1)])
async def test_a_room_whose_line_broke_is_there_for_another_worker(
    start_api: StartApi, properly: bool, left_behind: int
) -> None:
    server = await start(start_api, "Hello.")
    call = Call(server, ScriptedRoom(PHONE), ScriptedRooms())
    await eventually(lambda: call.room.line is not None and call.room.heard_ms > 0, 8)
    await call.records.hold([HeldRoom(JOB.room_sid, JOB.room, JOB.metadata)])  # as the worker says all the time
    assert call.room.line is not None
    call.room.line.left(properly=properly)
    assert await call.over() == properly
    assert len(await call.records.orphans(60.0)) == left_behind


async def test_a_room_that_could_not_be_handed_on_is_there_for_another_worker(start_api: StartApi) -> None:
    server = await start(start_api, "Hello.")
    rooms = ScriptedRooms()
    rooms.dispatches = False
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.line is not None and call.room.heard_ms > 0, 8)
    await call.records.hold([HeldRoom(JOB.room_sid, JOB.room, JOB.metadata)])
    server.services.admission.ending.set()
    assert await call.over()
    assert len(await call.records.orphans(60.0)) == 1


async def test_a_room_is_answered_while_the_database_cannot_say_whether_its_call_is_known(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start(start_api, GREETING)

    async def resume(*_: Any, **__: Any) -> None:
        raise StorageError("storage_unavailable", "The database did not answer.")

    monkeypatch.setattr(server.services.conversations, "resume", resume)
    call = Call(server, ScriptedRoom(PHONE), ScriptedRooms())
    await eventually(lambda: call.room.heard_ms >= 400, 8)
    assert call.room.line is not None
    call.room.line.left(properly=True)
    await call.over()


async def test_a_room_that_nobody_comes_to_is_left(start_api: StartApi) -> None:
    server = await start(start_api, "Hello.")
    room, rooms = ScriptedRoom(None), ScriptedRooms()
    assert await Call(server, room, rooms).over()
    assert room.is_closed
    assert room.blocks == 0
    assert rooms.asked == []


async def test_a_person_takes_over_a_call_in_a_room_and_hangs_up(start_api: StartApi) -> None:
    server = await start(start_api, LONG)
    rooms = ScriptedRooms()
    call = Call(server, ScriptedRoom(PHONE), rooms)
    await eventually(lambda: call.room.heard_ms >= 400, 8)
    path = f"/api/conversations/{conversation_of(JOB, SECRET)}"
    async with server.operator.post(f"{path}/takeover", json={"name": "Maria"}) as answer:
        lease = (await answer.json())["lease"]
    assert call.room.drops > 0
    async with server.operator.post(f"{path}/end", json={"farewell": "Until tomorrow.", "lease": lease}) as answer:
        assert answer.status == 200
    assert await call.over()
    assert ("hang_up", JOB.room) in [asked[:2] for asked in rooms.asked]
    found = await conversation(server)
    assert found["status"] == "closed"
    assert [item["said_by"] for item in found["items"]] == [None, "operator"]
    assert found["items"][1]["heard_text"] == "Until tomorrow."


async def test_the_metadata_or_the_number_that_was_dialled_says_who_talks(start_api: StartApi) -> None:
    server = await start(start_api, GREETING)
    agent = {"slug": "bikes", "company": "Bol Bikes", "numbers": ["+14155550100"]}
    async with server.operator.post("/api/agent-profiles", json=agent) as answer:
        assert answer.status == 201
    dialled = Caller("sip_1", is_phone=True, attributes={"sip.trunkPhoneNumber": "+14155550100"})
    for number, caller, metadata, talks in (
        (2, BROWSER, '{"agent": "bikes"}', "bikes"),
        (3, BROWSER, '{"agent": "gone"}', "default"),
        (4, dialled, "", "bikes"),
    ):
        job = structs.replace(JOB, room_sid=f"RM_{number}", metadata=metadata)
        call = Call(server, ScriptedRoom(caller), ScriptedRooms(), job)
        await eventually(lambda room=call.room: room.line is not None, 8)
        assert call.room.line is not None
        call.room.line.left(properly=True)
        await call.over()
        async with server.operator.get(f"/api/conversations/{conversation_of(job, SECRET)}") as answer:
            found = await answer.json()
        assert found["agent"] == talks
        assert ("Bol Bikes" in found["session"]["instructions"]) == (talks == "bikes")
