"""``replay`` of a recording made by the core itself, true and tampered with."""

from pathlib import Path

import msgspec
import pytest
from program_process import invoke, run

from agent_server.cli.replay import differences
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item, Part
from pipelines.conversation.rim.recording import FORMAT, Header, Recording
from pipelines.conversation.settings import ConversationSettings


def record(path: Path) -> None:
    settings = ConversationSettings()
    core = ConversationCore(settings, id_prefix="t", items=[])
    recording = Recording(path, Header(FORMAT, "conv_1", "t", settings))
    typed = Item(id="item_1", type="message", role="user", parts=(Part("input_text", "Hello"),))
    for at_ms, fact in ((1.0, facts.ItemCreate(typed, None)), (2.0, facts.ResponseCreate(settings.reply))):
        recording.write(fact, at_ms, core.step(fact, at_ms))
    recording.close()


async def test_a_recording_is_decided_the_same_again(tmp_path: Path) -> None:
    record(tmp_path / "call.jsonl")
    result = await run("replay", "call.jsonl", cwd=tmp_path)
    assert (result.code, result.out) == (0, "2 steps replayed, 0 decided differently\n"), result.err


async def test_what_differs_is_shown_readably(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    record(path)
    lines = path.read_bytes().splitlines()
    step = msgspec.json.decode(lines[1])
    dropped = step["actions"].pop()
    lines[1] = msgspec.json.encode(step)
    path.write_bytes(b"\n".join(lines) + b"\n")
    result = await invoke("replay", "call.jsonl", cwd=tmp_path)
    assert (result.code, result.out) == (1, "2 steps replayed, 1 decided differently\n")
    shown = result.err.splitlines()
    assert shown[0] == "call.jsonl:2: at 1.0 ms, after ItemCreate:"
    assert f"  + {msgspec.json.encode(dropped).decode()}" in shown


async def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"RIFF\xd0\xff")
    result = await invoke("replay", "call.wav", cwd=tmp_path)
    assert result.code == 1
    assert "call.wav is not a recording" in result.err
    assert "RECORDINGS_DIR" in result.err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not a recording"),
        ("some text\n", "is not a recording"),
        ('{"format":"other","conversation_id":"c","id_prefix":"t","settings":{}}\n', "has format other"),
    ],
)
async def test_a_file_that_is_no_recording(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "file").write_text(content)
    result = await invoke("replay", "file", cwd=tmp_path)
    assert result.code == 1
    assert reason in result.err
    assert len(result.err.splitlines()) == 1


async def test_a_recording_that_breaks_off_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    record(path)
    path.write_bytes(path.read_bytes()[:-40])
    result = await invoke("replay", "call.jsonl", cwd=tmp_path)
    assert result.code == 1
    assert result.err.startswith("error: call.jsonl: line 3 is no step of a recording")


async def test_a_missing_file(tmp_path: Path) -> None:
    result = await invoke("replay", "nowhere.jsonl", cwd=tmp_path)
    assert (result.code, result.err) == (1, "error: nowhere.jsonl: No such file or directory\n")


def test_differences_keep_the_order_of_both() -> None:
    recorded = [{"a": 1}, {"b": 2}, {"c": 3}]
    replayed = [{"a": 1}, {"c": 3}, {"d": 4}]
    assert differences(recorded, replayed) == [
        (" ", '{"a":1}'),
        ("-", '{"b":2}'),
        (" ", '{"c":3}'),
        ("+", '{"d":4}'),
    ]
