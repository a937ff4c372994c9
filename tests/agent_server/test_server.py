"""The server as a process: it says where it is, and on SIGTERM lets conversations finish."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from api_server import FIRST_KEY, bearer

from agent_server.parts import StartError
from agent_server.server import bind, page_url
from agent_server.settings import ProcessSettings

PROGRAM = """
import sys
sys.path[:0] = {path!r}
from agent_server.server import run_server
from agent_server.settings import load_settings
from scripted_engines import scripted_engines

async def start_engines(*_):
    return scripted_engines()

run_server(load_settings(), start_engines=start_engines)
"""


class ServerProcess:
    """The program with scripted engines; ``lines`` are what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def ready(self) -> str:
        """The address, as printed."""
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if line.startswith("Sales agent is ready: "):
                    return line.split()[-1].removesuffix("/talk")
        raise AssertionError("it ended before it was ready")

    async def ended(self) -> tuple[int, str]:
        async with asyncio.timeout(30):
            _, errors = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode()


@asynccontextmanager
async def running(data_dir: Path, **environment: str) -> AsyncIterator[ServerProcess]:
    program = PROGRAM.format(path=[str(Path(__file__).parents[1] / "live"), str(Path(__file__).parents[2])])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=data_dir,
        env={"PATH": os.environ["PATH"], "HOME": str(data_dir), "PORT": "0", "DATA_DIR": str(data_dir), **environment},
    )
    try:
        yield ServerProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_prints_where_it_is_and_a_new_key_and_stops_on_sigterm(dsn: str, tmp_path: Path) -> None:
    async with running(tmp_path, DATABASE_URL=dsn, LOG_FORMAT="json") as server:
        url = await server.ready()
        (key_line,) = server.lines[:-1]
        key = key_line.split()[-1]
        async with aiohttp.ClientSession(url, headers=bearer(key)) as client, client.get("/api/keys") as response:
            assert response.status == 200
        server.process.terminate()
        code, log = await server.ended()
    assert code == 0
    assert key not in log
    assert '"message":"started in ' in log
    assert "Traceback" not in log


async def test_running_conversations_finish_and_new_ones_are_refused(dsn: str, tmp_path: Path) -> None:
    async with running(tmp_path, DATABASE_URL=dsn, SALES_AGENT_API_KEY=FIRST_KEY) as server:
        url = await server.ready()
        async with aiohttp.ClientSession(url, headers=bearer(FIRST_KEY)) as client:
            async with client.ws_connect("/v1/realtime") as conversation:
                await conversation.receive_json()
                server.process.terminate()
                refused = await _refusal(client)
                assert refused == (503, "server_draining")
                await conversation.send_json({"type": "input_audio_buffer.clear"})
                kinds = [(await conversation.receive_json())["type"] for _ in range(2)]
                assert kinds == ["conversation.created", "input_audio_buffer.cleared"]
                assert server.process.returncode is None
            assert (await server.ended())[0] == 0


async def test_at_the_deadline_conversations_are_told_to_go_on_elsewhere(dsn: str, tmp_path: Path) -> None:
    async with running(tmp_path, DATABASE_URL=dsn, SALES_AGENT_API_KEY=FIRST_KEY, DRAIN_SECONDS="0.2") as server:
        url = await server.ready()
        async with aiohttp.ClientSession(url, headers=bearer(FIRST_KEY)) as client:
            conversation = await client.ws_connect("/v1/realtime")
            server.process.send_signal(signal.SIGTERM)
            events = [message.json() async for message in conversation]
            assert events[-1]["error"]["code"] == "server_draining"
            assert (await server.ended())[0] == 0


async def test_a_second_signal_stops_at_once(dsn: str, tmp_path: Path) -> None:
    async with running(tmp_path, DATABASE_URL=dsn, SALES_AGENT_API_KEY=FIRST_KEY, DRAIN_SECONDS="600") as server:
        url = await server.ready()
        async with aiohttp.ClientSession(url, headers=bearer(FIRST_KEY)) as client:
            conversation = await client.ws_connect("/v1/realtime")
            server.process.send_signal(signal.SIGINT)
            assert await _refusal(client) == (503, "server_draining")
            server.process.send_signal(signal.SIGINT)
            assert (await server.ended())[0] == 0
            await conversation.close()


async def test_the_network_is_refused_before_anything_starts(tmp_path: Path) -> None:
    async with running(tmp_path, HOST="0.0.0.0") as server:
        code, log = await server.ended()
    assert code != 0
    assert "set SALES_AGENT_API_KEY first" in log
    assert not (tmp_path / "postgres").exists()


async def _refusal(client: aiohttp.ClientSession) -> tuple[int, str]:
    """What a newcomer is told, once the signal has arrived."""
    async with asyncio.timeout(10):
        while True:
            async with client.get("/v1/realtime") as response:
                error = (await response.json())["error"]
            if response.status == 503:
                return response.status, error["code"]


def test_a_port_that_is_taken_is_one_clear_error() -> None:
    (taken,) = bind("127.0.0.1", 0)
    taken.listen()
    try:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} of 127.0.0.1 cannot be used") as error:
            bind("127.0.0.1", port)
        assert error.value.code == "port_unavailable"
    finally:
        taken.close()


def test_several_processes_may_share_a_port() -> None:
    (first,) = bind("127.0.0.1", 0, reuse_port=True)
    (second,) = bind("127.0.0.1", first.getsockname()[1], reuse_port=True)
    first.close()
    second.close()


def test_a_host_with_several_addresses_gets_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    sockets = bind("both", 0)
    try:
        assert len({bound.getsockname()[1] for bound in sockets}) == 1
        assert [bound.getsockname()[0] for bound in sockets] == ["127.0.0.1", "127.0.0.2"]
    finally:
        for bound in sockets:
            bound.close()


def test_an_address_the_machine_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))  # documentation only, RFC 5737
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [missing, here])
    (bound,) = bind("localhost", 0)
    assert bound.getsockname()[0] == "127.0.0.1"
    bound.close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [missing])
    with pytest.raises(StartError, match="cannot be used"):
        bind("localhost", 0)


def test_an_address_of_another_machine_is_no_port_that_is_taken() -> None:
    with pytest.raises(StartError, match="No address of this machine; set HOST"):
        bind("192.0.2.7", 0)  # kept for documentation by RFC 5737


def test_a_host_that_is_none_is_one_clear_error() -> None:
    with pytest.raises(StartError, match="is no address of this machine"):
        bind("no-such-host.invalid", 0)


@pytest.mark.parametrize(
    ("host", "public_url", "expected"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:81/talk"),
        ("0.0.0.0", None, "http://127.0.0.1:81/talk"),
        ("::", None, "http://[::1]:81/talk"),
        ("::1", None, "http://[::1]:81/talk"),
        ("0.0.0.0", "https://agent.example.com", "https://agent.example.com/talk"),
    ],
)
def test_the_address_to_open(host: str, public_url: str | None, expected: str) -> None:
    assert page_url(ProcessSettings(host=host, public_url=public_url), 81) == expected
