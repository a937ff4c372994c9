import numpy as np
import pytest

from pipelines.vad.caller_audio import CallerAudio
from pipelines.vad.gate import GateRules
from pipelines.vad.model import CONTEXT_SAMPLES, WINDOW_SAMPLES

LOUD = (np.sin(np.arange(WINDOW_SAMPLES * 40) * 0.2) * 9000).astype(np.int16)


def test_windows_are_cut_wherever_the_audio_was_split() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=30_000)
    pcm = LOUD.tobytes()
    rows = []
    for start in range(0, len(pcm), 322):
        audio.feed(pcm[start : start + 322])
        while audio.has_window:
            window = audio.take()
            assert window.row is not None
            rows.append(window.row)
            assert window.end_ms == 32.0 * len(rows)
    assert len(rows) == 40
    assert np.array_equal(np.concatenate([row[CONTEXT_SAMPLES:] for row in rows]), LOUD)


def test_each_window_carries_the_samples_before_it() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=30_000)
    audio.feed(LOUD.tobytes())
    first, second = audio.take().row, audio.take().row
    assert first is not None
    assert second is not None
    assert not first[:CONTEXT_SAMPLES].any()
    assert np.array_equal(second[:CONTEXT_SAMPLES], LOUD[WINDOW_SAMPLES - CONTEXT_SAMPLES : WINDOW_SAMPLES])


def test_silence_has_no_row_and_speech_after_it_starts_fresh() -> None:
    audio = CallerAudio(GateRules(hold_windows=1), max_queued_ms=30_000)
    silence = bytes(WINDOW_SAMPLES * 2)
    loud = LOUD[:WINDOW_SAMPLES].tobytes()
    audio.feed(loud + loud + silence * 4 + loud + loud)
    windows = [audio.take() for _ in range(8)]
    assert [window.row is not None for window in windows] == [True, True, True, False, False, False, True, True]
    assert [window.fresh for window in windows] == [True, False, False, False, False, False, True, False]


def test_past_the_bound_the_oldest_windows_are_dropped_and_time_stays_true() -> None:
    audio = CallerAudio(gate=None, max_queued_ms=320)
    audio.feed(LOUD.tobytes())
    assert audio.dropped_windows == 30
    window = audio.take()
    assert window.end_ms == 31 * 32.0
    assert window.fresh
    assert window.row is not None
    assert np.array_equal(window.row[CONTEXT_SAMPLES:], LOUD[30 * WINDOW_SAMPLES : 31 * WINDOW_SAMPLES])


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        CallerAudio(gate=None, max_queued_ms=320).feed(b"\x00")
