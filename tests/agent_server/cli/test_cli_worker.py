import asyncio
import signal
from pathlib import Path

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
    wanted = {b"close lets nobody in: provider_unreachable", b"the Redis of REDIS_URL is away"}
    async with asyncio.timeout(60):
        while wanted:
            line = await process.stderr.readline()
            assert line, "it ended before it said so"
            assert b"very-secret" not in line
            wanted = {words for words in wanted if words not in line}
    process.send_signal(signal.SIGTERM)
    assert (await result_of(process)).code == 0
