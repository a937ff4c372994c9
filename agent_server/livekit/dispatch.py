"""The worker's connection to LiveKit: it says how much room there is, is offered rooms, and tells how they ended.

This is the worker protocol of ``livekit-agents``, whose own ``AgentServer`` runs each job in a process or a thread with
an event loop of its own. The conversations of this process share one loop with their engines, admission and database:
so a job is a task here. (The library would also take six processor seconds to import.)
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import aiohttp
from google.protobuf.message import DecodeError
from livekit.api import AccessToken, VideoGrants
from livekit.protocol import agent as pb
from livekit.protocol.models import ParticipantPermission
from msgspec import Struct

from agent_server.capacity.admission import Admission, Ticket
from agent_server.livekit.job import Job
from agent_server.parts import StartError
from agent_server.web.errors import Problem

log = logging.getLogger(__name__)

STATUS_EVERY_S = 2.5
CONNECT_TIMEOUT_S = 10.0
HEARTBEAT_S = 15.0
ASSIGNMENT_TIMEOUT_S = 7.5
"""From our yes to the assignment; then the place is free again."""

END_TIMEOUT_S = 15.0
"""For conversations that were told to end, or whose rooms are gone."""

LONGEST_PAUSE_S = 10.0
_OUTBOX = 256
_MOST_BYTES = 1024 * 1024
_VERSION = "1.0"
_RANDOM = random.SystemRandom()


class LiveKit(Struct, frozen=True):
    """Where it is, our keys, and the name by which rooms ask for this agent."""

    url: str
    key: str
    secret: str
    agent_name: str


class Talk(Protocol):
    """Holds the conversation of a room."""

    def __call__(self, job: Job, dismissed: asyncio.Event, /) -> Awaitable[bool]:
        """False: it broke. ``dismissed``: LiveKit wants the agent to leave."""


class Dispatch:
    """``run`` it for as long as there is to be work."""

    def __init__(self, livekit: LiveKit, admission: Admission, talk: Talk) -> None:
        self._livekit = livekit
        self._admission = admission
        self._talk = talk
        self._offered: dict[str, tuple[Ticket, asyncio.TimerHandle]] = {}
        self._jobs: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = {}
        self._outbox: asyncio.Queue[pb.WorkerMessage] = asyncio.Queue(_OUTBOX)
        self._was_registered = False
        self.is_connected = False

    @property
    def jobs(self) -> int:
        return len(self._jobs)

    async def run(self, *, on_registered: Callable[[], None] = lambda: None) -> None:
        """Until it is cancelled; a connection that breaks is made again, and the calls go on meanwhile.

        Raises StartError ``livekit_refused`` when our keys are refused before they ever were good.
        """
        failures = 0
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    await self._connection(http, on_registered)
                    failures = 0
                    log.warning("LiveKit closed the connection; connecting again")
                except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                    refused = isinstance(error, aiohttp.WSServerHandshakeError) and error.status in (401, 403)
                    if refused and not self._was_registered:
                        message = "LiveKit refuses LIVEKIT_API_KEY and LIVEKIT_API_SECRET; sales-agent doctor asks it."
                        raise StartError("livekit_refused", message) from error
                    failures = 1 if self.is_connected else failures + 1
                    log.warning("no connection to LiveKit: %s", type(error).__name__)
                finally:
                    self.is_connected = False
                pause_s = min(LONGEST_PAUSE_S, 0.25 * 2 ** min(failures, 10))
                await asyncio.sleep(pause_s * _RANDOM.uniform(0.5, 1.0))

    async def ended(self) -> None:
        """Wait for the calls, which have been told to end, within a deadline."""
        for ticket, timer in self._offered.values():
            timer.cancel()
            ticket.__exit__(None, None, None)
        self._offered.clear()
        tasks = [task for task, _ in self._jobs.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=END_TIMEOUT_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=END_TIMEOUT_S)

    def tell_status(self) -> None:
        """Now, rather than in a moment."""
        admission, limit = self._admission, self._admission.limit
        status = pb.WorkerStatus.WS_AVAILABLE if admission.has_room else pb.WorkerStatus.WS_FULL
        load = min(1.0, admission.active / limit) if limit else 1.0
        update = pb.UpdateWorkerStatus(
            status=status, load=load, job_count=len(self._jobs), draining=self._admission.draining
        )
        self._send(pb.WorkerMessage(update_worker=update))

    # The connection

    async def _connection(self, http: aiohttp.ClientSession, on_registered: Callable[[], None]) -> None:
        livekit = self._livekit
        token = AccessToken(livekit.key, livekit.secret).with_grants(VideoGrants(agent=True)).to_jwt()
        async with asyncio.timeout(CONNECT_TIMEOUT_S) as connecting:
            async with http.ws_connect(
                _agent_address(livekit.url),
                headers={"Authorization": f"Bearer {token}"},
                heartbeat=HEARTBEAT_S,
                max_msg_size=_MOST_BYTES,
            ) as socket:
                await socket.send_bytes(self._registration().SerializeToString())
                first = await socket.receive()
                if first.type is not aiohttp.WSMsgType.BINARY or not _read(first.data).HasField("register"):
                    raise aiohttp.ClientError("LiveKit did not register the worker")
                connecting.reschedule(None)
                self.is_connected = self._was_registered = True
                log.info("registered with LiveKit as %s", livekit.agent_name or "the agent of every room")
                on_registered()
                await self._serve(socket)

    def _registration(self) -> pb.WorkerMessage:
        return pb.WorkerMessage(
            register=pb.RegisterWorkerRequest(
                type=pb.JobType.JT_ROOM,
                agent_name=self._livekit.agent_name,
                version=_VERSION,
                allowed_permissions=ParticipantPermission(
                    can_publish=True, can_subscribe=True, can_publish_data=True, can_update_metadata=True, agent=True
                ),
            )
        )

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not self._outbox.empty():  # of an earlier connection: LiveKit has forgotten what it was about
            self._outbox.get_nowait()
        self.tell_status()
        beside = [
            asyncio.create_task(self._write(socket), name="livekit sender"),
            asyncio.create_task(self._keep_telling(), name="livekit status"),
        ]
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._take(_read(message.data))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # the reader is told as well
            while True:
                await socket.send_bytes((await self._outbox.get()).SerializeToString())

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(STATUS_EVERY_S)
            self.tell_status()

    def _send(self, message: pb.WorkerMessage) -> None:
        if not self.is_connected:
            return
        try:
            self._outbox.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("LiveKit reads too slowly: a message is lost")

    # What LiveKit asks

    def _take(self, message: pb.ServerMessage) -> None:
        match message.WhichOneof("message"):
            case "availability":
                self._offer(message.availability.job)
            case "assignment":
                self._assigned(message.assignment)
            case "termination":
                if (job := self._jobs.get(message.termination.job_id)) is not None:
                    job[1].set()

    def _offer(self, job: pb.Job) -> None:
        """A place is kept until the room is assigned: two offers at once do not get the same one, and one that comes
        twice gets no other."""
        answer = pb.AvailabilityResponse(job_id=job.id)
        if job.id not in self._jobs and self._has_place(job.id):
            answer.available = True
            answer.participant_identity = f"agent-{job.id}"
            answer.participant_name = "Agent"
        self._send(pb.WorkerMessage(availability=answer))
        self.tell_status()

    def _has_place(self, job_id: str) -> bool:
        if job_id in self._offered:
            ticket, timer = self._offered[job_id]
            timer.cancel()
        else:
            try:
                ticket = self._admission.admit()
            except Problem as problem:
                log.warning("a room is not taken: %s", problem.code)
                return False
        timer = asyncio.get_running_loop().call_later(ASSIGNMENT_TIMEOUT_S, self._lapse, job_id)
        self._offered[job_id] = (ticket, timer)
        return True

    def _lapse(self, job_id: str) -> None:
        ticket, _ = self._offered.pop(job_id)
        ticket.__exit__(None, None, None)
        log.warning("a room that was offered was not assigned in time")

    def _assigned(self, assignment: pb.JobAssignment) -> None:
        given = assignment.job
        if given.id in self._jobs:
            return  # told twice
        offered = self._offered.pop(given.id, None)
        if offered is None:
            log.warning("a room was assigned that is not expected any more")
            self._update(given.id, pb.JobStatus.JS_FAILED)
            return
        ticket, timer = offered
        timer.cancel()
        job = Job(
            id=given.id,
            room=given.room.name,
            room_sid=given.room.sid,
            metadata=given.metadata,
            room_metadata=given.room.metadata,
            url=assignment.url or self._livekit.url,
            token=assignment.token,
        )
        dismissed = asyncio.Event()
        task = asyncio.create_task(self._hold(job, ticket, dismissed), name=f"livekit {given.id}")
        self._jobs[given.id] = (task, dismissed)
        self._update(given.id, pb.JobStatus.JS_RUNNING)

    async def _hold(self, job: Job, ticket: Ticket, dismissed: asyncio.Event) -> None:
        works = False
        try:
            with ticket:
                works = await self._talk(job, dismissed)
        except Exception as error:
            log.error("a call ended in an unexpected %s", type(error).__name__)
            log.debug("unexpected error in full", exc_info=error)
        finally:
            del self._jobs[job.id]
            self._update(job.id, pb.JobStatus.JS_SUCCESS if works else pb.JobStatus.JS_FAILED)
            self.tell_status()

    def _update(self, job_id: str, status: pb.JobStatus) -> None:
        self._send(pb.WorkerMessage(update_job=pb.UpdateJobStatus(job_id=job_id, status=status)))


def _read(data: bytes) -> pb.ServerMessage:
    """Raises aiohttp.ClientError: whoever speaks otherwise is no LiveKit."""
    try:
        return pb.ServerMessage.FromString(data)
    except DecodeError as error:
        raise aiohttp.ClientError("LiveKit sent what cannot be read") from error


def _agent_address(url: str) -> str:
    """``http`` addresses are taken too."""
    return f"{'ws' + url.removeprefix('http') if url.startswith('http') else url}/agent"
