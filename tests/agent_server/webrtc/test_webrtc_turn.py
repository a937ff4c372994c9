"""A call through a real TURN server, coturn: the server's own addresses are out of the caller's reach.

Runs where there is a ``turnserver`` on the PATH; elsewhere it is skipped aloud.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from api_server import settings_for
from live_server import KEY, serving, speech
from rtc_client import RtcClient
from scripted_engines import scripted_engines

TURNSERVER = shutil.which("turnserver")
USER, PASSWORD = "agent", "a-password-of-turn"

pytestmark = pytest.mark.skipif(TURNSERVER is None, reason="NOT TRIED: there is no turnserver (coturn) on the PATH")


@pytest.fixture
async def turn_port(tmp_path: Path) -> AsyncIterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    assert TURNSERVER is not None
    arguments = [
        *("-n", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers"),
        *("--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}"),
        *("--lt-cred-mech", f"--user={USER}:{PASSWORD}", "--realm=example.com"),
        *(f"--userdb={tmp_path / 'turn.db'}", f"--pidfile={tmp_path / 'turn.pid'}", "--log-file=stdout"),
    ]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(TURNSERVER, *arguments, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        writer.close()
        yield port
    finally:
        process.terminate()
        await process.wait()


class OutOfReach(RtcClient):
    """Of the server's addresses it is told those at the TURN server alone."""

    async def take(self, answer: str) -> None:
        lines = [line for line in answer.splitlines() if not line.startswith("a=candidate:") or " typ relay " in line]
        await super().take("\r\n".join([*lines, ""]))


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_caller_who_cannot_reach_the_server_talks_by_the_turn_server(
    turn_port: int, dsn: str, tmp_path: Path, transport: str
) -> None:
    settings = settings_for(
        dsn,
        tmp_path,
        SALES_AGENT_API_KEY=KEY,
        WEBRTC_ICE_SERVERS=f"turn:127.0.0.1:{turn_port}?transport={transport}",
        WEBRTC_TURN_USERNAME=USER,
        WEBRTC_TURN_PASSWORD=PASSWORD,
    )
    client = OutOfReach()
    async with serving(settings, scripted_engines(["how much does it cost"])) as live:
        try:
            await client.connect(live.url, KEY)
            client.microphone.say(speech())
            await client.until("output_audio_buffer.stopped")
        finally:
            await client.close()
    assert abs(client.heard_ms - 6 * 250) <= 200, "'It costs fifty dollars a month.', 250 ms a word"
