"""The worker protocol over a real WebSocket, spoken with a scripted LiveKit: see ``test_livekit_server`` for the real
one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import jwt
import pytest
from aiohttp import web
from eventually import eventually
from livekit.protocol import agent as pb
from livekit.protocol.models import Room

from agent_server.capacity.admission import Admission
from agent_server.livekit.dispatch import Dispatch, LiveKit
from agent_server.livekit.job import Job
from agent_server.parts import StartError

KEY, SECRET = "key", "a-secret-of-livekit-with-enough-characters"


class ScriptedLiveKit:
    """Takes one worker at a time; ``told`` is what it said."""

    def __init__(self) -> None:
        self.told: list[pb.WorkerMessage] = []
        self.connections = 0
        self.url = ""
        self._socket: web.WebSocketResponse | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["ScriptedLiveKit"]:
        app = web.Application()
        app.router.add_get("/agent", self._agent)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*runner.addresses[0][:2])
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _agent(self, request: web.Request) -> web.WebSocketResponse:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        try:
            assert jwt.decode(token, SECRET, algorithms=["HS256"])["video"]["agent"] is True
        except jwt.InvalidSignatureError:
            raise web.HTTPUnauthorized from None
        socket = self._socket = web.WebSocketResponse()
        await socket.prepare(request)
        register = pb.WorkerMessage.FromString(await socket.receive_bytes())
        assert register.register.agent_name == "sales"
        await socket.send_bytes(pb.ServerMessage(register=pb.RegisterWorkerResponse(worker_id="W")).SerializeToString())
        self.connections += 1
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.told.append(pb.WorkerMessage.FromString(message.data))
        return socket

    async def garble(self) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(b"\xff" * 8)

    async def drop(self) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def send(self, message: pb.ServerMessage) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(message.SerializeToString())

    async def offer(self, job_id: str) -> bool:
        """Whether the worker takes it."""
        job = pb.Job(id=job_id, room=Room(name="call-1", sid="RM_1"))
        await self.send(pb.ServerMessage(availability=pb.AvailabilityRequest(job=job)))
        await eventually(lambda: [m for m in self.told if m.availability.job_id == job_id], 5)
        (answer,) = (m.availability for m in self.told if m.availability.job_id == job_id)
        return answer.available

    async def assign(self, job_id: str) -> None:
        job = pb.Job(id=job_id, room=Room(name="call-1", sid="RM_1", metadata="{}"), metadata="mine")
        await self.send(pb.ServerMessage(assignment=pb.JobAssignment(job=job, token="way in")))

    @property
    def status(self) -> pb.UpdateWorkerStatus:
        return [m.update_worker for m in self.told if m.HasField("update_worker")][-1]

    def statuses(self, job_id: str) -> list[int]:
        return [m.update_job.status for m in self.told if m.update_job.job_id == job_id]


class Talk:
    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.end: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def __call__(self, job: Job, dismissed: asyncio.Event) -> bool:
        self.jobs.append(job)
        leaving = asyncio.create_task(dismissed.wait())
        await asyncio.wait([leaving, self.end], return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        return self.end.result() if self.end.done() else True


@asynccontextmanager
async def working(livekit: ScriptedLiveKit, admission: Admission, talk: Talk) -> AsyncIterator[Dispatch]:
    dispatch = Dispatch(LiveKit(livekit.url, KEY, SECRET, "sales"), admission, talk)
    task = asyncio.create_task(dispatch.run())
    try:
        await eventually(lambda: livekit.connections and any(m.HasField("update_worker") for m in livekit.told), 5)
        yield dispatch
    finally:
        await dispatch.ended()
        task.cancel()
        await asyncio.wait([task])


async def test_rooms_are_taken_while_there_is_room_and_their_ends_told() -> None:
    admission, talk = Admission(1), Talk()
    async with ScriptedLiveKit().open() as livekit, working(livekit, admission, talk) as dispatch:
        assert livekit.status.status == pb.WorkerStatus.WS_AVAILABLE
        assert await livekit.offer("AJ_1")
        assert not await livekit.offer("AJ_2"), "the place is kept for the first from its offer on"
        await eventually(lambda: livekit.status.status == pb.WorkerStatus.WS_FULL, 5)
        await livekit.assign("AJ_1")
        await eventually(lambda: talk.jobs, 5)
        assert talk.jobs == [Job("AJ_1", "call-1", "RM_1", "mine", "{}", livekit.url, "way in")]
        assert (dispatch.jobs, admission.active) == (1, 1)
        talk.end.set_result(False)
        await eventually(lambda: livekit.statuses("AJ_1") == [pb.JobStatus.JS_RUNNING, pb.JobStatus.JS_FAILED], 5)
        await eventually(lambda: livekit.status.status == pb.WorkerStatus.WS_AVAILABLE, 5)
        assert admission.active == 0
        admission.drain()
        dispatch.tell_status()
        await eventually(lambda: livekit.status.draining, 5)
        assert livekit.status.status == pb.WorkerStatus.WS_FULL


async def test_a_connection_that_breaks_is_made_again_and_the_call_goes_on() -> None:
    talk = Talk()
    async with ScriptedLiveKit().open() as livekit, working(livekit, Admission(2), talk) as dispatch:
        assert await livekit.offer("AJ_1")
        await livekit.assign("AJ_1")
        await eventually(lambda: dispatch.jobs == 1, 5)
        await livekit.garble()
        await eventually(lambda: livekit.connections == 2, 5)
        await livekit.drop()
        await eventually(lambda: livekit.connections == 3, 5)
        await eventually(lambda: livekit.status.job_count == 1, 5)
        await livekit.send(pb.ServerMessage(termination=pb.JobTermination(job_id="AJ_1")))
        await eventually(lambda: dispatch.jobs == 0, 5)


async def test_a_place_that_is_not_used_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_server.livekit.dispatch.ASSIGNMENT_TIMEOUT_S", 0.05)
    admission = Admission(1)
    async with ScriptedLiveKit().open() as livekit, working(livekit, admission, Talk()):
        assert await livekit.offer("AJ_1")
        await eventually(lambda: admission.active == 0, 5)
        await livekit.assign("AJ_1")  # too late
        await eventually(lambda: livekit.statuses("AJ_1") == [pb.JobStatus.JS_FAILED], 5)


async def test_a_room_that_is_offered_or_assigned_twice_takes_one_place_and_one_agent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_server.livekit.dispatch.ASSIGNMENT_TIMEOUT_S", 0.2)
    failures: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(str(context)))
    admission, talk = Admission(3), Talk()
    async with ScriptedLiveKit().open() as livekit, working(livekit, admission, talk) as dispatch:
        assert await livekit.offer("AJ_1")
        livekit.told.clear()
        assert await livekit.offer("AJ_1"), "the answer may have been lost"
        assert admission.active == 1
        await eventually(lambda: admission.active == 0, 5)
        livekit.told.clear()
        assert await livekit.offer("AJ_1")
        await livekit.assign("AJ_1")
        await livekit.assign("AJ_1")
        await eventually(lambda: talk.jobs, 5)
        livekit.told.clear()
        assert not await livekit.offer("AJ_1"), "another agent would speak into the call"
        assert (dispatch.jobs, admission.active, len(talk.jobs)) == (1, 1, 1)
        assert pb.JobStatus.JS_FAILED not in livekit.statuses("AJ_1")
        talk.end.set_result(True)
        await eventually(lambda: livekit.statuses("AJ_1") == [pb.JobStatus.JS_SUCCESS], 5)
        assert admission.active == 0
    assert not failures


async def test_wrong_keys_keep_the_worker_from_starting() -> None:
    async with ScriptedLiveKit().open() as livekit:
        dispatch = Dispatch(LiveKit(livekit.url, KEY, "wrong-" * 8, "sales"), Admission(1), Talk())
        with pytest.raises(StartError, match="LIVEKIT_API_KEY") as refused:
            async with asyncio.timeout(5):
                await dispatch.run()
        assert refused.value.code == "livekit_refused"
