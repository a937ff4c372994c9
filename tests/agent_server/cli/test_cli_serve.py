"""``sales-agent serve`` as a process: ready, full, replaced, drained."""

import asyncio
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psutil
import pytest
from eventually import eventually
from program_process import invoke, result_of, run, start
from websockets.asyncio.client import ClientConnection, connect

from storage.postgres.embedded import EmbeddedPostgres

KEY = "sk_test_of_the_command_line_0123456789"


class Serving:
    """A server of its own process group; ``url`` is where it answers."""

    def __init__(self, process: Process, line: str) -> None:
        self.process = process
        self.line = line
        self.url = line.split()[4].removesuffix("/talk")

    def children(self) -> list[psutil.Process]:
        """The processes that serve."""
        return [child for child in psutil.Process(self.process.pid).children() if is_worker(child)]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def end(self) -> tuple[int, str]:
        result = await result_of(self.process)
        return result.code, result.err


def is_worker(process: psutil.Process) -> bool:
    try:
        return "agent_server.cli.workers.worker" in process.cmdline()
    except psutil.Error:  # it has just ended
        return False


def postmaster(data: Path) -> int | None:
    """The process id of the embedded database's server."""
    try:
        return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None


@asynccontextmanager
async def serving(*arguments: str, cwd: Path, **environment: str) -> AsyncIterator[Serving]:
    process = await start("serve", "--port", "0", *arguments, cwd=cwd, SALES_AGENT_API_KEY=KEY, **environment)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("Sales agent is ready: http://127.0.0.1:"), (await result_of(process)).err
        yield Serving(process, line)
    finally:
        if process.returncode is None:
            process.terminate()
            process.terminate()
            await result_of(process)


def door(serving: Serving) -> Any:
    return connect(
        serving.url.replace("http", "ws") + "/v1/realtime?model=m",
        additional_headers={"Authorization": f"Bearer {KEY}"},
        open_timeout=30,
    )


