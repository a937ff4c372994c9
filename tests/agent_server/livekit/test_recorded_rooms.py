"""Recordings of calls in rooms, listened to: each voice is in them when it was spoken and heard."""

import asyncio

import numpy as np
import pytest
from api_server import StartApi
from eventually import eventually
from heard_calls import Track, decoded, lags, loud_ms, moved_ms, recording_of, speaking_engines
from live_server import speech
from scripted_room import ScriptedRoom, ScriptedRooms

from agent_server.hosting.host import ConversationHost
from agent_server.livekit.calls import LiveKitCalls
from agent_server.livekit.job import Caller, Job, conversation_of
from agent_server.livekit.line import CALLER_WAY_MS, WAY_MS, LiveKitLine
from agent_server.livekit.taking_up import TakingUp
from storage.calls.livekit_rooms import LiveKitRoomRecords

SECRET = "a-secret-of-livekit-with-enough-characters"
JOB = Job("AJ_1", "call-1", "RM_1", "", "", "wss://livekit.example", "token")
FRAME_MS = 20.0


class ListeningRoom(ScriptedRoom):
    """Keeps what both sides said, and when it came in or went out: seconds by the room's own ticks."""

    def __init__(self) -> None:
        super().__init__(Caller("sip_1", is_phone=True))
        self.came, self.went = Track(), Track()

    @property
    def is_quiet(self) -> bool:
        return not self._speech

    async def _tick(self, line: LiveKitLine) -> None:
        hear, speak = line.receive_voice, line.next_frame

        def heard(pcm: bytes) -> None:
            self.came.add((self.ticks - 1) * FRAME_MS / 1000, pcm)
            hear(pcm)

        def spoken() -> bytes | None:
            frame = speak()
            if frame is not None:
                self.went.add((self.ticks - 1) * FRAME_MS / 1000, frame)  # this one is counted by now
            return frame

        line.receive_voice, line.next_frame = heard, spoken  # type: ignore[method-assign]
        await super()._tick(line)


@pytest.mark.realtime
async def test_both_voices_are_where_they_were(start_api: StartApi) -> None:
    engines = speaking_engines(["no stop please"], "word " * 20, speech("librivox-0870"))
    server = await start_api(engines=engines, LIVEKIT_API_SECRET=SECRET, CALL_AUDIO="silent")
    room, services = ListeningRoom(), server.services
    rooms = ScriptedRooms()
    taking_up = TakingUp(LiveKitRoomRecords(services.database, JOB.url, "sales-agent"), rooms)
    calls = LiveKitCalls(services, ConversationHost(services), rooms, lambda _job: room, taking_up)
    talking = asyncio.create_task(calls.talk(JOB, asyncio.Event()))
    await eventually(lambda: room.heard_ms > 1200, 10)
    room.say(speech("utterance-unfinished"))
    await eventually(lambda: room.drops > 0 and room.is_quiet, 10)
    assert room.line is not None
    room.line.left(properly=True)
    async with asyncio.timeout(10):
        await talking
    outline, mp3 = await recording_of(server.operator, conversation_of(JOB, SECRET))
    caller, agent = decoded(mp3)
    assert abs(len(caller) / 24 - outline["duration_ms"]) < 1
    of_caller = [match.lag_ms for match in lags(caller, room.came.laid(0.0, len(caller)))]
    of_agent = [match.lag_ms for match in lags(agent, room.went.laid(0.0, len(agent)))]
    assert min(len(of_caller), len(of_agent)) > 3
    assert moved_ms(of_caller) < 15, "nothing of it is missing, and nothing is there twice"
    apart_ms = float(np.median(of_agent) - np.median(of_caller))
    assert abs(apart_ms - (WAY_MS - FRAME_MS + CALLER_WAY_MS)) < 40, "each on its way to and from the caller"
    assert abs(loud_ms(agent) - loud_ms(room.went.laid(0.0, len(agent)))) < 200, "what was cut off is not in it"
