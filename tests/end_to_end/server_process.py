"""The server as a process of its own, for tests of what happens when processes die, stall or are more than one."""

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

KEY = "sk_test_of_server_processes_0123456789"
ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """``sales-agent serve`` on its embedded engines. ``settings``: variables of its own."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self._data_dir = data_dir
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {**os.environ, "SALES_AGENT_API_KEY": KEY, "LOG_LEVEL": "warning", **self._settings}
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

    def pause(self) -> None:
        """SIGSTOP: it is there, and does nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

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
        return await self._get(f"/api/conversations/{conversation_id}")

    async def conversations(self) -> list[dict[str, Any]]:
        """As listed."""
        items: list[dict[str, Any]] = (await self._get("/api/conversations"))["items"]
        return items

    async def _get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found


async def until(opened: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            event: dict[str, Any] = json.loads(await opened.receive_str())
            if event["type"] == kind:
                return event
