"""What an agent asks for, in its own words and in those of other models, whole and cut short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intent.expectation import expected_answer
from pipelines.intent.labels import EXPECTED


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [
        ("Great! How many people are on your sales team?", "team_size"),
        ("Great. How many people are on", "team_size"),
        ("And what's your team size?", "team_size"),
        ("Do you have a budget in mind for this?", "budget"),
        ("How much were you looking to spend?", "budget"),
        ("Would you be the one who decides?", "authority"),
        ("Is anyone else involved in the decision?", "authority"),
        ("When would you like to start?", "timing"),
        ("When are you hoping to have something in place?", "timing"),
        ("Would Tuesday at 10 AM or Wednesday at 2 PM suit you better?", "time_slot"),
        ("How does next week look for a short demo?", "time_slot"),
        ("When would be a good time for a call?", "time_slot"),
        ("What's the best email to send the invite to?", "email"),
        ("Could you spell that for me?", "email"),
        ("I have jane dot doe at acme dot com. Is that right?", "confirmation"),
        ("So that's fifty people, correct?", "confirmation"),
        ("May I have your name, please?", "name"),
        ("Who am I speaking with?", "name"),
        ("Which company are you with?", "company"),
        ("Who would be the right person to talk to?", "referral"),
        ("Is there anything else I can help you with?", "anything_else"),
        ("Do you have a minute?", "permission"),
        ("Is now a good time?", "permission"),
        ("Hi, this is Ava. How can I help you today?", "need"),
        ("What's the biggest challenge your team has right now?", "need"),
        ("Thanks. What are you using today to make calls?", "need"),
        ("Is that the email you'd like to use? By the way, how many people are on your team?", "team_size"),
        ("May I have your name? And what's the best email to send the invite to?", "email"),
        ("What's the best email to send the invite to? Then I have all I need for the demo on Tuesday.", "email"),
        ("Have a great day!", None),
        ("Sure, take your time.", None),
        ("", None),
    ],
)
def test_the_last_question_counts(utterance: str, expected: str | None) -> None:
    assert expected_answer(utterance) == expected


@given(st.text(max_size=400))
def test_any_utterance_has_an_answer(utterance: str) -> None:
    assert expected_answer(utterance) in (None, *EXPECTED)
