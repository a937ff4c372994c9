"""What is recorded of a call replays to the same decisions; what was decided otherwise shows."""

from pathlib import Path

import pytest
from fake_call import FakeCall

from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.recording import FORMAT, Header, Recording, RecordingError, replay
from pipelines.conversation.settings import ConversationSettings, SemanticVad

SETTINGS = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True)


def recorded_call(path: Path) -> int:
    """A call with a spoken reply and an interruption; returns how many facts it had."""
    call = FakeCall(SETTINGS)
    recording = Recording(path, Header(FORMAT, "conv_1", "t", SETTINGS))
    steps = 0
    step = call.core.step

    def recording_step(fact: facts.Fact, now_ms: float) -> list[object]:
        nonlocal steps
        steps += 1
        actions = step(fact, now_ms)
        recording.write(fact, now_ms, actions)
        return actions  # type: ignore[return-value]

    call.core.step = recording_step  # type: ignore[method-assign, assignment]
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    (model,) = call.models
    for _ in range(20):
        call.model_text(model)
    call.model_finishes(model)
    (voice,) = call.voices
    call.voice_finishes(voice)
    for _ in range(40):
        call.window(0.9)
    call.settle()
    call.send(facts.Close("over"))
    recording.close()
    return steps


def test_a_recording_replays_to_the_same_actions(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    steps = recorded_call(path)
    results = list(replay(path))
    assert len(results) == steps > 100
    assert not [result for result in results if result is not None]


def test_a_different_decision_is_shown_where_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    recorded_call(path)
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if '"PausePlayback"' in line)
    lines[number] = lines[number].replace('"PausePlayback"', '"ResumePlayback"')
    path.write_text("\n".join(lines) + "\n")
    (divergence,) = [result for result in replay(path) if result is not None]
    assert (divergence.line, divergence.fact) == (number + 1, "VoiceWindow")


@pytest.mark.parametrize(
    "text", ["", "not json\n", '{"format":"another/1","conversation_id":"","id_prefix":"","settings":{}}\n']
)
def test_another_file_is_no_recording(tmp_path: Path, text: str) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text(text)
    with pytest.raises(RecordingError):
        list(replay(path))


def test_no_audio_is_in_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    recorded_call(path)
    assert '"pcm":5760' in path.read_text(), "the length of a word's audio, not the audio"


def test_a_recording_is_its_owner_s_alone(tmp_path: Path) -> None:
    """What people said is in it."""
    recorded_call(tmp_path / "call.jsonl")
    assert (tmp_path / "call.jsonl").stat().st_mode & 0o777 == 0o600
