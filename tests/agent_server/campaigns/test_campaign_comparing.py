"""Which subject won, and when nobody can say."""

import pytest

from agent_server.campaigns.comparing import rate_of, winner_of
from storage.campaigns.results import VariantResults


def results(*counts: tuple[int, int]) -> list[VariantResults]:
    return [VariantResults(number, people, replied, 0, 0, None) for number, (replied, people) in enumerate(counts)]


def test_the_interval_is_wilsons() -> None:
    rate = rate_of(10, 100)
    assert (rate.rate, rate.low, rate.high) == (0.1, pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))
    nobody = rate_of(0, 20)
    assert (nobody.low, nobody.high) == (0.0, pytest.approx(0.1611, abs=1e-4)), "none of 20 is not never"
    assert (rate_of(0, 0).low, rate_of(0, 0).high) == (0.0, 1.0)


def test_a_winner_is_beyond_chance() -> None:
    assert winner_of(results((30, 100), (10, 100))) == 0
    assert winner_of(results((14, 100), (10, 100))) is None
    assert winner_of(results((5, 10), (0, 10))) is None, "too few people"
    assert winner_of(results((10, 100), (30, 100), (28, 100))) is None, "it has to win over each"
    assert winner_of(results((10, 100), (40, 100), (12, 100))) == 1
    assert winner_of(results((40, 100))) is None
