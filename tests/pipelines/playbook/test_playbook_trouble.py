"""Who has the product already and trouble with it, who is angry, and who only looks: none of them is sold to."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


@pytest.mark.parametrize(
    "said",
    [
        "I want to cancel my subscription", "please close our account", "I want a refund", "we need our money back",
        "your bot keeps calling my customers twice", "your app crashed again", "your software isn't working",
        "I'm calling about the invoice I got last week, it's wrong", "there's a problem with my bill",
        "okay have them call me, 208-555-0147", "this is unacceptable", "I'd like to file a complaint", "I'm really angry now",
    ],
)  # fmt: skip
def test_trouble_is_for_a_colleague(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(said)
    assert talk.called("handoff_to_person")


@pytest.mark.parametrize(
    "said",
    [
        "can I cancel my subscription at any time?", "do you give refunds?", "what if it crashes",
        "our current software isn't working", "does your software work with hubspot",
        "our customers are angry about the waiting time",
            "does your system keep recordings", "so your tool doesn't integrate with SAP?", "49? that's ridiculous",
            "your software doesn't work with hubspot?", "it's ridiculous how many calls we miss",
    ],
)  # fmt: skip
def test_what_only_sounds_alike_is_talked_about(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(said)
    assert not talk.called("handoff_to_person")


def test_who_is_angry_is_told_sorry_first() -> None:
    talk = Talk()
    said = talk.script("this is ridiculous, your bot keeps calling my customers twice")
    assert "sorry" in said[1]
    assert "colleague" in said[1]


@pytest.mark.parametrize("said", ["just browsing really", "we're only looking around for now", "no, I'm just curious"])
def test_who_only_looks_is_not_qualified(said: str) -> None:
    talk = Talk()
    answers = talk.script(said, "what does it cost", "ok, let's meet tuesday at 2")
    assert not answers[1].endswith("?")
    assert "49 dollars" in answers[2]
    assert not any(word in answers[2] for word in ("budget", "team", "decision"))
    assert "Tuesday, November 24th at 2 PM" in answers[3]


def test_each_of_two_questions_is_answered() -> None:
    said = Talk().script(
        "two quick questions. one, do you integrate with salesforce, two, is there a free trial",
        "is it secure and do you have an API?",
    )
    assert "Salesforce" in said[1]
    assert "trial" in said[1]
    assert "encrypted" in said[2]
    assert "API" in said[2]
    assert "99.98 percent" in Talk().script("what's your SLA and do you have an API?")[1]
    both = Talk().script("Hi, what does it cost for a team of forty people, and how soon can we begin?")[1]
    assert "49 dollars" in both
    assert "within a day" in both


def test_the_very_thing_asked_for_is_answered() -> None:
    assert "HIPAA" in Talk().script("is it HIPAA compliant")[1]
    said = Talk().script("what about hipaa?", "what languages do you support?", "does it do german?")
    assert "HIPAA" in said[1]
    assert said[2].startswith("It speaks English")
    assert "German" in said[3]


def test_a_name_given_in_place_of_a_yes_is_one() -> None:
    talk = Talk()
    talk.script("let's meet tuesday at 2", "jane@foo.io", "Jane Miller")
    assert talk.state.facts.name == "Jane Miller"


@pytest.mark.parametrize("said", ["we use five9 right now", "we're on 8x8", "we have 3cx"])
def test_a_number_in_the_name_of_a_product_is_no_team(said: str) -> None:
    talk = Talk()
    talk.script("we miss calls after hours", said)
    assert talk.state.facts.team_size is None


def test_what_rules_us_out_is_no_reason_to_ask_on() -> None:
    said = Talk().script("we're a clinic", "are you HIPAA compliant?", "hmm that's a dealbreaker then")
    assert not any(word in said[3] for word in ("team", "budget", "decision", "start", "in place"))
    assert "anything else" in said[3].lower() or "else you" in said[3].lower()


@pytest.mark.parametrize("said", ["not convinced", "I'm still skeptical", "I'm not sold on this"])
def test_who_doubts_is_offered_to_see_it(said: str) -> None:
    talk = Talk()
    talk.script("what does it do", said)
    assert talk.state.asked.expecting == "time_slot"


@pytest.mark.parametrize(
    "said", ["Spanish please", "do you speak Spanish?", "can we do this in Spanish", "¿hablas español?"]
)
def test_who_would_rather_speak_another_language_is_told_at_once(said: str) -> None:
    assert "English" in Talk().script(said)[1]


def test_who_asks_whether_anybody_is_there_after_opting_out_is_answered() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "Goodbye" in talk.script("take me off your list", "you there?")[2]
