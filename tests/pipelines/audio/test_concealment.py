"""What stands in for audio that was lost."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.audio.concealment import GONE_MS, Concealment

RATE = 48_000
FRAME = RATE // 50
PER_MS = RATE // 1000


def voiced(hz: float, seconds: float = 0.4) -> NDArray[np.int16]:
    """A buzz with overtones, as vocal folds make it."""
    time = np.arange(int(RATE * seconds)) / RATE
    wave = sum(np.sin(2 * np.pi * hz * overtone * time) / overtone for overtone in range(1, 6))
    return (5000 * wave).astype(np.int16)


def heard(voice: NDArray[np.int16], lost: range) -> NDArray[np.int16]:
    """The voice in frames of 20 ms, those in ``lost`` made up."""
    concealment, out = Concealment(RATE), b""
    missing = 0
    for number in range(len(voice) // FRAME):
        if number in lost:
            missing += FRAME
            continue
        out += concealment.feed(voice[number * FRAME : (number + 1) * FRAME].tobytes(), lost=missing)
        missing = 0
    return np.frombuffer(out, np.int16)


def loudness(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


@pytest.mark.parametrize("hz", [80.0, 120.0, 210.0, 330.0])
def test_a_voice_goes_on_through_a_lost_frame(hz: float) -> None:
    voice = voiced(hz)
    out = heard(voice, range(10, 11))
    assert len(out) == len(voice) // FRAME * FRAME
    gap = slice(10 * FRAME, 11 * FRAME)
    assert np.corrcoef(out[gap], voice[gap])[0, 1] > 0.9
    assert 0.7 < loudness(out[gap]) / loudness(voice[gap]) < 1.05


def test_a_voice_goes_on_through_every_other_frame_that_is_lost() -> None:
    voice = voiced(137.0)
    gap = slice(12 * FRAME, 13 * FRAME)
    assert np.corrcoef(heard(voice, range(10, 13, 2))[gap], voice[gap])[0, 1] > 0.9


def test_there_is_no_click_where_it_comes_back() -> None:
    voice = voiced(137.0)
    steps = np.abs(np.diff(heard(voice, range(10, 12)).astype(int)))
    assert steps.max() < 1.5 * np.abs(np.diff(voice.astype(int))).max()


def test_it_fades_and_is_gone() -> None:
    out = heard(voiced(150.0), range(5, 12))
    begun = 5 * FRAME
    parts = [loudness(out[begun + at * PER_MS : begun + (at + 10) * PER_MS]) for at in (0, 20, 40)]
    assert parts[0] > parts[1] > parts[2] > 0
    assert not out[begun + GONE_MS * PER_MS : 12 * FRAME].any()


def test_nothing_is_made_up_of_nothing() -> None:
    voice = voiced(150.0)
    concealment = Concealment(RATE)
    first = np.frombuffer(concealment.feed(voice[:FRAME].tobytes(), lost=FRAME), np.int16)
    assert not first[:FRAME].any()
    assert len(first) == 2 * FRAME
    silent = heard(np.zeros(RATE // 4, np.int16), range(5, 7))
    assert not silent.any()


def test_what_was_not_lost_is_left_as_it_is() -> None:
    voice = voiced(200.0)
    assert np.array_equal(heard(voice, range(0)), voice[: len(voice) // FRAME * FRAME])
    assert np.array_equal(heard(voice, range(6, 7))[8 * FRAME :], voice[8 * FRAME : len(voice) // FRAME * FRAME])


@pytest.mark.parametrize("length", [0, 2, 3 * PER_MS])
def test_short_pieces_are_taken_too(length: int) -> None:
    concealment = Concealment(RATE)
    concealment.feed(voiced(150.0).tobytes())
    assert len(concealment.feed(bytes(2 * length), lost=100)) == 2 * (length + 100)
