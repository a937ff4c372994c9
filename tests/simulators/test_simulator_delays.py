import statistics

import pytest

from simulators.delays import (
    Constant,
    Delays,
    Lognormal,
    Normal,
    Percentiles,
    parse_delays,
    parse_distribution,
    value_at,
)
from simulators.errors import ConfigError

DEFAULTS = {"a.first_ms": Constant(1), "b.first_ms": Constant(2), "b.rate": Constant(3)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("150", Constant(150)),
        (" 2.5 ", Constant(2.5)),
        ("normal:150,20", Normal(150, 20)),
        ("lognormal:150,0.3", Lognormal(150, 0.3)),
        ("p50:150, p95:400", Percentiles(((50, 150), (95, 400)))),
    ],
)
def test_reads_distributions(text, expected):
    assert parse_distribution(text) == expected


@pytest.mark.parametrize(
    "text", ["", "fast", "normal:1", "normal:a,b", "lognormal:", "p50", "p95:1,p50:2", "p50:9,p95:1", "p101:1"]
)
def test_refuses_what_is_no_distribution(text):
    with pytest.raises(ConfigError):
        parse_distribution(text)


def test_reads_entries():
    assert parse_delays("a.x_ms=5; b.y=normal:1,2 ;") == {"a.x_ms": Constant(5), "b.y": Normal(1, 2)}


@pytest.mark.parametrize("text", ["x=5", "a.x", "a.x=oops"])
def test_refuses_broken_entries(text):
    with pytest.raises(ConfigError):
        parse_delays(text)


def test_value_at_follows_the_distribution():
    assert value_at(Normal(100, 10), 0.5) == pytest.approx(100)
    assert value_at(Normal(1, 100), 0.01) == 0
    assert value_at(Lognormal(100, 0.5), 0.5) == pytest.approx(100)
    assert value_at(Lognormal(100, 0.5), 0.9) > value_at(Lognormal(100, 0.5), 0.1) > 0


def test_percentiles_are_joined_by_straight_lines_and_flat_outside():
    points = Percentiles(((10, 100), (50, 200), (90, 1000)))
    assert value_at(points, 0.05) == 100
    assert value_at(points, 0.3) == pytest.approx(150)
    assert value_at(points, 0.7) == pytest.approx(600)
    assert value_at(points, 0.99) == 1000


def test_the_same_seed_draws_the_same_values_and_names_do_not_disturb_each_other():
    overrides = {"*.first_ms": Lognormal(100, 0.5)}
    first, second = Delays(DEFAULTS, overrides, 7), Delays(DEFAULTS, overrides, 7)
    alone = [first.draw("a", "first_ms") for _ in range(50)]
    mixed = []
    for _ in range(50):
        second.draw("b", "first_ms")
        mixed.append(second.draw("a", "first_ms"))
    assert alone == mixed
    assert len(set(alone)) == 50
    assert 70 < statistics.median(alone) < 140


def test_an_exact_name_goes_before_a_star():
    delays = Delays(DEFAULTS, {"a.first_ms": Constant(9), "*.first_ms": Constant(5)}, 1)
    assert (delays.draw("a", "first_ms"), delays.draw("b", "first_ms"), delays.draw("b", "rate")) == (9, 5, 3)


def test_overrides_replace_former_ones():
    delays = Delays(DEFAULTS, {"a.first_ms": Constant(9)}, 1)
    delays.override({})
    assert delays.draw("a", "first_ms") == 1


def test_an_unknown_name_is_refused():
    with pytest.raises(ConfigError, match="unknown delay"):
        Delays(DEFAULTS, {"c.first_ms": Constant(1)}, 1)
