"""A server killed with SIGKILL in the middle of a reply: nothing said or heard before is missing after the restart."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

KEY = "sk_test_of_a_killed_server_0123456789"
ROOT = Path(__file__).parents[2]
STORY = "Once upon a time a small company wanted to answer every call, day and night, and it asked us how. " * 4
START_TIMEOUT_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """``sales-agent serve`` on its embedded engines."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {**os.environ, "SALES_AGENT_API_KEY": KEY, "LOG_LEVEL": "warning"}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent_server", "serve", "--port", str(self.port)),
            *("--data-dir", str(self._data_dir)),
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        async with asyncio.timeout(START_TIMEOUT_S), aiohttp.ClientSession() as http:
            while True:
                assert self._process.returncode is None, "the server ended at its start"
                try:
                    async with http.get(f"http://127.0.0.1:{self.port}/api/live") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL to the server alone, as the kernel's out-of-memory killer would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(40):
                assert await self._process.wait() == 0, "SIGTERM ends with exit code 0"

    @asynccontextmanager
    async def connected(self, query: str = "") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}/v1/realtime{query}"
        async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=headers) as opened:
            yield opened

    async def conversation(self, conversation_id: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}/api/conversations/{conversation_id}"
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found


async def until(opened: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            event: dict[str, Any] = json.loads(await opened.receive_str())
            if event["type"] == kind:
                return event


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data")
    try:
        yield server
    finally:
        await server.stop()


@pytest.mark.timeout(180)
async def test_nothing_said_or_heard_is_lost(process: ServerProcess) -> None:
    await process.start()
    told: list[tuple[float, str]] = []
    loop = asyncio.get_running_loop()
    async with process.connected() as opened:
        conversation_id = (await until(opened, "conversation.created"))["conversation"]["id"]
        question = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a story."}]}
        await opened.send_json({"type": "conversation.item.create", "item": question})
        await opened.send_json({"type": "response.create", "response": {"instructions": f"Say exactly: {STORY}"}})
        started = loop.time()
        while loop.time() < started + 4.0:
            event = json.loads(await opened.receive_str())
            if event["type"] == "response.output_audio_transcript.delta":
                told.append((loop.time(), event["delta"]))
        await process.kill()
        killed_at = loop.time()
    sent = "".join(delta for _, delta in told)
    surely_heard = "".join(delta for at, delta in told if at < killed_at - 1.0)
    assert surely_heard

    await process.start()
    async with process.connected(f"?conversation={conversation_id}") as opened:
        resumed = await until(opened, "sales_agent.conversation.resumed")
        assert resumed["conversation_id"] == conversation_id
        question, reply = resumed["items"]
        assert question["content"][0]["text"] == "Tell me a story."
        assert reply["status"] == "incomplete"
        heard = reply["content"][0]["transcript"]
        assert heard.startswith(surely_heard), "what was heard is remembered"
        assert sent.startswith(heard), "what was not sent is not"
        await opened.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        done = await until(opened, "response.done")
        assert done["response"]["status"] == "completed"
    items = (await process.conversation(conversation_id))["items"]
    assert [item["role"] for item in items] == ["user", "assistant", "assistant"]
    assert items[1]["heard_text"] == heard
    assert items[1]["generated_text"].startswith(heard)
