"""Our own run of the network, beside the runtime its file is made for."""

import wave
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from pipelines.audio.resample import resampler
from pipelines.vad import model
from pipelines.vad.model import CONTEXT_SAMPLES, NETWORK_RATE, ROW_SAMPLES, STATE_SIZE, WINDOW_SAMPLES, SileroModel

SPEECH = Path(__file__).parents[2] / "data" / "speech"
RECORDINGS = sorted(SPEECH.glob("*.wav"))


class Runtime:
    """The same file in onnxruntime."""

    def __init__(self) -> None:
        self._session = onnxruntime.InferenceSession(str(model._model_file()), providers=["CPUExecutionProvider"])

    def judge(
        self, rows: NDArray[np.float32], states: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        inputs = {"input": rows, "state": states, "sr": np.array(NETWORK_RATE, np.int64)}
        probabilities, following = self._session.run(None, inputs)
        return probabilities[:, 0], following


def rows_of(path: Path) -> NDArray[np.float32]:
    with wave.open(str(path)) as wav:
        pcm = wav.readframes(wav.getnframes())
        stream = resampler(wav.getframerate(), NETWORK_RATE)
    samples = np.frombuffer(stream.feed(pcm) + stream.flush(), np.int16).astype(np.float32) / 32768
    starts = range(0, len(samples) - ROW_SAMPLES + 1, WINDOW_SAMPLES)
    return np.stack([samples[start : start + ROW_SAMPLES] for start in starts])


def none_before(callers: int) -> NDArray[np.float32]:
    return np.zeros((2, callers, STATE_SIZE), np.float32)


def test_speech_of_all_recordings_at_once_is_judged_as_by_the_runtime() -> None:
    recordings = [rows_of(path) for path in RECORDINGS]
    ours, theirs = SileroModel(), Runtime()
    our_states = their_states = none_before(len(recordings))
    heard = []
    for number in range(min(map(len, recordings))):
        rows = np.stack([rows[number] for rows in recordings])
        probabilities, our_states = ours.judge(rows, our_states)
        expected, their_states = theirs.judge(rows, their_states)
        np.testing.assert_allclose(probabilities, expected, atol=1e-4)
        np.testing.assert_allclose(our_states, their_states, atol=1e-4)
        heard.append(probabilities)
    assert np.max(heard) > 0.9
    assert np.min(heard) < 0.1


@pytest.mark.parametrize("callers", [1, 2, 5, 16, 33])
@pytest.mark.parametrize("loudness", [0.0, 1e-4, 0.1, 1.0])
def test_any_signal_in_any_batch_is_judged_as_by_the_runtime(callers: int, loudness: float) -> None:
    random = np.random.default_rng(callers)
    rows = (loudness * random.uniform(-1, 1, (callers, ROW_SAMPLES))).astype(np.float32)
    states = random.uniform(-1, 1, (2, callers, STATE_SIZE)).astype(np.float32)
    before = states.copy()
    probabilities, following = SileroModel().judge(rows, states)
    expected, expected_states = Runtime().judge(rows, states)
    assert probabilities.dtype == following.dtype == np.float32
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    np.testing.assert_allclose(following, expected_states, atol=1e-4)
    np.testing.assert_array_equal(states, before)


def test_a_row_is_a_window_with_what_lies_before_it() -> None:
    assert (CONTEXT_SAMPLES, WINDOW_SAMPLES, ROW_SAMPLES) == (32, 256, 288)


def test_another_network_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"\x3a\x00")  # a graph without anything in it
    with pytest.raises(ValueError, match="not the Silero network"):
        SileroModel(other)


@pytest.mark.parametrize("content", [b"RIFF....WAVE", b"\xff" * 40, b"\x3a\x7f\x0a\x05"])
def test_what_is_no_network_at_all_is_refused(content: bytes, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(content)
    with pytest.raises(ValueError, match="not "):
        SileroModel(other)
