"""Who is asked for what, in which order: a table."""

import pytest
from msgspec.structs import replace

from pipelines.llm.gateway.routing import DEFAULT_ROUTES, Candidate, Plan, Route, plan

CEREBRAS = Candidate(key="cerebras/llama", provider="cerebras", price=0.4)
OPENAI = Candidate(key="openai/mini", provider="openai", price=1.0)
HAIKU = Candidate(key="anthropic/haiku", provider="anthropic", tasks=frozenset({"conversation", "research"}))
SONNET = Candidate(key="anthropic/sonnet", provider="anthropic", tasks=frozenset({"reasoning"}))
DEEPSEEK = Candidate(key="deepseek/flash", provider="deepseek", price=0.3)
OPENROUTER = Candidate(key="openrouter/any", provider="openrouter")
RUNPOD = Candidate(key="runpod/own", provider="runpod", private=True)
OLLAMA = Candidate(key="ollama/own", provider="ollama", private=True, price=0.0)
ALL = (CEREBRAS, OPENAI, HAIKU, SONNET, DEEPSEEK, OPENROUTER, RUNPOD, OLLAMA)


def order(task, candidates=ALL, route=None, **more):
    ready = plan(task, route or DEFAULT_ROUTES[task], candidates, **more).ready
    return [key.partition("/")[0] for key in ready]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("conversation", ["cerebras", "openai", "anthropic", "deepseek", "openrouter", "runpod", "ollama"]),
        ("reasoning", ["anthropic", "openai", "ollama", "deepseek", "cerebras", "openrouter", "runpod"]),
        ("research", ["deepseek", "openrouter", "ollama", "cerebras", "openai", "anthropic", "runpod"]),
        ("private", ["runpod", "ollama"]),
    ],
)
def test_the_usual_routes_before_anything_is_measured(task, expected):
    assert order(task) == expected


def test_each_task_goes_to_the_model_made_for_it():
    assert plan("reasoning", DEFAULT_ROUTES["reasoning"], ALL).ready[0] == "anthropic/sonnet"
    assert "anthropic/sonnet" not in plan("conversation", DEFAULT_ROUTES["conversation"], ALL).ready


def test_those_not_preferred_go_by_measured_latency():
    measured = (replace(OPENAI, first_token_ms=400.0), replace(HAIKU, first_token_ms=300.0), CEREBRAS, OPENROUTER)
    assert order("conversation", measured) == ["cerebras", "anthropic", "openai", "openrouter"]


@pytest.mark.parametrize(
    ("cerebras_ms", "openai_ms", "first"),
    [
        (900.0, 200.0, "cerebras"),  # slow, and yet not so slow that a caller notices before the hedge
        (1500.0, 200.0, "openai"),
        (1500.0, 900.0, "cerebras"),  # the other is hardly better
        (1500.0, None, "cerebras"),
    ],
)
def test_who_is_slow_beyond_measure_loses_the_preference(cerebras_ms, openai_ms, first):
    candidates = (replace(CEREBRAS, first_token_ms=cerebras_ms), replace(OPENAI, first_token_ms=openai_ms))
    assert order("conversation", candidates)[0] == first


def test_who_just_failed_goes_last_and_is_still_there():
    assert order("conversation", (replace(CEREBRAS, suspect=True), OPENAI, HAIKU)) == [
        "openai",
        "anthropic",
        "cerebras",
    ]


def test_who_is_left_alone_is_not_asked():
    assert order("conversation", (replace(CEREBRAS, wait_s=8.0), OPENAI)) == ["openai"]


def test_who_failed_in_this_turn_is_left_out():
    assert order("conversation", (CEREBRAS, OPENAI), without=frozenset({"cerebras/llama"})) == ["openai"]


def test_when_nobody_can_be_asked_the_plan_says_for_how_long():
    waiting = (replace(CEREBRAS, wait_s=8.0), replace(OPENAI, wait_s=3.0))
    assert plan("conversation", DEFAULT_ROUTES["conversation"], waiting) == Plan(wait_s=3.0)
    assert plan("private", DEFAULT_ROUTES["private"], waiting) == Plan(wait_s=None)


def test_privacy_is_not_given_up_for_availability():
    candidates = (CEREBRAS, replace(OLLAMA, wait_s=60.0))
    assert order("private", candidates) == []
    assert order("private", candidates, Route(("cerebras",), None, private_only=True)) == []


def test_the_operators_list_is_the_whole_list():
    assert order("conversation", route=Route(("openai", "anthropic/haiku"), None)) == ["openai", "anthropic"]
    assert order("conversation", route=Route(("nobody",), None)) == []
