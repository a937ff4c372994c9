"""Answers of a word or two, which mean what was asked."""

import pytest
from playbook_talk import TELEPHONE, Talk

from pipelines.playbook.tools import SERVER_TOOLS


def test_just_me_decides_and_is_no_team_of_one() -> None:
    talk = Talk()
    said = talk.script("we need help with calls, we are 25 people", "2000 a month", "just me")
    assert "up to you" in said[3]
    assert (talk.state.facts.team_size, talk.state.facts.authority) == (25, "self")


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("not much budget honestly", "budget", "none yet"),
        ("money is tight", "budget", "none yet"),
        ("I own the place", "authority", "self"),
        ("soon as possible", "timing", "soon as possible"),
        ("not really sure we need that", "need", None),
        ("we don't want to miss calls any more", "need", "we don't want to miss calls any more"),
        ("we're a dental clinic, 3 receptionists", "team_size", 3),
        ("lisa underscore 92 at gmail", "email", "lisa_92@gmail.com"),
    ],
)
def test_facts_nobody_asked_for(said: str, field: str, value: object) -> None:
    talk = Talk()
    talk.script(said)
    assert getattr(talk.state.facts, field) == value


def test_who_keeps_the_address_is_booked_without() -> None:
    talk = Talk(system=TELEPHONE, tools=SERVER_TOOLS)
    talk.script(
        "book a demo please", "tuesday at ten", "Jane Doe", "you don't need my email", "no I won't give you my email"
    )
    assert talk.called("book_meeting")


def test_just_the_one() -> None:
    talk = Talk()
    talk.script("we need help with calls", "just the one")
    assert talk.state.facts.team_size == 1


def test_no_I_mean_is_no_answer() -> None:
    talk = Talk()
    talk.script("we need help with calls, we are 25 people", "no I mean per month in total")
    assert talk.state.facts.budget is None


@pytest.mark.parametrize(("said", "leaves"), [("yep", False), ("ok thanks", True), ("great, thank you so much", True)])
def test_whether_there_is_anything_else(said: str, leaves: bool) -> None:
    talk = Talk()
    asked = talk.script("book a demo please", "tuesday at ten", "Jane Doe", "jane@acme.com", "yes")[-1]
    assert "anything else" in asked.lower()
    assert ("Goodbye" in talk.say(said)) is leaves


def test_what_they_earn_is_no_budget() -> None:
    talk = Talk()
    talk.script("we miss calls, 20 reps", "two hundred thousand revenue per month")
    assert talk.state.facts.budget is None


def test_who_gives_a_title_is_called_by_it() -> None:
    talk = Talk()
    talk.script("book a demo please", "tuesday at ten")
    assert "Thanks, Dr Patel." in talk.say("dr. Nina Patel")


def test_a_quarter_is_no_budget() -> None:
    talk = Talk()
    talk.script("we need help with calls, we are 25 people", "Q1")
    assert talk.state.facts.budget is None


def test_who_says_good_bye_in_another_language_is_let_go() -> None:
    said = Talk().script("we need help with calls", "gracias, bye")
    assert "Goodbye" in said[2]
