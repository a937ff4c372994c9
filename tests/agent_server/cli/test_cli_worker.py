import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from program_process import result_of, start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_works_until_a_signal_and_ends_with_0(tmp_path: Path, dsn: str, number: int) -> None:
    process = await start("worker", cwd=tmp_path, DATABASE_URL=dsn)
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"background jobs begin" not in (line := await process.stderr.readline()):
            assert line, "it ended before it worked"
    process.send_signal(number)
    result = await result_of(process)
    assert result.code == 0, result.err
    assert "Traceback" not in result.err


async def test_without_a_database_it_is_one_clear_line(tmp_path: Path) -> None:
    process = await start("worker", cwd=tmp_path, DATABASE_URL="postgresql://user:very-secret@127.0.0.1:1/name")
    result = await result_of(process)
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("error: ")
    assert "very-secret" not in result.err


async def test_what_keeps_it_from_working_is_told_at_the_start(tmp_path: Path, dsn: str) -> None:
    """Not hours later, when the first schedule is due."""
    away = {"REDIS_URL": "redis://:very-secret@127.0.0.1:1", "CLOSE_API_BASE": "http://127.0.0.1:1"}
    process = await start("worker", cwd=tmp_path, DATABASE_URL=dsn, CLOSE_API_KEY="very-secret", **away)
    assert process.stderr is not None
    wanted = {b"close lets nobody in: provider_unreachable, there is no connection", b"redis is degraded: away"}
    async with asyncio.timeout(60):
        while wanted:
            line = await process.stderr.readline()
            assert line, "it ended before it said so"
            assert b"very-secret" not in line
            wanted = {words for words in wanted if words not in line}
    process.send_signal(signal.SIGTERM)
    assert (await result_of(process)).code == 0


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("0.0.0.0", 401)])
async def test_its_figures_are_served_where_asked_for(tmp_path: Path, dsn: str, host: str, status: int) -> None:
    """Open on loopback alone: elsewhere it takes a key."""
    asked = {"WORKER_METRICS_PORT": "0", "HOST": host, "SALES_AGENT_API_KEY": "sk_a-first-key-of-enough-characters"}
    process = await start("worker", cwd=tmp_path, DATABASE_URL=dsn, **asked)
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"figures at " not in (line := await process.stderr.readline()):
            assert line, "it ended before it worked"
    port = line.decode().rpartition("/metrics")[0].rpartition(":")[2]
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.status == status
        assert ("sales_agent_sync_waiting" in await answer.text()) == (status == 200)
    process.send_signal(signal.SIGTERM)
    assert (await result_of(process)).code == 0


async def test_a_port_that_is_taken_keeps_it_from_no_work(tmp_path: Path, dsn: str) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = str(taken.sockets[0].getsockname()[1])
        process = await start("worker", cwd=tmp_path, DATABASE_URL=dsn, WORKER_METRICS_PORT=port)
        assert process.stderr is not None
        wanted = {b"no figures at port", b"background jobs begin"}
        async with asyncio.timeout(60):
            while wanted:
                line = await process.stderr.readline()
                assert line, "it ended before it worked"
                wanted = {words for words in wanted if words not in line}
        process.send_signal(signal.SIGTERM)
        assert (await result_of(process)).code == 0
