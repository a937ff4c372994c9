import numpy as np
import pytest

from pipelines.audio.comfort_noise import ComfortNoise


def test_silence_gets_the_level_asked_for_whatever_the_chunks() -> None:
    noise = ComfortNoise(40)
    whole = np.frombuffer(noise.add(bytes(2 * 100_000)), np.int16)
    assert whole.astype(float).std() == pytest.approx(40, rel=0.02)
    again = ComfortNoise(40)
    pieces = b"".join(again.add(bytes(2 * size)) for size in (1, 320, 99_679))
    assert pieces == whole.tobytes()


def test_the_signal_stays_and_full_scale_does_not_wrap_around() -> None:
    loud = np.tile(np.array([32767, -32768], np.int16), 500)
    mixed = np.frombuffer(ComfortNoise(40).add(loud.tobytes()), np.int16).astype(int)
    assert np.abs(mixed - loud).max() < 250


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        ComfortNoise(40).add(b"\0")
