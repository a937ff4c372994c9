"""``sales-agent call`` as a process, against a server that follows a script, and against the real one."""

import asyncio
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from calling.tone import silence, tone
from fake_realtime import FakeSession, fake_realtime
from live_server import KEY, SPEECH, Server
from program_process import invoke, result_of, run, start

from agent_server.cli.calling.wav_file import WavWriter, read_wav


def write_wav(path: Path, pcm: bytes) -> Path:
    with WavWriter(path) as writer:
        writer.write(pcm)
    return path


def named(result: Any, kind: str) -> list[dict[str, Any]]:
    return [line["event"] for line in result.events() if line["event"]["type"] == kind]


async def test_the_server_of_the_settings_is_called(tmp_path: Path) -> None:
    result = await run("call", "--text", "Hi", cwd=tmp_path, PORT="1")
    assert result.code == 1
    assert "ws://127.0.0.1:1/v1/realtime" in result.err


async def test_typed_lines_and_their_answers(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        settings = await session.open()
        assert settings["output_modalities"] == ["text"]
        await session.expect("response.create")
        await session.write("Welcome to Acme.")
        for answer in ("Fifty dollars.", "Goodbye."):
            await session.expect("response.create")
            await session.write(answer)
        await session.until_left()

    async with fake_realtime(script) as server:
        lines = ("--text", "How much is it?", "--text", "Bye")
        result = await run("call", "--url", server.url, *lines, cwd=tmp_path, SALES_AGENT_API_KEY="sk_env")
    assert result.code == 0, result.err
    [session] = server.sessions
    typed = [event["item"]["content"][0]["text"] for event in session.received if "item" in event]
    assert typed == ["How much is it?", "Bye"]
    assert session.headers["Authorization"] == "Bearer sk_env"
    assert session.query == {"model": "sales-agent", "channel": "terminal"}
    assert session.socket.close_code == 1000
    said = [" ".join(line.split()) for line in result.out.splitlines()]
    order = ["agent Welcome to Acme.", "you How much is it?", "agent Fifty dollars.", "you Bye", "agent Goodbye."]
    assert [line for line in said if line in order] == order
    assert "conv_fake" in result.out


async def test_speech_is_sent_in_real_time_and_the_reply_heard(tmp_path: Path) -> None:
    speech = tone(400) + silence(100)

    async def script(session: FakeSession) -> None:
        await session.open()
        began = asyncio.get_running_loop().time()
        await session.hear(len(speech) + 48 * 200)
        assert asyncio.get_running_loop().time() - began >= 0.69
        assert session.audio.startswith(speech)
        await session.send("input_audio_buffer.committed", item_id="user")
        await session.say("Hello there.", silence(40) + tone(600), latency_ms=345.6)
        await session.until_left()

    out = tmp_path / "reply.wav"
    wav = write_wav(tmp_path / "hello.wav", speech)
    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--wav", str(wav), "--out", str(out), "--json", cwd=tmp_path)
    assert result.code == 0, result.err
    [turn] = named(result, "sales_agent.call.turn_ended")
    assert turn["server_latency_ms"] == 345.6
    assert turn["failure"] is None
    heard = read_wav(out)
    [start_ms] = [line["at_ms"] for line in result.events() if line["event"]["type"] == "response.output_audio.delta"]
    at = heard.index(tone(600)) / 48
    assert start_ms + 40 <= at + 1
    assert at <= start_ms + 40 + 50
    # Speech ended 400 ms after the session opened, and the latency was measured where the recording has the sound.
    [opened_ms] = [line["at_ms"] for line in result.events() if line["event"]["type"] == "session.updated"]
    assert turn["latency_ms"] == pytest.approx(at - opened_ms - 400, abs=25)
    reports = [event for event in server.sessions[0].received if event["type"] == "sales_agent.playback"]
    assert reports[-1]["audio_ms"] == 640
    assert reports[-1]["final"] is True
    assert 2 <= len(reports) <= 5


async def test_recordings_are_spoken_one_after_the_other(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        for heard_ms in (400, 900):
            await session.hear(48 * heard_ms)
            await session.send("input_audio_buffer.committed", item_id="user")
            await session.say("Yes.", tone(100))
        await session.until_left()

    first, second = tone(200), tone(200, level=0.1)
    files = [write_wav(tmp_path / "1.wav", first), write_wav(tmp_path / "2.wav", second)]
    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, *(f"--wav={file}" for file in files), cwd=tmp_path)
    assert result.code == 0, result.err
    audio = server.sessions[0].audio
    answered_at = audio.index(second)
    assert audio.startswith(first)
    assert answered_at >= 48 * 500, "the second waits until the reply to the first was heard"
    assert audio[len(first) : answered_at] == bytes(answered_at - len(first))


async def test_audio_is_told_by_its_length(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.expect("response.create")
        await session.say("Hi.", tone(100))
        await session.until_left()

    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--voice", "--no-greet", "--json", cwd=tmp_path)
    assert result.code == 0, result.err
    [delta] = named(result, "response.output_audio.delta")
    assert (delta["delta"], delta["audio_ms"]) == (4800, 100.0)
    times = [line["at_ms"] for line in result.events()]
    assert times == sorted(times)


async def test_an_interruption_is_told_and_answered(tmp_path: Path) -> None:
    """The server takes a pause for the end, talks, and hears the caller go on."""
    speech = tone(200) + silence(900) + tone(300)

    async def script(session: FakeSession) -> None:
        await session.open()
        await session.hear(48 * 500)
        await session.send("input_audio_buffer.committed", item_id="user1")
        ids = await session.begin_reply()
        await session.audio_delta(ids, tone(5000))
        await session.hear(48 * 1300)
        await session.send("input_audio_buffer.speech_started", item_id="user2", audio_start_ms=1100)
        await session.end_reply(ids, "cancelled", status_details={"type": "cancelled", "reason": "turn_detected"})
        truncated = await session.expect("conversation.item.truncate")
        await session.send("conversation.item.truncated", **{k: v for k, v in truncated.items() if k != "type"})
        await session.hear(48 * 1800)
        await session.send("input_audio_buffer.committed", item_id="user2")
        await session.say("I see.", tone(200))
        await session.until_left()

    wav = write_wav(tmp_path / "pause.wav", speech)
    out = tmp_path / "out.wav"
    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--wav", str(wav), "--out", str(out), cwd=tmp_path)
    assert result.code == 0, result.err
    received = server.sessions[0].received
    [truncated] = [event for event in received if event["type"] == "conversation.item.truncate"]
    final = [event for event in received if event["type"] == "sales_agent.playback" and event["item_id"] == "item_1"][
        -1
    ]
    assert (final["audio_ms"], final["final"]) == (truncated["audio_end_ms"], True)
    assert 500 <= truncated["audio_end_ms"] <= 1500
    heard = read_wav(out)
    begun = heard.index(tone(200))
    played = heard.index(silence(100), begun) - begun
    # Told in whole milliseconds, rounded down: never more than was heard.
    assert 0 <= played - 48 * truncated["audio_end_ms"] < 48
    assert "interrupted" in result.out


async def test_a_failed_reply_is_told_and_ends_with_1(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.expect("response.create")
        ids = await session.begin_reply()
        error = {"type": "server_error", "code": "model_failed", "message": "No model answers."}
        await session.end_reply(ids, "failed", status_details={"type": "failed", "error": error})
        await session.until_left()

    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--no-greet", cwd=tmp_path)
    assert result.code == 1
    assert result.err == "error: turn 1 was not answered: model_failed: No model answers.\n"


async def test_a_dropped_connection_is_told_and_ends_with_1(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.expect("response.create")
        await session.begin_reply()
        assert session.socket._req is not None
        assert session.socket._req.transport is not None
        session.socket._req.transport.abort()

    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--no-greet", "--json", cwd=tmp_path)
    assert result.code == 1
    assert "connection_lost" in result.err
    [ended] = named(result, "sales_agent.call.ended")
    assert ended["failure"]["code"] == "connection_lost"
    assert ended["conversation_id"] == "conv_fake"


async def test_nonsense_from_the_server_ends_with_1(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.socket.send_str("this is no event")
        await session.until_left()

    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--no-greet", cwd=tmp_path)
    assert result.code == 1
    assert "protocol_error" in result.err


async def test_no_answer_ends_with_1(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.until_left()

    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--timeout", "0.5", cwd=tmp_path)
    assert result.code == 1
    assert "answer_timeout: No answer within 0.5 s." in result.err


async def test_ctrl_c_hangs_up(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.expect("response.create")
        process.send_signal(signal.SIGINT)
        await session.until_left()

    async with fake_realtime(script) as server:
        process = await start("call", "--url", server.url, "--text", "Hi", cwd=tmp_path)
        result = await result_of(process)
    assert result.code == 1
    assert "interrupted" in result.err
    assert "Traceback" not in result.err
    assert server.sessions[0].socket.close_code == 1000


async def test_no_server_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        result = await run("call", "--url", f"http://127.0.0.1:{port}", "--text", "Hi", cwd=tmp_path)
    assert result.code == 1
    [line] = result.err.splitlines()
    assert line.startswith("error: Cannot connect to ws://127.0.0.1:")
    assert "Connection refused" in line


async def test_the_key_file_of_this_machine_is_for_this_machine(tmp_path: Path) -> None:
    async def script(session: FakeSession) -> None:
        await session.open()
        await session.expect("response.create")
        await session.write("Hello.")
        await session.until_left()

    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "api-key").write_text("sk_own\n")
    async with fake_realtime(script) as server:
        result = await run("call", "--url", server.url, "--text", "Hi", "--no-greet", cwd=tmp_path)
        assert result.code == 0, result.err
        # The same server under a name that is not known to be this machine.
        elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")
        result = await run("call", "--url", elsewhere, "--text", "Hi", "--no-greet", cwd=tmp_path)
        assert result.code == 0, result.err
    assert [session.headers.get("Authorization") for session in server.sessions] == ["Bearer sk_own", None]


async def test_without_a_microphone_it_says_what_to_do(tmp_path: Path) -> None:
    """Where there is one, nobody answers at the address, which is one clear line too."""
    result = await run("call", "--url", "http://127.0.0.1:1", cwd=tmp_path)
    assert result.code == 1
    [line] = result.err.splitlines()
    assert line.startswith("error: ")
    assert "microphone" in line or "PortAudio" in line or "Connection refused" in line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--wav", "a.wav", "--text", "Hi"], "not both"),
        (["--text", "Hi", "--text-only", "--out", "o.wav"], "--out needs an agent that speaks"),
        (["--text", "Hi", "--url", "ftp://host"], "no address of a server"),
        (["--text", "Hi", "--eagerness", "very"], "very"),
        (["--loud"], "--loud"),
    ],
)
async def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str], reason: str) -> None:
    result = await invoke("call", *arguments, cwd=tmp_path)
    assert result.code == 2
    assert reason in result.err


async def test_an_unreadable_recording_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"nothing of the kind")
    result = await invoke("call", "--wav", "bad.wav", cwd=tmp_path)
    assert (result.code, result.err) == (1, "error: bad.wav: not a WAV file.\n")


async def test_a_written_conversation_with_the_real_server(tmp_path: Path, live: Server) -> None:
    lines = ("--text", "How much is it?", "--text", "Thank you.", "--json")
    result = await run("call", "--url", live.url, "--api-key", KEY, *lines, cwd=tmp_path)
    assert result.code == 0, result.err
    turns = named(result, "sales_agent.call.turn_ended")
    assert [(turn["kind"], turn["failure"]) for turn in turns] == [("greeting", None), ("typed", None), ("typed", None)]
    [ended] = named(result, "sales_agent.call.ended")
    continued = ("--conversation", ended["conversation_id"], "--text", "One more thing.", "--json")
    result = await run("call", "--url", live.url, "--api-key", KEY, *continued, cwd=tmp_path)
    assert result.code == 0, result.err
    [resumed] = named(result, "sales_agent.conversation.resumed")
    said = [item["content"][0].get("text") for item in resumed["items"] if item["role"] == "user"]
    assert said == ["How much is it?", "Thank you."]


async def test_a_spoken_conversation_with_the_real_server(tmp_path: Path, live: Server) -> None:
    """The server's figure and ours are of the same thing, so they lie close together."""
    wav = SPEECH / "utterance-finished.wav"
    options = ("--eagerness", "high", "--wav", str(wav), "--json")
    result = await run("call", "--url", live.url, "--api-key", KEY, *options, cwd=tmp_path)
    assert result.code == 0, result.err
    [turn] = named(result, "sales_agent.call.turn_ended")
    assert turn["latency_ms"] == pytest.approx(turn["server_latency_ms"], abs=250)


async def test_a_wrong_key_is_refused_in_the_servers_words(tmp_path: Path, live: Server) -> None:
    result = await run("call", "--url", live.url, "--api-key", "sk_wrong", "--text", "Hi", cwd=tmp_path)
    assert result.code == 1
    assert result.err.startswith("error: ")
    assert "--api-key" in result.err
    assert len(result.err.splitlines()) == 1
