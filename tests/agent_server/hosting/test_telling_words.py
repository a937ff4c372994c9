"""What a caller says is worth a model's judgement, or it is not."""

import pytest

from agent_server.hosting.telling_words import could_change_score


@pytest.mark.parametrize(
    "text", ["hello", "Hi there!", "Good morning.", "uh huh", "Mhm.", "okay, thank you very much", "", "…", "I see"]
)
@pytest.mark.parametrize("asked", [True, False])
def test_greetings_and_fillers_tell_nothing(text: str, asked: bool) -> None:
    assert not could_change_score(text, asked=asked)


@pytest.mark.parametrize("text", ["yes", "No.", "yeah, sure", "that's right", "Absolutely not"])
def test_a_yes_tells_something_where_something_was_asked(text: str) -> None:
    assert could_change_score(text, asked=True)


@pytest.mark.parametrize("text", ["yes", "No.", "okay, sure"])
def test_a_yes_to_nothing_tells_nothing(text: str) -> None:
    assert not could_change_score(text, asked=False)


@pytest.mark.parametrize(
    "text", ["five", "5000", "5k a month", "I'm the owner", "hello, we need more calls", "next quarter", "bitte", "Ja"]
)
def test_whatever_else_is_said_is_judged(text: str) -> None:
    assert could_change_score(text, asked=False)
