import numpy as np
import pytest

from simulators.audio.loudness import Loudness
from simulators.audio.pcm import AudioFormat, to_linear16
from simulators.audio.voice import GAP_MS, Style, speak

TEXT = "Sure, I can help. Our team plan starts at forty dollars; would Tuesday suit you?"


def style(encoding="pcm_s16le", rate=16_000, **manner):
    return Style(AudioFormat(encoding, rate), 165, **manner)


def bursts(levels):
    """(first, last) window of each unbroken run of sound."""
    edges = [n for n in range(1, len(levels)) if bool(levels[n]) != bool(levels[n - 1])]
    if levels[0]:
        edges.insert(0, 0)
    return list(zip(edges[::2], edges[1::2], strict=False))


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_each_word_is_one_burst_where_its_times_say(rate):
    speech = speak(TEXT, style(rate=rate))
    found = bursts(Loudness(rate, -45).feed(speech.audio))
    assert len(found) == len(speech.words) == len(TEXT.split())
    for (first, last), word in zip(found, speech.words, strict=True):
        assert first * 10 == pytest.approx(word.start_ms, abs=25)
        assert last * 10 == pytest.approx(word.end_ms, abs=35)


def test_words_are_separated_by_silence_and_sentences_by_more():
    words = speak(TEXT, style()).words
    gaps = {before.text: after.start_ms - before.end_ms for before, after in zip(words, words[1:], strict=False)}
    assert gaps["can"] == pytest.approx(GAP_MS)
    assert gaps["can"] < gaps["Sure,"] < gaps["help."]


def test_longer_text_takes_longer_at_about_the_pace_asked_for():
    speech = speak(" ".join(["about", "our", "plans", "today"] * 12), style())
    assert 130 < 48 / (speech.duration_ms / 60_000) < 200
    assert (
        speak("no", style()).duration_ms
        < speak("nobody", style()).duration_ms
        < speak("nobody there", style()).duration_ms
    )


def test_the_same_words_sound_the_same_and_others_do_not():
    assert speak("hello there", style()).audio == speak("hello there", style()).audio
    assert speak("hello there", style()).audio != speak("hello where", style()).audio
    assert speak("hello", style()).audio != speak("hello", style(pitch_hz=180)).audio


def test_speed_and_volume():
    normal = speak(TEXT, style())
    assert speak(TEXT, style(speed=1.5)).duration_ms == pytest.approx(normal.duration_ms / 1.5, rel=0.02)
    loudest = [np.abs(np.frombuffer(speak(TEXT, style(volume=v)).audio, "<i2").astype(int)).max() for v in (0.5, 1, 2)]
    assert loudest[0] < loudest[1] < loudest[2] <= 32767


@pytest.mark.parametrize("encoding", ["pcm_f32le", "pcm_mulaw", "pcm_alaw"])
def test_other_encodings_hold_the_same_speech(encoding):
    plain, encoded = speak(TEXT, style()), speak(TEXT, style(encoding))
    assert encoded.words == plain.words
    first = np.frombuffer(plain.audio, "<i2").astype(int)
    second = np.frombuffer(to_linear16(encoded.audio, encoding), "<i2").astype(int)
    assert len(first) == len(second)
    assert np.abs(first - second).max() < 600


def test_tags_are_not_spoken_and_breaks_are_silent():
    with_break = speak('one <break time="1s"/> two', style())
    plain = speak("one two", style())
    assert [word.text for word in with_break.words] == ["one", "two"]
    assert with_break.duration_ms == pytest.approx(plain.duration_ms + 1000)
    assert speak('<emotion value="happy"/>one two', style()).audio == plain.audio


@pytest.mark.parametrize("text", ["", "   ", '<break time="50ms"/>'])
def test_text_without_words_is_silent(text):
    speech = speak(text, style())
    assert speech.words == ()
    assert not any(speech.audio)
