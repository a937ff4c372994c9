"""Who only answers the telephone takes a message: who called, what about, and how to call back."""

import json

import pytest
from playbook_talk import Talk

from pipelines.playbook.opening_words import OUR_CALL
from pipelines.playbook.tools import SERVER_TOOLS

OUR_CALL_TOLD = (
    f'{OUR_CALL} The reason of your call: the trial you asked for. Open with "Hello, this is Ava." They may hang up.'
)


@pytest.mark.parametrize(
    "offer",
    [
        "I'm afraid he's in a meeting. Can I take a message?",
        "She's in court today, do you want to leave a message?",
        "the doctor isn't available, would you like to leave a message",
        "can I take a message",
        "you can leave a message with me",
        "shall I give him a message",
    ],
)
def test_a_message_is_left_with_who_called_and_what_about(offer: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("Good morning, Hartley and Sons, this is Denise, how may I direct your call?", offer)[2]
    assert "Ava" in answer and "Acme Voice" in answer and "phone line" in answer
    assert "oodbye" not in answer
    assert talk.state.facts.need is None


def test_a_message_of_our_own_call_says_its_reason_and_that_they_can_call_back() -> None:
    talk = Talk(system=OUR_CALL_TOLD, tools=SERVER_TOOLS)
    answer = talk.script("Miller law office", "she's out today, can I take a message?")[2]
    assert "the trial you asked for" in answer
    assert "this number" in answer


@pytest.mark.parametrize(
    "taken", ["okay, I'll let him know", "alright I'll pass that on", "ok will do", "sure, got it", "okay"]
)
def test_who_has_taken_it_is_thanked_and_left(taken: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("this is Denise, how can I help?", "he's not in right now, can I take a message?")
    answer = talk.say(taken)
    assert "Thank" in answer and answer.endswith("oodbye.") and "?" not in answer
    assert not talk.called("search_knowledge")


def test_what_the_front_desk_asks_is_answered_before_and_after() -> None:
    talk = Talk(system=OUR_CALL_TOLD, tools=SERVER_TOOLS)
    talk.script("Doctor's office", "he's with a patient, can I take a message?")
    assert "Ava" in talk.say("and who's calling again?")
    assert "number, the one I'm calling from" in talk.say("and a number where he can reach you?")
    assert "trial" in talk.say("what's it about?")
    assert talk.say("anything else?").endswith("oodbye.")


def test_who_named_herself_and_says_that_he_is_out_is_not_asked_how_large_the_team_is() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("Bluebird Veterinary, this is Sam", "he's not in right now")[2]
    assert "people" not in answer and "team" not in answer
    assert talk.state.facts.need is None


def test_please_hold_is_no_need() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("Doctor's office, please hold")[1]
    assert "?" not in answer
    assert talk.state.facts.need is None
    assert "Ava" in talk.say("thanks for holding, how can I help you")


def test_the_message_is_noted() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("he's in a meeting, can I take a message?", "okay I'll tell him")
    assert json.loads(talk.called("update_lead")[-1].arguments)["outcome"] == "call_back"


def test_a_long_talk_with_the_front_desk_ends_in_thanks() -> None:
    talk = Talk(system=OUR_CALL_TOLD, tools=SERVER_TOOLS)
    talk.script("hello", "hm", "yes", "okay", "mhm", "he's out today, would you like to leave a message?")
    talk.say("what's it about?")
    assert "Thank" in talk.say("alright I'll pass that on bye")
