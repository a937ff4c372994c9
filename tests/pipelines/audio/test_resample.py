import random

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.audio.resample import PolyphaseResampler, SoxrResampler, resampler

RATES = [
    (24000, 16000),
    (24000, 8000),
    (8000, 24000),
    (8000, 16000),
    (16000, 24000),
    (16000, 8000),
    (48000, 24000),
    (24000, 48000),
    (48000, 8000),
    (22050, 24000),
]


def tone(frequency_hz: int, rate: int, seconds: float = 1.0) -> NDArray[np.int16]:
    return (np.sin(2 * np.pi * frequency_hz * np.arange(int(rate * seconds)) / rate) * 16000).astype(np.int16)


def convert(samples: NDArray[np.int16], source_hz: int, target_hz: int) -> NDArray[np.int16]:
    stream = resampler(source_hz, target_hz)
    return np.frombuffer(stream.feed(samples.tobytes()) + stream.flush(), np.int16)


def decibels(ratio: float) -> float:
    return float(20 * np.log10(ratio + 1e-9))


@pytest.mark.parametrize(("source_hz", "target_hz"), RATES)
def test_speech_frequencies_come_out_unchanged_and_in_place(source_hz: int, target_hz: int) -> None:
    for frequency_hz in (200, 1000, 2500, 3300):
        heard = convert(tone(frequency_hz, source_hz), source_hz, target_hz).astype(float)
        expected = tone(frequency_hz, target_hz).astype(float)
        assert len(heard) == len(expected)
        inner = slice(target_hz // 20, -target_hz // 20)  # away from where the tone is switched on and off
        assert decibels((heard - expected)[inner].std() / expected[inner].std()) < -60


@pytest.mark.parametrize(("source_hz", "target_hz", "frequency_hz"), [(24000, 8000, 4600), (24000, 16000, 9000)])
def test_what_the_target_cannot_hold_does_not_fold_back(source_hz: int, target_hz: int, frequency_hz: int) -> None:
    heard = convert(tone(frequency_hz, source_hz), source_hz, target_hz).astype(float)
    inner = slice(target_hz // 20, -target_hz // 20)
    assert decibels(heard[inner].std() / tone(frequency_hz, source_hz).std()) < -60


@pytest.mark.parametrize(("source_hz", "target_hz"), RATES)
def test_chunk_sizes_do_not_matter(source_hz: int, target_hz: int) -> None:
    sizes = random.Random(7)
    samples = tone(440, source_hz, 0.5).tobytes()
    whole = resampler(source_hz, target_hz)
    expected = whole.feed(samples) + whole.flush()
    pieces = resampler(source_hz, target_hz)
    heard = b""
    position = 0
    while position < len(samples):
        size = 2 * sizes.choice([1, 2, 7, 160, 441, 960])
        heard += pieces.feed(samples[position : position + size])
        position += size
    heard += pieces.flush()
    difference = np.frombuffer(heard, np.int16).astype(int) - np.frombuffer(expected, np.int16)
    assert np.abs(difference).max() <= 2  # soxr dithers its 16-bit output


@pytest.mark.parametrize(("source_hz", "target_hz"), RATES[:-1])
def test_at_most_two_milliseconds_are_held_back(source_hz: int, target_hz: int) -> None:
    stream = resampler(source_hz, target_hz)
    given = sum(len(stream.feed(bytes(source_hz // 50 * 2))) for _ in range(5)) // 2
    assert given >= target_hz * (0.100 - 0.002) - 1


def test_a_flushed_stream_starts_afresh() -> None:
    stream = resampler(24000, 8000)
    first = stream.feed(tone(500, 24000, 0.1).tobytes()) + stream.flush()
    second = stream.feed(tone(500, 24000, 0.1).tobytes()) + stream.flush()
    assert first == second
    assert stream.flush() == b""


def test_full_scale_does_not_wrap_around() -> None:
    square = np.where(tone(300, 24000) > 0, 32767, -32768).astype(np.int16)
    heard = convert(square, 24000, 8000)
    assert (np.sign(heard[100:-100:7]) == np.sign(convert(tone(300, 24000), 24000, 8000)[100:-100:7])).mean() > 0.95
    assert heard.max() == 32767
    assert heard.min() == -32768


def test_the_cheap_filter_serves_small_ratios_only() -> None:
    assert isinstance(resampler(24000, 8000), PolyphaseResampler)
    assert isinstance(resampler(22050, 24000), SoxrResampler)


def test_equal_rates_pass_through() -> None:
    stream = resampler(16000, 16000)
    assert stream.feed(b"\x01\x02") == b"\x01\x02"
    assert stream.flush() == b""


@pytest.mark.parametrize(("source_hz", "target_hz"), [(24000, 8000), (22050, 24000), (8000, 8000)])
def test_half_a_sample_is_refused(source_hz: int, target_hz: int) -> None:
    with pytest.raises(ValueError, match=r"half|multiple"):
        resampler(source_hz, target_hz).feed(b"\x00\x00\x00")


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        resampler(0, 8000)
