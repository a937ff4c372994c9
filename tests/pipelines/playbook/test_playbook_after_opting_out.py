"""Who is off the list and goes on talking: answered, never asked or sold anything; the list stays as it is."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


def opted_out(*before: str) -> Talk:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*before, "stop calling me")
    return talk


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("how much does it cost anyway?", "49 dollars"),
        ("who are you?", "Ava"),
        ("what is this about?", "phone line"),
        ("are you a robot?", "AI"),
        ("what do you know about me?", "20 people"),
        ("how long do you keep recordings?", "ninety days"),
        ("what is the capital of France?", "don't know"),
        ("do you support SSO with Okta?", "don't know"),
    ],
)
def test_what_they_ask_is_answered_and_nothing_is_asked(asked: str, answer: str) -> None:
    talk = opted_out("we're a team of 20 people")
    said = talk.say(asked)
    assert answer in said
    assert "?" not in said
    assert "specialist" not in said
    assert [call.name for call in talk.calls] == ["opt_out"]


@pytest.mark.parametrize("said", ["ok let's book a demo then", "can we meet tomorrow at ten?"])
def test_a_wish_to_meet_does_not_undo_it(said: str) -> None:
    talk = opted_out()
    answer = talk.say(said)
    assert "colleague" in answer and "?" not in answer
    assert not talk.called("book_meeting")


def test_a_meeting_can_still_be_cancelled() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", "tuesday at ten", "Jane Doe", "jane@acme.com", "yes", "stop calling me")
    said = talk.say("and cancel my meeting")
    assert talk.called("cancel_meeting")
    assert "?" not in said


def test_a_person_is_still_fetched() -> None:
    talk = opted_out()
    talk.say("let me talk to a person")
    assert talk.called("handoff_to_person")


@pytest.mark.parametrize("said", ["thanks", "bye", "okay"])
def test_thanks_and_good_bye_get_a_good_bye(said: str) -> None:
    assert "oodbye" in opted_out().say(said)


@pytest.mark.parametrize(
    "said", ["take me off then", "yes", "please do", "take me off", "yes take me off the list", "take us off please"]
)
def test_an_answer_to_the_question_whether_to_be_taken_off(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    asked = talk.script("what the hell, you people called me three times today")
    assert "off our list" in asked[1]
    talk.say(said)
    assert talk.called("opt_out")


@pytest.mark.parametrize(
    "said",
    [
        "please call me again tomorrow", "I called three times and nobody answered", "our leads get called three times",
        "my reps call me every day", "you called me yesterday, thanks for that",
    ],
)  # fmt: skip
def test_to_speak_of_calls_is_no_complaint_of_them(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "off our list" not in talk.script(said)[1]


def test_data_are_deleted_by_a_person() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("please delete my data")[1]
    assert talk.called("request_erasure") and not talk.called("handoff_to_person")
    assert "not" in said or "colleague" in said or "passing" in said or "writing" in said


def test_data_are_deleted_by_a_person_where_no_request_can_be_noted() -> None:
    talk = Talk(tools=tuple(tool for tool in SERVER_TOOLS if tool.name != "request_erasure"))
    talk.script("please delete my data")
    assert talk.called("handoff_to_person")


@pytest.mark.parametrize("asked", ["can I delete my data?", "how do I delete my recordings?"])
def test_a_question_about_deleting_is_one_about_the_product(asked: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "days" in talk.script(asked)[1]
    assert not talk.called("handoff_to_person")


@pytest.mark.parametrize("asked", ["are you recording this?", "is this call recorded?", "are you recording?"])
def test_whether_it_records_is_another_question_than_what_it_is(asked: str) -> None:
    assert "ecording is off" in Talk().script(asked)[1]


@pytest.mark.parametrize("asked", ["is this a recording?", "are you a recording?"])
def test_whether_it_is_a_recording(asked: str) -> None:
    assert "AI" in Talk().script(asked)[1]
