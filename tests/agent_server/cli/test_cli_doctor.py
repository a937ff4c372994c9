"""``doctor`` against the simulated providers: all well, a wrong key, nobody there."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from program_process import Result, invoke, run

from simulators.app import RunningSimulators
from simulators.app import start as start_simulators
from simulators.config import SimulatorConfig


@pytest.fixture
async def simulated() -> AsyncIterator[RunningSimulators]:
    async with await start_simulators(SimulatorConfig()) as running:
        yield running


def findings(result: Result) -> dict[str, dict[str, str]]:
    return {finding["part"]: finding for finding in msgspec.json.decode(result.out)}


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


@pytest.fixture
def free_port() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return str(unused.getsockname()[1])


async def test_without_any_key_everything_is_embedded(tmp_path: Path, free_port: str) -> None:
    result = await run("doctor", "--json", cwd=tmp_path, PORT=free_port)
    found = findings(result)
    assert found["database"]["state"] == "embedded"
    assert found["redis"]["state"] == "embedded"
    assert found["engines"]["state"] == "ok"
    assert found["server"]["state"] == "off"
    assert result.code == (1 if found["web pages"]["state"] == "failed" else 0)
    assert names_in(tmp_path) == []


async def test_every_configured_provider_takes_its_key(
    tmp_path: Path, dsn: str, free_port: str, simulated: RunningSimulators
) -> None:
    result = await invoke("doctor", "--json", cwd=tmp_path, PORT=free_port, DATABASE_URL=dsn, **simulated.settings)
    found = findings(result)
    assert found["database"] == {**found["database"], "state": "ok", "detail": "the schema is up to date"}
    named = {"deepgram", "cartesia", "cerebras", "anthropic", "deepseek", "openrouter", "openai", "ollama", "runpod"}
    assert named <= found.keys()
    assert {part: found[part]["state"] for part in named} == dict.fromkeys(named, "ok")
    assert not any(key in result.out for name, key in simulated.settings.items() if name.endswith("_KEY"))


async def test_a_wrong_key_is_told_and_ends_with_1(
    tmp_path: Path, dsn: str, free_port: str, simulated: RunningSimulators
) -> None:
    wrong = {**simulated.settings, "CEREBRAS_API_KEY": "wrong", "DEEPGRAM_API_KEY": "wrong"}
    result = await invoke("doctor", "--json", cwd=tmp_path, PORT=free_port, DATABASE_URL=dsn, **wrong)
    found = findings(result)
    assert result.code == 1
    for part in ("cerebras", "deepgram"):
        assert (found[part]["state"], found[part]["detail"]) == ("failed", "refuses the key (HTTP 401)")
    assert found["openai"]["state"] == "ok"


async def test_nobody_there_is_told_and_ends_with_1(tmp_path: Path, free_port: str) -> None:
    nowhere = {
        "DATABASE_URL": "postgresql://user:very-secret@127.0.0.1:1/name",
        "REDIS_URL": "redis://:very-secret@127.0.0.1:1",
        "CLOSE_API_KEY": "very-secret",
        "CLOSE_API_BASE": "http://127.0.0.1:1",
    }
    result = await invoke("doctor", cwd=tmp_path, PORT=free_port, **nowhere)
    assert result.code == 1
    lines = {line.split("  ")[0].strip(): line for line in result.out.splitlines()}
    for part in ("database", "redis", "close"):
        assert "failed" in lines[part]
    assert "Connection refused" in lines["close"] or "Connect call failed" in lines["close"]
    assert "very-secret" not in result.out + result.err


async def test_a_data_directory_that_cannot_be_made_is_told(free_port: str, dsn: str, tmp_path: Path) -> None:
    """Root may write everywhere, and still not there."""
    nowhere = ("doctor", "--json", "--data-dir", "/proc/nowhere")
    result = await invoke(*nowhere, cwd=tmp_path, PORT=free_port, DATABASE_URL=dsn)
    found = findings(result)["data directory"]
    assert (result.code, found["state"]) == (1, "failed")
    assert "/proc cannot be written to" in found["detail"]


async def test_a_port_that_another_program_has_is_told(tmp_path: Path, simulated: RunningSimulators) -> None:
    result = await invoke("doctor", "--json", cwd=tmp_path, PORT=str(simulated.port))
    assert findings(result)["server"]["state"] == "failed"
