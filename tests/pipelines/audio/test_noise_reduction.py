"""Noise goes, speech stays, and time stays true."""

import itertools
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.audio.noise_reduction import FAR_FIELD, NEAR_FIELD, SAMPLE_RATE, NoiseReducer, NoiseRules
from pipelines.audio.resample import resampler

SPEECH = Path(__file__).parents[2] / "data" / "speech" / "librivox-0880.wav"


def speech() -> NDArray[np.float32]:
    with wave.open(str(SPEECH)) as file:
        to_24k = resampler(file.getframerate(), SAMPLE_RATE)
        pcm = to_24k.feed(file.readframes(file.getnframes())) + to_24k.flush()
    return np.frombuffer(pcm, np.int16).astype(np.float32)


def noise(samples: int, rms: float) -> NDArray[np.float32]:
    return (np.random.default_rng(3).standard_normal(samples) * rms).astype(np.float32)


def reduced(signal: NDArray[np.float32], rules: NoiseRules, *, strength: float = 1.0, piece: int = 480) -> bytes:
    reducer = NoiseReducer(rules, strength)
    pcm = signal.clip(-32768, 32767).astype(np.int16).tobytes()
    parts = [reducer.feed(pcm[start : start + 2 * piece]) for start in range(0, len(pcm), 2 * piece)]
    return b"".join(parts) + reducer.flush()


def samples(pcm: bytes) -> NDArray[np.float32]:
    return np.frombuffer(pcm, np.int16).astype(np.float32)


def level_db(signal: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(signal.astype(np.float64) ** 2) + 1e-9))


@pytest.mark.parametrize(("rules", "at_least_db"), [(NEAR_FIELD, 9.0), (FAR_FIELD, 13.0)])
def test_steady_noise_is_lowered(rules: NoiseRules, at_least_db: float) -> None:
    hiss = noise(3 * SAMPLE_RATE, 300.0)
    after = samples(reduced(hiss, rules))
    settled = slice(2 * SAMPLE_RATE, None)
    assert level_db(hiss[settled]) - level_db(after[settled]) > at_least_db


@pytest.mark.parametrize(("rules", "gained_db"), [(NEAR_FIELD, 8.0), (FAR_FIELD, 12.0)])
def test_speech_stands_out_of_noise_by_more_than_before(rules: NoiseRules, gained_db: float) -> None:
    lead = 2 * SAMPLE_RATE
    clean = np.concatenate((np.zeros(lead, np.float32), speech()))
    noisy = clean + noise(len(clean), 400.0)
    after = samples(reduced(noisy, rules))

    def stands_out_db(signal: NDArray[np.float32]) -> float:
        return level_db(signal[lead:]) - level_db(signal[lead // 2 : lead])

    assert stands_out_db(after) - stands_out_db(noisy) > gained_db
    assert abs(level_db(after[lead:]) - level_db(noisy[lead:])) < 2.0
    assert float(np.corrcoef(after[lead:], clean[lead:])[0, 1]) > 0.95


def test_clean_speech_is_left_as_it_is() -> None:
    clean = speech()
    after = samples(reduced(clean, NEAR_FIELD))
    assert level_db(after - clean) < level_db(clean) - 12.0
    assert float(np.corrcoef(after, clean)[0, 1]) > 0.97


def test_rumble_below_the_voice_is_always_lowered() -> None:
    hum = (3000 * np.sin(2 * np.pi * 50 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    assert level_db(hum) - level_db(samples(reduced(hum, NEAR_FIELD))) > 8.0


def test_no_strength_changes_nothing() -> None:
    clean = speech()
    assert np.abs(samples(reduced(clean, FAR_FIELD, strength=0.0)) - clean).max() <= 1.0


@pytest.mark.parametrize("piece", [1, 7, 240, 241, 480, 5000])
def test_pieces_of_any_length_give_the_same_audio_of_the_same_length(piece: int) -> None:
    signal = noise(2400 + 13, 1000.0)
    assert len(reduced(signal, NEAR_FIELD, piece=piece)) == 2 * len(signal)
    assert reduced(signal, NEAR_FIELD, piece=piece) == reduced(signal, NEAR_FIELD)


@pytest.mark.parametrize("length", [0, 1, 239, 240, 241, 480, 481])
def test_a_flush_gives_back_all_that_was_taken(length: int) -> None:
    reducer = NoiseReducer(NEAR_FIELD)
    for _ in itertools.repeat(None, 2):
        pcm = noise(length, 500.0).astype(np.int16).tobytes()
        assert len(reducer.feed(pcm)) + len(reducer.flush()) == len(pcm)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of element size"):
        NoiseReducer(NEAR_FIELD).feed(b"\0")
