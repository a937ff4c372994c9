"""What an operator forbids is not done by the rules either."""

import pytest
from playbook_talk import Talk

from pipelines.agent_profile import instructions_of
from pipelines.playbook.tools import SERVER_TOOLS
from storage.agents.profiles import ProfileFacts


def told(*rules: str) -> str:
    return instructions_of(
        ProfileFacts(name="Ava", company="Acme Voice", rules=rules), "You are a friendly sales agent."
    )


@pytest.mark.parametrize(
    "rule", ["Never quote prices.", "Do not talk about pricing; a specialist does.", "Don't mention what it costs"]
)
def test_a_price_that_is_not_to_be_named_is_left_to_a_specialist(rule: str) -> None:
    talk = Talk(system=told(rule), tools=SERVER_TOOLS)
    for asked in ("what does it cost?", "how much is it for 10 people", "is there a discount for paying yearly?"):
        answer = talk.say(asked)
        assert "dollar" not in answer and "percent" not in answer
        assert "specialist" in answer
    assert not talk.called("search_knowledge")


@pytest.mark.parametrize(
    ("rule", "never"),
    [
        ("Never ask for their budget.", "budget"),
        ("Do not ask how large the team is.", "people"),
        ("Don't ask who makes the decision", "decision"),
    ],
)
def test_a_question_that_is_not_to_be_asked_is_not(rule: str, never: str) -> None:
    talk = Talk(system=told(rule), tools=SERVER_TOOLS)
    said = talk.script("we miss calls", "ok", "ok", "ok", "ok", "ok")
    assert never not in " ".join(said)


def test_a_rule_about_something_else_forbids_nothing() -> None:
    talk = Talk(
        system=told("Never promise a delivery date.", "Ask for their budget before prices."), tools=SERVER_TOOLS
    )
    assert "49 dollars" in talk.script("what does it cost?")[1]


def test_no_price_slips_in_with_what_it_is() -> None:
    about = (
        "Brightline Solar puts solar panels on roofs. A typical roof costs 14,000 dollars. Installation takes two days."
    )
    facts = ProfileFacts(name="Max", company="Brightline Solar", about=about, rules=("Never quote prices.",))
    talk = Talk(system=instructions_of(facts, "Be friendly."), tools=SERVER_TOOLS)
    answer = talk.script("what do you guys do")[1]
    assert "solar panels" in answer and "14,000" not in answer
