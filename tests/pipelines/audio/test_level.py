import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.audio.level import AudibleSpan

SPEECH = Path(__file__).parents[2] / "data" / "speech"
RATE = 16000


def recording(name: str) -> bytes:
    with wave.open(str(SPEECH / name)) as wav:
        pcm: bytes = wav.readframes(wav.getnframes())
        return pcm


def silence(milliseconds: int) -> bytes:
    return bytes(RATE * milliseconds // 1000 * 2)


def noise(level_dbfs: float, milliseconds: int, seed: int = 1) -> NDArray[np.int16]:
    amplitude = 32768 * 10 ** (level_dbfs / 20)
    return (np.random.default_rng(seed).standard_normal(RATE * milliseconds // 1000) * amplitude).astype(np.int16)


def span_of(pcm: bytes, chunk_ms: int = 20) -> AudibleSpan:
    span = AudibleSpan(RATE)
    size = RATE * chunk_ms // 1000 * 2
    for start in range(0, len(pcm), size):
        span.feed(pcm[start : start + size])
    return span


@pytest.mark.parametrize("name", ["utterance-finished.wav", "utterance-unfinished.wav"])
@pytest.mark.parametrize("before_ms", [0, 700, 3000])
def test_the_end_of_real_speech_is_found_to_ten_milliseconds(name: str, before_ms: int) -> None:
    speech = recording(name)  # ends on the last 10 ms of speech
    span = span_of(silence(before_ms) + speech + silence(800))
    assert span.last_ms is not None
    assert abs(span.last_ms - (before_ms + len(speech) / (RATE * 2 / 1000))) <= 10


def test_the_first_audible_sample_of_a_reply_is_found_to_ten_milliseconds() -> None:
    tone = (np.sin(np.arange(RATE) * 0.1) * 8000).astype(np.int16).tobytes()
    span = span_of(silence(137) + tone)
    assert span.first_ms == 130


def test_chunk_sizes_do_not_matter() -> None:
    pcm = silence(300) + recording("librivox-0880.wav") + silence(300)
    spans = {(span.first_ms, span.last_ms) for span in (span_of(pcm, chunk_ms) for chunk_ms in (5, 20, 33, 5000))}
    assert len(spans) == 1


def test_silence_has_no_span() -> None:
    span = span_of(silence(2000) + noise(-60, 2000).tobytes())
    assert (span.first_ms, span.last_ms) == (None, None)
    assert span.position_ms == 4000


def test_steady_line_noise_becomes_the_floor() -> None:
    span = span_of(noise(-42, 2000).tobytes())
    span.restart()
    span.feed(noise(-42, 3000, seed=2).tobytes())
    assert span.first_ms is None


def test_speech_over_line_noise_is_still_found() -> None:
    speech = np.frombuffer(recording("utterance-finished.wav"), np.int16).astype(int)
    line = noise(-45, 2000 + 2600 + 2000).astype(int)
    line[2000 * 16 : 2000 * 16 + len(speech)] += speech
    span = AudibleSpan(RATE)
    mixed = np.clip(line, -32768, 32767).astype(np.int16).tobytes()
    span.feed(mixed[: 2000 * 32])
    span.restart()
    span.feed(mixed[2000 * 32 :])
    assert span.first_ms is not None
    assert span.last_ms is not None
    assert 2000 <= span.first_ms <= 2120
    assert 4450 <= span.last_ms <= 4610  # the softest tail of the last word lies below this noise


def test_a_long_vowel_does_not_become_the_floor() -> None:
    seconds = np.arange(RATE * 3) / RATE
    vowel = np.sin(2 * np.pi * 120 * seconds) * 6000 * (1 + 0.6 * np.sin(2 * np.pi * 3 * seconds))
    span = span_of(vowel.astype(np.int16).tobytes() + silence(500))
    assert span.last_ms == 3000


def test_restart_forgets_the_span_and_keeps_the_clock() -> None:
    span = span_of(noise(-20, 100).tobytes())
    assert (span.first_ms, span.last_ms) == (0, 100)
    span.restart()
    assert (span.first_ms, span.last_ms, span.position_ms) == (None, None, 100)


def test_a_rate_without_whole_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number"):
        AudibleSpan(22051)
