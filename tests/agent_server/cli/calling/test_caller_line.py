import pytest
from tone import silence, tone

from agent_server.cli.calling.caller_line import FRAME_BYTES, CallerLine, Mouth, audible_end_ms


def test_frames_leave_when_their_last_sample_was_spoken() -> None:
    line = CallerLine(opened_ms=5.0)
    assert list(line.due(24.9)) == []
    assert list(line.due(25.0)) == [bytes(FRAME_BYTES)]
    assert len(list(line.due(84.9))) == 2
    assert line.sent_ms == 65.0


def test_speech_keeps_its_samples_and_is_followed_by_silence() -> None:
    line = CallerLine(opened_ms=0.0)
    line.say(tone(50))
    line.say(tone(30, level=0.1))
    sent = b"".join(line.due(200.0))
    assert sent == tone(50) + tone(30, level=0.1) + silence(120)
    assert line.is_silent


def test_the_end_of_speech_is_known_beforehand() -> None:
    line = CallerLine(opened_ms=100.0)
    list(line.due(160.0))
    assert line.say(silence(200) + tone(500) + silence(300)) == pytest.approx(160 + 700, abs=10)
    assert line.say(tone(100)) == pytest.approx(160 + 1000 + 100, abs=10)


def test_a_long_sleep_is_not_caught_up_with_silence_but_with_speech() -> None:
    line = CallerLine(opened_ms=0.0)
    assert len(list(line.due(60_000.0))) == 1
    line.say(tone(2000))
    sent = b"".join(line.due(120_000.0))
    assert sent[: len(tone(2000))] == tone(2000)


def test_the_mouth_knows_when_it_was_last_heard() -> None:
    mouth = Mouth()
    line = CallerLine(opened_ms=30.0)
    line.say(silence(100) + tone(200))
    for frame in line.due(100.0):
        mouth.spoke(frame, line.sent_ms)
    assert mouth.silent_since_ms is None
    for frame in line.due(800.0):
        mouth.spoke(frame, line.sent_ms)
    assert mouth.silent_since_ms == pytest.approx(330, abs=10)


def test_a_recording_without_sound_ends_with_its_length() -> None:
    assert audible_end_ms(silence(400)) == 400
    assert audible_end_ms(tone(100) + silence(400)) == pytest.approx(100, abs=10)