async def until(connection: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        async for message in connection:
            event = msgspec.json.decode(message)
            if event["type"] == kind:
                return event
    raise AssertionError(f"the connection closed before {kind}")


async def written_turn(connection: ClientConnection) -> str:
    content = [{"type": "input_text", "text": "How much is it?"}]
    item = {"type": "message", "role": "user", "content": content}
    await connection.send(msgspec.json.encode({"type": "conversation.item.create", "item": item}).decode())
    await connection.send('{"type": "response.create", "response": {"output_modalities": ["text"]}}')
    return (await until(connection, "response.done"))["response"]["status"]


async def get(url: str, **headers: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        return reply.status, await reply.json()


async def get_text(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        assert reply.status == 200
        return await reply.text()


async def test_it_says_where_it_is_answers_and_ends_with_0(tmp_path: Path, dsn: str) -> None:
    async with serving(cwd=tmp_path, DATABASE_URL=dsn) as server:
        assert (await get(f"{server.url}/api/live"))[0] == 200
        assert (await get(f"{server.url}/api/health"))[1]["status"] == "ok"
        server.signal(signal.SIGTERM)
        code, log = await server.end()
    assert code == 0
    assert "error" not in log


async def test_running_conversations_finish_and_no_new_ones_begin(tmp_path: Path, dsn: str) -> None:
    async with serving(cwd=tmp_path, DATABASE_URL=dsn, DRAIN_SECONDS="60") as server:
        async with door(server) as connection:
            await until(connection, "session.created")
            server.signal(signal.SIGINT)
            await asyncio.sleep(0.2)
            status, reply = await get(f"{server.url}/v1/realtime", Authorization=f"Bearer {KEY}")
            assert (status, reply["error"]["code"]) == (503, "server_draining")
            assert await written_turn(connection) == "completed"
        code, _ = await server.end()
    assert code == 0


async def test_a_second_signal_ends_it_at_once(tmp_path: Path, dsn: str) -> None:
    async with serving(cwd=tmp_path, DATABASE_URL=dsn, DRAIN_SECONDS="600") as server, door(server) as connection:
        await until(connection, "session.created")
        server.signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        server.signal(signal.SIGTERM)
        assert (await until(connection, "error"))["error"]["code"] == "server_draining"
        code, _ = await server.end()
    assert code == 0


async def test_a_port_in_use_is_one_clear_line(tmp_path: Path, dsn: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for workers in ("1", "2"):
            result = await run(
                *("serve", "--port", port, "--workers", workers), cwd=tmp_path, DATABASE_URL=dsn, REDIS_URL="redis://x"
            )
            assert result.code == 1
            assert result.out == ""
            [line] = result.err.splitlines()
            assert line.startswith(f"error: Port {port} of 127.0.0.1 cannot be used")


async def test_settings_that_do_not_work_are_told_all_at_once(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=eighty\nSTT_PROVIDR=auto\nMAX_CONVERSATIONS=0\n")
    result = await invoke("serve", cwd=tmp_path)
    assert result.code == 1
    assert len(result.err.splitlines()) == 3
    assert all(line.startswith("error: ") for line in result.err.splitlines())


async def test_the_embedded_database_and_the_own_key_serve_the_commands_too(tmp_path: Path) -> None:
    """A key made by ``keys create`` while the server runs opens its doors: both mean the same database."""
    data = tmp_path / "data"
    process = await start("serve", "--port", "0", "--data-dir", str(data), cwd=tmp_path)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            key_line = (await process.stdout.readline()).decode()
            ready = (await process.stdout.readline()).decode()
        assert key_line.startswith("API key of this machine")
        server = Serving(process, ready)
        own_key = (data / "api-key").read_text().strip()
        assert own_key == key_line.split()[-1]
        made = await run("keys", "create", "test", "--data-dir", str(data), cwd=tmp_path)
        assert made.code == 0, made.err
        key = made.out.strip()
        status, listed = await get(f"{server.url}/api/keys", Authorization=f"Bearer {key}")
        assert status == 200
        assert {"test"} < {entry["name"] for entry in listed["items"]}
        called = await run("call", "--url", server.url, "--data-dir", str(data), "--text", "Hi", cwd=tmp_path)
        assert called.code == 0, called.err
    finally:
        process.terminate()
        result = await result_of(process)
    assert result.code == 0
    assert not (data / "postgres" / "postmaster.pid").exists()


async def test_several_processes_share_port_and_limit(tmp_path: Path, dsn: str) -> None:
    async with serving("--workers", "2", cwd=tmp_path, DATABASE_URL=dsn, MAX_CONVERSATIONS="3") as server:
        assert "(2 processes)" in server.line
        limits = set()
        for _ in range(200):
            limits.add((await get(f"{server.url}/api/health"))[1]["conversations"]["limit"])
            if len(limits) == 2:
                break
        assert limits == {1, 2}
        # Whichever process is asked, the figures are those of both.
        for _ in range(5):
            figures = await get_text(f"{server.url}/metrics")
            assert "sales_agent_conversations_limit 3.0" in figures
            assert 'sales_agent_http_requests_total{method="GET",route="/api/health",status="200"}' in figures
        before = server.children()
        before[0].kill()
        await eventually(lambda: len(set(server.children()) - set(before)) == 1)
        await eventually_answers(server, before[1])
        assert "sales_agent_conversations_limit 3.0" in await get_text(f"{server.url}/metrics")
        server.signal(signal.SIGTERM)
        code, log = await server.end()
    assert code == 0
    assert "ended with code -9" in log
    await eventually(lambda: not any(child.is_running() for child in before))


async def eventually_answers(server: Serving, other: psutil.Process) -> None:
    """The process that took the dead one's place serves: it answers when the other one is stopped for a moment."""
    other.suspend()
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    async with asyncio.timeout(1):
                        if (await get(f"{server.url}/api/live"))[0] == 200:
                            return
                except (TimeoutError, aiohttp.ClientError):
                    await asyncio.sleep(0.05)
    finally:
        other.resume()


async def test_the_parent_starts_a_dead_database_again_and_takes_its_processes_along(tmp_path: Path) -> None:
    data = tmp_path / "elsewhere"
    async with serving("--workers", "2", "--data-dir", "elsewhere", cwd=tmp_path) as server:
        assert not (tmp_path / ".data").exists(), "its processes have theirs there, too"
        children = server.children()
        assert len(children) == 2
        before = postmaster(data)
        assert before is not None
        psutil.Process(before).kill()
        await eventually(lambda: postmaster(data) not in (None, before))
        async with asyncio.timeout(60):
            while (await get(f"{server.url}/api/health"))[1]["status"] != "ok":
                await asyncio.sleep(0.1)
            async with door(server) as connection:
                await until(connection, "session.created")
                assert await written_turn(connection) == "completed"
        server.signal(signal.SIGKILL)
        await server.process.wait()
        await eventually(lambda: not any(child.is_running() for child in children))
    # The database outlives a killed owner, for the next one to attach to.
    async with EmbeddedPostgres(data / "postgres"):
        pass
    assert postmaster(data) is None


async def test_a_process_that_cannot_start_ends_the_server(tmp_path: Path, dsn: str) -> None:
    """Its own words are told, and then that it was a process."""
    result = await run(
        *("serve", "--port", "0", "--workers", "2"), cwd=tmp_path, DATABASE_URL=dsn, RECORDINGS_DIR="/dev/null/x"
    )
    assert result.code == 1
    assert "error: RECORDINGS_DIR=/dev/null/x cannot be made (Not a directory)" in result.err
    assert result.err.splitlines()[-1] == "error: A process ended with code 1 before it was ready."
    assert "Traceback" not in result.err


async def test_a_database_out_of_reach_is_one_clear_line(tmp_path: Path, dsn: str) -> None:
    missing = dsn.replace("/test_", "/no_such_")
    for workers in ("1", "2"):
        result = await run("serve", "--port", "0", "--workers", workers, cwd=tmp_path, DATABASE_URL=missing)
        assert result.code == 1
        assert result.err.splitlines()[-1].startswith("error: ")
        assert "Traceback" not in result.err


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--port", "65536"], ["--what"]])
async def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    assert (await invoke("serve", *arguments, cwd=tmp_path)).code == 2
