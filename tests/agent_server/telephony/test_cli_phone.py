"""``sales-agent phone`` against a running server."""

import asyncio
import socket
import wave
from pathlib import Path

import pytest
from api_server import StartApi
from dialling import AUTH_TOKEN, StartPhone
from live_server import SPEECH
from scripted_engines import scripted_engines
from typer.testing import CliRunner

from agent_server.cli.program import program
from agent_server.telephony import hanging_up
from simulators.telnyx.signing import public_key


async def phone(*arguments: str, token: str = AUTH_TOKEN, **settings: str) -> tuple[int, str]:
    """In a thread: the server runs in this one."""
    run = CliRunner(env={"TWILIO_AUTH_TOKEN": token, **settings}).invoke
    result = await asyncio.to_thread(run, program, ["phone", *arguments])
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no settings lie."""
    monkeypatch.chdir(tmp_path)


async def test_a_recording_is_said_and_answered_and_what_was_heard_is_kept(
    start_phone: StartPhone, tmp_path: Path
) -> None:
    server = await start_phone(engines=scripted_engines())
    out = tmp_path / "heard.wav"
    recording = str(SPEECH / "utterance-finished.wav")
    code, output = await phone("--wav", recording, "--url", server.url, "--out", str(out))
    assert code == 0, output
    first, said, ended = output.strip().splitlines()
    assert first.startswith("the agent's first words: ")
    assert said.startswith("utterance-finished.wav: ")
    assert said.endswith(" ms")
    assert ended.startswith("you hung up; ")
    with wave.open(str(out)) as file:
        assert file.getnframes() > 8000 * 3


async def test_it_tells_that_the_server_hung_up(start_phone: StartPhone) -> None:
    server = await start_phone(engines=scripted_engines(answer=lambda _: "Goodbye."))
    code, output = await phone("--url", server.url)
    assert code == 0, output
    assert "the server ended the call" in output


async def test_the_wrong_token_and_no_server_say_what_to_do(start_phone: StartPhone) -> None:
    server = await start_phone()
    code, output = await phone("--url", server.url, token="another")
    assert code == 1
    assert "403: Only Twilio may call this. Check TWILIO_AUTH_TOKEN" in output
    code, output = await phone("--url", "http://127.0.0.1:9")
    assert code == 1
    assert "is it running?" in output


async def test_a_server_that_knows_of_no_carrier_says_so(start_api: StartApi) -> None:
    server = await start_api()
    code, output = await phone("--url", server.url)
    assert code == 1
    assert "404: There is nothing at this address. Has it this carrier's settings?" in output


async def test_telnyx_carries_calls_as_well_and_tells_what_it_needs(
    start_phone: StartPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "LEFT_AT_THAT_MS", 300.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {
            "TELNYX_API_KEY": "any-key",
            "TELNYX_PUBLIC_KEY": public_key("any-key"),
            "TELNYX_API_BASE": f"http://127.0.0.1:{port}/telnyx/v2",
        }
        server = await start_phone(engines=scripted_engines(answer=lambda _: "Goodbye."), **settings)
        code, output = await phone("--carrier", "telnyx", "--url", server.url, **settings)
        assert (code, f"port {port} of 127.0.0.1 is taken" in output) == (1, True), output
    code, output = await phone("--carrier", "telnyx", "--url", server.url, **settings)
    assert code == 0, output
    assert "the server ended the call" in output
    code, output = await phone("--carrier", "telnyx", "--url", server.url, **settings | {"TELNYX_API_KEY": "another"})
    assert (code, "TELNYX_PUBLIC_KEY=" in output) == (1, True), output
