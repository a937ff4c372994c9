import numpy as np
import pytest

from pipelines.vad.gate import EnergyGate, GateRules, block_powers
from pipelines.vad.port import SAMPLE_RATE, WINDOW_MS

WINDOW_SAMPLES = SAMPLE_RATE * WINDOW_MS // 1000
SILENT = block_powers(np.zeros((1, WINDOW_SAMPLES), np.float32))[0]


def noise(level_dbfs: float, seed: int = 0) -> list[float]:
    amplitude = 32768 * 10 ** (level_dbfs / 20)
    samples = np.random.default_rng(seed).standard_normal((1, WINDOW_SAMPLES)) * amplitude
    return block_powers(samples.astype(np.int16).astype(np.float32))[0]


def test_silence_is_not_admitted() -> None:
    gate = EnergyGate(GateRules())
    assert not any(gate.admits(SILENT) for _ in range(50))


def test_the_first_eight_milliseconds_of_a_word_open_it() -> None:
    gate = EnergyGate(GateRules())
    for _ in range(100):
        gate.admits(SILENT)
    assert gate.admits([*SILENT[:-1], noise(-45)[-1]])


def test_it_is_held_open_through_a_pause_and_then_closes() -> None:
    gate = EnergyGate(GateRules(hold_windows=3))
    assert gate.admits(noise(-20))
    assert [gate.admits(SILENT) for _ in range(5)] == [True, True, True, False, False]


def test_steady_noise_closes_it_and_speech_above_opens_it_again() -> None:
    gate = EnergyGate(GateRules())
    admitted = [gate.admits(noise(-45, seed)) for seed in range(200)]
    assert admitted[0]
    assert not any(admitted[80:])
    assert gate.admits(noise(-35))


def test_the_rise_of_the_threshold_is_bounded() -> None:
    """Noise as loud as a soft voice is never shut out: the network decides there."""
    gate = EnergyGate(GateRules())
    assert all(gate.admits(noise(-30, seed)) for seed in range(200))


def test_long_speech_does_not_lift_the_floor_over_its_own_soft_sounds() -> None:
    gate = EnergyGate(GateRules(hold_windows=0))
    levels = [-20, -24, -18, -22, -50, -30]  # words with the gaps between them
    for step in range(300):
        gate.admits(noise(levels[step % len(levels)], step))
    assert gate.admits(noise(-40))


@pytest.mark.parametrize("level_dbfs", [-54, -50, -45])
def test_a_soft_voice_after_silence_is_admitted(level_dbfs: float) -> None:
    gate = EnergyGate(GateRules())
    for _ in range(50):
        gate.admits(SILENT)
    assert gate.admits(noise(level_dbfs))
