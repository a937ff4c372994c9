"""The worker and a real LiveKit server, with a caller who joins by LiveKit's own library.

Runs only where ``LIVEKIT_SERVER`` names the server's program (``go install
github.com/livekit/livekit-server/cmd/server@v1.13.5``); elsewhere it is skipped aloud. SIP is not tried here.
"""

import array
import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from api_server import settings_for
from eventually import eventually
from live_server import speech
from livekit import api, rtc
from scripted_engines import scripted_engines

from agent_server.livekit.run import run_livekit

SERVER = os.environ.get("LIVEKIT_SERVER", "")
ROOT = Path(__file__).parents[3]
KEY, SECRET = "devkey", "a-secret-of-livekit-with-enough-characters"

pytestmark = pytest.mark.skipif(not SERVER, reason="NOT TRIED: LIVEKIT_SERVER names no LiveKit server's program")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def livekit_url(tmp_path: Path) -> AsyncIterator[str]:
    port = free_port(socket.SOCK_STREAM)
    config = tmp_path / "livekit.yaml"
    config.write_text(
        f"port: {port}\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n"
        f"rtc: {{udp_port: {free_port(socket.SOCK_DGRAM)}, tcp_port: {free_port(socket.SOCK_STREAM)}, "
        "use_external_ip: false, enable_loopback_candidate: true}\n"
    )
    quiet = asyncio.subprocess.DEVNULL
    arguments = ("--config", str(config), "--node-ip", "127.0.0.1")
    server = await asyncio.create_subprocess_exec(SERVER, *arguments, stdout=quiet, stderr=quiet)
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


async def health(door: int) -> dict[str, Any]:
    """Of the worker; empty: it is not there yet."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{door}/api/health") as answer:
            found: dict[str, Any] = await answer.json()
            return found
    except aiohttp.ClientConnectionError:
        return {}


async def registered(door: int) -> None:
    """Wait until the worker's health says so."""
    async with asyncio.timeout(30):
        while (await health(door)).get("components", {}).get("livekit", {}).get("status") != "ok":
            await asyncio.sleep(0.05)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{door}/metrics") as answer:
        assert "sales_agent_livekit_calls" in await answer.text()


class Visitor:
    """A caller by LiveKit's own library. ``loud``: frames of the agent's that were no silence; ``texts``: what is shown
    of the conversation."""

    def __init__(self) -> None:
        self.loud = 0
        self.texts: list[str] = []
        self._room = rtc.Room()
        self._source = rtc.AudioSource(24_000, 1, queue_size_ms=4000)
        self._tasks: list[asyncio.Task[None]] = []
        self._room.on("track_subscribed", lambda track, *_: self._begin(self._listen(track)))
        self._room.register_text_stream_handler("lk.transcription", lambda reader, _: self._begin(self._read(reader)))

    def _begin(self, work: Any) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=24_000, num_channels=1):
            self.loud += max(map(abs, array.array("h", bytes(event.frame.data)))) > 500

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        self.texts.append(await reader.read_all())

    @asynccontextmanager
    async def in_room(self, url: str) -> AsyncIterator[None]:
        """With the agent, whom the room's own dispatch names."""
        dispatch = api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name="sales-agent")])
        grants = api.VideoGrants(room_join=True, room="shop")
        token = api.AccessToken(KEY, SECRET).with_identity("visitor").with_grants(grants).with_room_config(dispatch)
        try:
            await self._room.connect(url, token.to_jwt())
            track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            await self._room.local_participant.publish_track(track)
            await eventually(lambda: self._room.remote_participants, 30)
            yield
        finally:
            await self._room.disconnect()
            for task in self._tasks:
                task.cancel()

    async def say(self) -> None:
        pcm = speech() + bytes(48 * 1000)
        await self._source.capture_frame(rtc.AudioFrame(pcm, 24_000, 1, len(pcm) // 2))


async def test_a_caller_is_heard_and_answered_and_what_they_said_is_shown(
    livekit_url: str, dsn: str, tmp_path: Path
) -> None:
    engines = scripted_engines(["how much does it cost"])

    async def start_engines(*_: object) -> object:
        return engines

    door = free_port(socket.SOCK_STREAM)
    variables = {"LIVEKIT_URL": livekit_url, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}
    variables["WORKER_METRICS_PORT"] = str(door)
    stop, visitor = asyncio.Event(), Visitor()
    settings = settings_for(dsn, tmp_path, **variables)
    working = asyncio.create_task(run_livekit(settings, stop, start_engines=start_engines))  # type: ignore[arg-type]
    try:
        await registered(door)  # a room is dispatched once, when it is opened
        async with visitor.in_room(livekit_url):
            await visitor.say()
            await eventually(lambda: visitor.loud > 20, 20)
            shown = {"how much does it cost", "It costs fifty dollars a month."}
            await eventually(lambda: shown <= set(visitor.texts), 20)
    finally:
        stop.set()
        async with asyncio.timeout(40):
            await working


@pytest.mark.timeout(180)
async def test_a_caller_whose_worker_was_killed_goes_on_with_another(
    livekit_url: str, dsn: str, tmp_path: Path
) -> None:
    visitor, doors, workers = Visitor(), list[int](), list[asyncio.subprocess.Process]()
    try:
        for number in range(2):
            doors.append(free_port(socket.SOCK_STREAM))
            environment = {
                "PATH": os.environ["PATH"],
                "DATABASE_URL": dsn,
                "DATABASE_CONNECTIONS": "4",
                "DATA_DIR": str(tmp_path / f"worker-{number}"),
                "LIVEKIT_URL": livekit_url,
                "LIVEKIT_API_KEY": KEY,
                "LIVEKIT_API_SECRET": SECRET,
                "WORKER_METRICS_PORT": str(doors[-1]),
                "LOG_LEVEL": "error",
            }
            command = (sys.executable, "-m", "agent_server", "livekit")
            workers.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment))
            await registered(doors[-1])
        async with visitor.in_room(livekit_url):
            await visitor.say()
            await eventually(lambda: visitor.loud > 20, 30)
            holder = [(await health(door))["conversations"]["active"] for door in doors].index(1)
            workers[holder].kill()
            async with asyncio.timeout(40):
                while (await health(doors[1 - holder]))["conversations"]["active"] == 0:
                    await asyncio.sleep(0.1)
            before = visitor.loud
            await visitor.say()
            await eventually(lambda: visitor.loud > before + 20, 30)
    finally:
        for worker in workers:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()
