"""Starting up: everything or nothing, and a key for whoever has none."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from api_server import settings_for
from scripted_engines import FakeVoice, scripted_engines

from agent_server.assembly import conversation_limit, origin_policy
from agent_server.parts import Parts, StartError
from agent_server.settings import ProcessSettings, Settings, SettingsError, read_settings
from agent_server.startup import check_exposure, running_services
from pipelines.conversation.rim.ports import Engines
from storage.errors import StorageError
from storage.postgres.database import open_database

NEEDLESS = (
    "redis",
    "aiortc",
    "fakeredis",
    "icalendar",
    "opentelemetry",
    "httpx",
    "openai",
    "anthropic",
    "langgraph",
    "procrastinate",
)
"""What takes a tenth of a second or more to import and the first answer does without."""


async def start_engines(*_: object) -> Engines:
    return scripted_engines()


async def test_the_operators_key_opens(dsn: str, tmp_path: Path) -> None:
    given: list[str] = []
    settings = settings_for(dsn, tmp_path)
    async with running_services(settings, start_engines=start_engines, on_new_key=given.append) as services:
        record = await services.api_keys.verify("first-key-of-the-tests")
        assert record is not None
        assert record.scopes == ("*",)
        assert services.conversation_log.healthy
    assert given == []
    assert not (tmp_path / "api-key").exists(), "nothing is kept on disk for an operator who has a key and a database"


async def test_without_one_a_key_is_made_and_told_once(dsn: str, tmp_path: Path) -> None:
    given: list[str] = []
    settings = read_settings({"DATABASE_URL": dsn, "DATA_DIR": str(tmp_path)}, {}, {})
    for _ in range(2):
        async with running_services(settings, start_engines=start_engines, on_new_key=given.append) as services:
            assert await services.api_keys.verify(given[0]) is not None
    assert len(given) == 1


async def test_a_revoked_first_key_stays_out(dsn: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_for(dsn, tmp_path)
    async with running_services(settings, start_engines=start_engines) as services:
        record = await services.api_keys.verify("first-key-of-the-tests")
        assert record is not None
        await services.api_keys.revoke(record.id)
    async with running_services(settings, start_engines=start_engines) as services:
        assert await services.api_keys.verify("first-key-of-the-tests") is None
    assert "the first key was revoked" in caplog.text


async def test_an_engine_that_does_not_start_takes_everything_down_with_it(dsn: str, tmp_path: Path) -> None:
    voice = FakeVoice()
    closed = asyncio.Event()

    async def close(_: object) -> None:
        closed.set()

    async def broken(settings: Settings, parts: Parts) -> Engines:
        async def start() -> FakeVoice:
            return voice

        await parts.start("voice", start, close)
        raise StartError("engine_start_failed", "x")

    with pytest.raises(StartError):
        async with running_services(settings_for(dsn, tmp_path), start_engines=broken):
            raise AssertionError("it must not come this far")
    assert closed.is_set()
    async with await open_database(dsn, max_connections=1) as database:
        assert await database.ping() > 0, "no connection is left to be in the way"


async def test_a_database_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    settings = settings_for("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with pytest.raises(StorageError) as error:
        async with running_services(settings, start_engines=start_engines):
            raise AssertionError
    assert error.value.code == "database_unavailable"


async def test_names_of_the_operator_are_in_the_instructions(dsn: str, tmp_path: Path) -> None:
    settings = settings_for(dsn, tmp_path, AGENT_NAME="Ada", COMPANY_NAME="Analytical Engines")
    async with running_services(settings, start_engines=start_engines) as services:
        instructions = services.session_defaults.instructions
    assert "Your name is Ada." in instructions
    assert "You speak for Analytical Engines." in instructions


async def test_recordings_get_their_directory(dsn: str, tmp_path: Path) -> None:
    directory = tmp_path / "a" / "recordings"
    settings = settings_for(dsn, tmp_path, RECORDINGS_DIR=str(directory))
    async with running_services(settings, start_engines=start_engines):
        assert directory.is_dir()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "agent.example.com"])
def test_the_network_is_let_in_with_a_key_alone(host: str) -> None:
    with pytest.raises(SettingsError, match="set SALES_AGENT_API_KEY first"):
        check_exposure(ProcessSettings(host=host))
    check_exposure(ProcessSettings(host=host, api_key="k"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_needs_no_key(host: str) -> None:
    check_exposure(ProcessSettings(host=host))


def test_the_limit_follows_the_recogniser() -> None:
    assert conversation_limit(Settings()) == 20
    assert conversation_limit(Settings(process=ProcessSettings(max_conversations=7))) == 7


def test_origins_are_compared_in_their_normal_form() -> None:
    policy = origin_policy(
        ProcessSettings(
            allowed_origins=("https://Shop.example:443", "*"), public_url="https://agent.example.com", host="0.0.0.0"
        )
    )
    assert policy.allowed == {"https://shop.example", "*"}
    assert policy.public_origin == "https://agent.example.com"
    assert policy.loopback is False


def test_a_start_imports_nothing_slow_that_it_does_not_need() -> None:
    program = (
        "import sys, agent_server.startup, agent_server.server, agent_server.app, agent_server.assembly, "
        "agent_server.stores.opening, agent_server.engines.model_gateway; "
        f"print(*sorted(set({NEEDLESS!r}) & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
