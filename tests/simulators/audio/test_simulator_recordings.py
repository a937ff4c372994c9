"""Known recordings, told by their loudness. The "recordings" are spoken by the synthetic voice."""

import io
import random
import warnings
import wave

import pytest

from simulators.audio.hearing import Ears
from simulators.audio.loudness import Loudness
from simulators.audio.pcm import AudioFormat, audioop
from simulators.audio.recordings import Library
from simulators.audio.voice import Style, speak
from simulators.errors import ConfigError
from simulators.script import Recording, Script

TEXTS = (
    "We need something that talks to our customers at night",
    "What is the price, and is there a discount for schools?",
    "I am not interested, please take me off your list. Goodbye",
)


def spoken(text, rate=16_000):
    return speak(text, Style(AudioFormat("pcm_s16le", rate), 165)).audio


def wav(pcm, rate=16_000):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    return file.getvalue()


@pytest.fixture(scope="module")
def library():
    return Library([Recording(text, wav(spoken(text))) for text in TEXTS], -45)


def as_sent(pcm):
    return pcm


def quieter(pcm):
    return audioop.mul(pcm, 2, 0.5)


def over_the_phone(pcm):
    narrow, _ = audioop.ratecv(pcm, 2, 1, 16_000, 8_000, None)
    wide, _ = audioop.ratecv(audioop.ulaw2lin(audioop.lin2ulaw(narrow, 2), 2), 2, 1, 8_000, 16_000, None)
    return wide


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", [as_sent, quieter, over_the_phone])
def test_a_recording_is_told_whatever_way_it_came(library, text, way):
    sound = bytes(2 * 73) + way(spoken(text))  # windows fall elsewhere than in the recording
    levels = Loudness(16_000, -45).feed(sound)
    levels = levels[next(n for n, level in enumerate(levels) if level) :]
    heard = Ears(Script(sentences=("wrong",)), library, 165).begin(0, levels).words(settled=True)
    assert " ".join(word.text for word in heard) == text


def test_words_are_known_when_they_have_been_said(library):
    levels = Loudness(16_000, -45).feed(spoken(TEXTS[0]))
    utterance = Ears(Script(), library, 165).begin(0, levels[:100])
    said = TEXTS[0].split()
    early = [word.text for word in utterance.words(settled=False)]
    for level in levels[100:200]:
        utterance.hear(level)
    later = [word.text for word in utterance.words(settled=False)]
    assert 0 < len(early) < len(later) < len(said)
    assert (early, later) == (said[: len(early)], said[: len(later)])


def test_a_recording_is_told_from_its_middle(library):
    levels = Loudness(16_000, -45).feed(spoken(TEXTS[2]))
    heard = Ears(Script(), library, 165).begin(0, levels[180:]).words(settled=True)
    assert [word.text for word in heard] == TEXTS[2].split()[-len(heard) :]
    assert 3 <= len(heard) < len(TEXTS[2].split())


def test_another_sound_is_no_recording(library):
    noise = random.Random(1)
    levels = [noise.choice((0, 300, 2000, 9000)) for _ in range(200)]
    heard = Ears(Script(sentences=("by the script",)), library, 165).begin(0, levels).words(settled=True)
    assert [word.text for word in heard] == ["by", "the", "script"]


@pytest.mark.parametrize("data", [b"", b"RIFF", wav(bytes(3200))])
def test_a_file_without_speech_is_refused(data):
    with pytest.raises(ConfigError), warnings.catch_warnings():
        Library([Recording("x", data)], -45)
