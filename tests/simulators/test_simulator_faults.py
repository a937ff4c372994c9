import pytest

from simulators.errors import ConfigError
from simulators.faults import Fault, FaultPlan, parse_faults

NAMES = ("cerebras", "deepgram-flux", "deepgram-nova")


def plan(text, seed=1):
    return FaultPlan(NAMES, parse_faults(text), seed)


def strikes(plan, provider, moment, count):
    return [plan.strike(provider, moment) is not None for _ in range(count)]


def test_reads_switches():
    assert parse_faults("cerebras:stall@first,nth=3,duration_ms=800; deepgram:refuse,status=503 ;") == (
        Fault("cerebras", "stall", "first", nth=3, duration_ms=800),
        Fault("deepgram", "refuse", status=503),
    )


@pytest.mark.parametrize(
    "text",
    [
        "cerebras",
        "cerebras:explode",
        "cerebras:stall@never",
        "cerebras:stall,nth",
        "cerebras:stall,nth=one",
        "cerebras:stall,nth=1,nth=2",
        "cerebras:stall,colour=red",
        "cerebras:drop,probability=2",
        "cerebras:refuse@mid",
        "cerebras:garbage@connect",
    ],
)
def test_refuses_what_makes_no_sense(text):
    with pytest.raises(ConfigError):
        parse_faults(text)


@pytest.mark.parametrize(
    ("kind", "moment"), [("refuse", "connect"), ("stall", "accepted"), ("drop", "mid"), ("garbage", "first")]
)
def test_each_kind_has_its_usual_moment(kind, moment):
    assert Fault("cerebras", kind).at == moment


def test_strikes_always_unless_told_otherwise():
    assert strikes(plan("cerebras:drop"), "cerebras", "mid", 3) == [True, True, True]


def test_strikes_only_at_its_moment_and_provider():
    drops = plan("cerebras:drop@mid")
    assert drops.strike("cerebras", "first") is None
    assert drops.strike("deepgram-flux", "mid") is None


def test_the_nth_opportunity_alone():
    assert strikes(plan("cerebras:drop,nth=3"), "cerebras", "mid", 5) == [False, False, True, False, False]


def test_from_the_nth_on_a_number_of_times():
    assert strikes(plan("cerebras:drop,nth=2,times=2"), "cerebras", "mid", 5) == [False, True, True, False, False]


def test_a_family_and_a_star_match_several_providers():
    assert plan("deepgram:drop").strike("deepgram-nova", "mid") is not None
    assert plan("*:drop").strike("cerebras", "mid") is not None


def test_probability_is_drawn_from_the_seed():
    chance = "cerebras:drop,probability=0.3"
    first = strikes(plan(chance, 5), "cerebras", "mid", 400)
    assert first == strikes(plan(chance, 5), "cerebras", "mid", 400)
    assert first != strikes(plan(chance, 6), "cerebras", "mid", 400)
    assert 0.2 < sum(first) / 400 < 0.4


def test_an_unknown_provider_is_refused_and_changes_nothing():
    drops = plan("cerebras:drop")
    with pytest.raises(ConfigError, match="unknown provider"):
        drops.replace([Fault("nobody", "drop")])
    assert [fault.provider for fault, _ in drops.armed] == ["cerebras"]


def test_adding_keeps_the_counts_of_the_others():
    drops = plan("cerebras:drop,nth=2")
    drops.strike("cerebras", "mid")
    drops.add(parse_faults("deepgram:refuse"))
    assert drops.strike("cerebras", "mid") is not None
    assert [strikes for _, strikes in drops.armed] == [1, 0]


def test_replacing_counts_anew():
    drops = plan("cerebras:drop,nth=1")
    assert drops.strike("cerebras", "mid") is not None
    drops.replace(parse_faults("cerebras:drop,nth=1"))
    assert drops.strike("cerebras", "mid") is not None
