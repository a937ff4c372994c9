"""The server with what it brings along: no key, no network, nothing scripted."""

import io
import os
import signal
import wave
from pathlib import Path

import aiohttp
from api_server import FIRST_KEY, bearer, settings_for
from eventually import eventually

from agent_server.engines.starting import start_engines
from agent_server.parts import Parts
from agent_server.server import bind, listening
from agent_server.startup import running_services


async def test_it_is_healthy_speaks_and_gets_over_a_dead_voice(dsn: str, tmp_path: Path) -> None:
    sockets = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    async with (
        running_services(settings_for(dsn, tmp_path)) as services,
        listening(services, sockets),
        aiohttp.ClientSession(url, headers=bearer(FIRST_KEY)) as client,
    ):
        async with client.get("/api/health") as response:
            body = await response.json()
        assert (response.status, body["status"]) == (200, "ok")
        details = {name: state["detail"] for name, state in body["components"].items()}
        assert details["speech_recognition"] == "pocketsphinx"
        assert details["voice"] == "espeak"
        assert details["language_model"] == "playbook"

        async with client.post("/api/voice/synthesize", json={"text": "Hello, how can I help?"}) as response:
            assert response.status == 200
            with wave.open(io.BytesIO(await response.read())) as file:
                assert 0.8 < file.getnframes() / file.getframerate() < 5

        voice = services.engines.voices[0]
        os.kill(voice.engine_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        await eventually(lambda: not voice.healthy)  # type: ignore[attr-defined]
        await eventually(lambda: voice.healthy)  # type: ignore[attr-defined]
        async with client.get("/api/health") as response:
            assert response.status == 200
    for bound in sockets:
        bound.close()


async def test_the_operators_knowledge_is_what_the_playbook_knows(tmp_path: Path) -> None:
    file = tmp_path / "knowledge.md"
    file.write_text("# Zebra Paint\n\n## How long does it dry?\n\nIt dries in forty minutes.\n")
    settings = settings_for("postgresql://unused@127.0.0.1/unused", tmp_path, KNOWLEDGE_FILE=str(file))
    parts = Parts()
    try:
        engines = await start_engines(settings, parts)
        assert engines.models[-1]._knowledge.subject == "Zebra Paint"  # type: ignore[attr-defined]
        assert set(parts.seconds) == {"silero", "pocketsphinx", "espeak", "knowledge", "playbook", "model gateway"}
    finally:
        await parts.stop_all()
