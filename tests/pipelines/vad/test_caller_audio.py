import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.audio.resample import resampler
from pipelines.vad.caller_audio import WINDOW_ITSELF, CallerAudio, TakenWindow
from pipelines.vad.decimate import INPUT_SAMPLES, decimated
from pipelines.vad.gate import GateRules, block_powers
from pipelines.vad.model import CONTEXT_SAMPLES, NETWORK_RATE, WINDOW_SAMPLES
from pipelines.vad.port import SAMPLE_RATE

WINDOW = SAMPLE_RATE * 32 // 1000
REST = bytes(2 * SAMPLE_RATE * 2 // 1000)
"""2 ms more: what the filter waits for."""
LOUD = (np.sin(np.arange(WINDOW * 40) * 0.07) * 9000).astype(np.int16)
NARROW = np.frombuffer(resampler(SAMPLE_RATE, NETWORK_RATE).feed(LOUD.tobytes() + REST), np.int16)
"""What a filter of the whole stream makes of it."""


def take(audio: CallerAudio) -> tuple[TakenWindow, NDArray[np.float32]]:
    """The next window and its row."""
    samples = np.empty((1, INPUT_SAMPLES), np.float32)
    audio.take_into(samples[0])
    return audio.judge(block_powers(samples[:, WINDOW_ITSELF])[0]), decimated(samples)[0]


def test_windows_are_cut_wherever_the_audio_was_split() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=30_000)
    pcm = LOUD.tobytes() + REST
    rows = []
    for start in range(0, len(pcm), 322):
        audio.feed(pcm[start : start + 322])
        while audio.has_window:
            window, row = take(audio)
            assert window.admitted
            rows.append(row)
            assert window.end_ms == 32.0 * len(rows)
    assert len(rows) == 40
    found = np.concatenate([row[CONTEXT_SAMPLES:] for row in rows])
    assert np.abs(found - NARROW[: len(found)]).max() <= 1.0  # the stream is rounded


def test_each_window_carries_the_samples_before_it() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=30_000)
    audio.feed(LOUD.tobytes())
    (_, first), (_, second) = take(audio), take(audio)
    assert not first[: CONTEXT_SAMPLES // 2].any()
    before = NARROW[WINDOW_SAMPLES - CONTEXT_SAMPLES : WINDOW_SAMPLES]
    assert np.abs(second[:CONTEXT_SAMPLES] - before).max() <= 1.0


def test_silence_is_not_admitted_and_speech_after_it_starts_fresh() -> None:
    audio = CallerAudio(GateRules(hold_windows=1), max_queued_ms=30_000)
    silence = bytes(WINDOW * 2)
    loud = LOUD[:WINDOW].tobytes()
    audio.feed(loud + loud + silence * 4 + loud + loud + REST)
    windows = [take(audio)[0] for _ in range(8)]
    assert [window.admitted for window in windows] == [True, True, True, False, False, False, True, True]
    assert [window.fresh for window in windows] == [True, False, False, False, False, False, True, False]


def test_past_the_bound_the_oldest_windows_are_dropped_and_time_stays_true() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=320)
    audio.feed(LOUD.tobytes() + REST)
    assert audio.dropped_windows == 30
    window, row = take(audio)
    assert (window.end_ms, window.fresh) == (31 * 32.0, True)
    there = NARROW[30 * WINDOW_SAMPLES : 31 * WINDOW_SAMPLES]
    assert np.abs(row[CONTEXT_SAMPLES:] - there).max() <= 1.0


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        CallerAudio(gate=None, max_queued_ms=320).feed(b"\x00")


def test_a_batch_is_filtered_as_each_window_alone() -> None:
    samples = np.random.default_rng(1).normal(0, 3000, (7, INPUT_SAMPLES)).astype(np.float32)
    alone = np.concatenate([decimated(samples[index : index + 1]) for index in range(7)])
    assert np.allclose(decimated(samples), alone, atol=0.01)
