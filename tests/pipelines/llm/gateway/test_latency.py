"""The waits that follow from what was measured."""

import pytest

from pipelines.llm.gateway.latency import FirstTokens, HedgeSettings, PatienceSettings

HEDGING, PATIENCE = HedgeSettings(), PatienceSettings()


def measured(*times_ms: float, at: float = 0.0) -> FirstTokens:
    first_tokens = FirstTokens()
    for ms in times_ms:
        first_tokens.add(ms, at)
    return first_tokens


@pytest.mark.parametrize(
    ("times_ms", "typical", "hedge", "give_up"),
    [
        ((), None, HEDGING.unmeasured_ms, PATIENCE.most_ms),
        ((150.0,) * 7, 150.0, HEDGING.unmeasured_ms, PATIENCE.most_ms),
        ((150.0,) * 40, 150.0, 150.0, PATIENCE.least_ms),
        ((150.0,) * 38 + (300.0,) * 2, 150.0, 300.0, PATIENCE.most_ms),
        ((150.0,) * 38 + (200.0,) * 2, 150.0, 200.0, 1600.0),
        (tuple(10.0 * n for n in range(40, 0, -1)), 210.0, 390.0, PATIENCE.most_ms),
        ((10.0,) * 40, 10.0, HEDGING.least_ms, PATIENCE.least_ms),
        ((5000.0,) * 40, 5000.0, HEDGING.most_ms, PATIENCE.most_ms),
    ],
)
def test_waits(times_ms, typical, hedge, give_up):
    first_tokens = measured(*times_ms)
    assert first_tokens.typical_ms(1.0) == typical
    assert first_tokens.hedge_after_ms(HEDGING, 1.0) == hedge
    assert first_tokens.give_up_after_ms(PATIENCE, 1.0) == give_up


def test_old_measures_are_forgotten_and_only_the_last_few_are_kept():
    first_tokens = measured(*[5000.0] * 64)
    for _ in range(64):
        first_tokens.add(100.0, 500.0)
    assert first_tokens.typical_ms(500.0) == 100.0
    assert first_tokens.typical_ms(1200.0) is None


def test_a_measure_counts_for_ten_minutes_and_no_longer():
    first_tokens = measured(*[150.0] * 20)
    first_tokens.add(400.0, 300.0)
    assert first_tokens.hedge_after_ms(HEDGING, 600.0) == 150.0
    assert first_tokens.hedge_after_ms(HEDGING, 600.1) == HEDGING.unmeasured_ms
    assert first_tokens.typical_ms(600.1) == 400.0
