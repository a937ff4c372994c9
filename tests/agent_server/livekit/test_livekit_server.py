"""The worker and a real LiveKit server, with a caller who joins by LiveKit's own library.

Runs only where ``LIVEKIT_SERVER`` names the server's program (``go install
github.com/livekit/livekit-server/cmd/server@v1.13.5``); elsewhere it is skipped aloud. SIP is not tried here.
"""

import array
import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from api_server import settings_for
from eventually import eventually
from live_server import speech
from livekit import api, rtc
from scripted_engines import scripted_engines

from agent_server.livekit.run import run_livekit

SERVER = os.environ.get("LIVEKIT_SERVER", "")
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


async def registered(door: int) -> None:
    """Wait until the worker's health says so."""
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{door}/api/health") as answer:
                    if (await answer.json())["components"]["livekit"]["status"] == "ok":
                        break
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)
        async with session.get(f"http://127.0.0.1:{door}/metrics") as answer:
            assert "sales_agent_livekit_calls" in await answer.text()


async def test_a_caller_is_heard_and_answered_and_what_they_said_is_shown(
    livekit_url: str, dsn: str, tmp_path: Path
) -> None:
    engines = scripted_engines(["how much does it cost"])

    async def start_engines(*_: object) -> object:
        return engines

    door = free_port(socket.SOCK_STREAM)
    variables = {"LIVEKIT_URL": livekit_url, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}
    variables["WORKER_METRICS_PORT"] = str(door)
    stop = asyncio.Event()
    settings = settings_for(dsn, tmp_path, **variables)
    working = asyncio.create_task(run_livekit(settings, stop, start_engines=start_engines))  # type: ignore[arg-type]
    room = rtc.Room()
    loud, texts, tasks = [0], list[str](), list[asyncio.Task[None]]()

    async def listen(track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=24_000, num_channels=1):
            loud[0] += max(map(abs, array.array("h", bytes(event.frame.data)))) > 500

    async def read(reader: rtc.TextStreamReader) -> None:
        texts.append(await reader.read_all())

    room.on("track_subscribed", lambda track, *_: tasks.append(asyncio.create_task(listen(track))))
    room.register_text_stream_handler(
        "lk.transcription", lambda reader, _: tasks.append(asyncio.create_task(read(reader)))
    )
    try:
        dispatch = api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name="sales-agent")])
        grants = api.VideoGrants(room_join=True, room="shop")
        token = api.AccessToken(KEY, SECRET).with_identity("visitor").with_grants(grants).with_room_config(dispatch)
        source = rtc.AudioSource(24_000, 1, queue_size_ms=4000)
        await registered(door)  # a room is dispatched once, when it is opened
        await room.connect(livekit_url, token.to_jwt())
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        await room.local_participant.publish_track(track)
        await eventually(lambda: room.remote_participants, 30)
        pcm = speech() + bytes(48 * 1000)
        await source.capture_frame(rtc.AudioFrame(pcm, 24_000, 1, len(pcm) // 2))
        await eventually(lambda: loud[0] > 20, 20)
        await eventually(lambda: {"how much does it cost", "It costs fifty dollars a month."} <= set(texts), 20)
    finally:
        await room.disconnect()
        stop.set()
        async with asyncio.timeout(40):
            await working
        for task in tasks:
            task.cancel()
