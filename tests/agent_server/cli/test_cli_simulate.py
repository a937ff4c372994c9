import asyncio
import signal
import socket
from pathlib import Path

import aiohttp
import pytest
from program_process import invoke, result_of, run, start

from agent_server.settings import read_settings


async def test_it_prints_settings_that_point_a_server_at_it(tmp_path: Path) -> None:
    process = await start("simulate", "--port", "0", cwd=tmp_path)
    assert process.stdout is not None
    async with asyncio.timeout(30):
        first = (await process.stdout.readline()).decode()
        lines = [(await process.stdout.readline()).decode() for _ in range(5)]
        url = first.split(";")[0].split()[-1]
        assert url.startswith("http://127.0.0.1:")
        async with aiohttp.ClientSession() as session, session.get(f"{url}/_control/state") as reply:
            assert reply.status == 200
    process.send_signal(signal.SIGTERM)
    result = await result_of(process)
    assert result.code == 0
    printed = dict(line.strip().split("=", 1) for line in [*lines, *result.out.splitlines()])
    settings = read_settings({}, printed, {})
    assert settings.models.cerebras_api_base.startswith(url)
    assert settings.speech.deepgram_base_url.startswith(url)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--delays", "cerebras.nothing=1"], "unknown delay 'cerebras.nothing'"),
        (["--faults", "nobody:stall"], "unknown provider 'nobody'"),
        (["--faults", "cerebras:sleep"], "there is no fault 'sleep'"),
    ],
)
async def test_a_mistake_is_wrong_usage(tmp_path: Path, arguments: list[str], reason: str) -> None:
    result = await invoke("simulate", "--port", "0", *arguments, cwd=tmp_path)
    assert result.code == 2
    assert reason in result.err


async def test_a_configuration_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    result = await invoke("simulate", "--config", "missing.json", cwd=tmp_path)
    assert (result.code, result.err) == (1, "error: missing.json: No such file or directory\n")


async def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = await run("simulate", "--port", str(port), cwd=tmp_path)
    assert result.code == 1
    assert f"Port {port} of 127.0.0.1 cannot be used (Address already in use); give another --port." in result.err
