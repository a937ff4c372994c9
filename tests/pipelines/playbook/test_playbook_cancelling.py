"""A caller who would cancel a meeting of which the talk knows nothing, and one who wants none after all."""

import json

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS

NOT_THEIRS = json.dumps({"error": {"code": "unknown_booking", "message": "No meeting at that time is the caller's."}})
OFFERS = ("I'd like to book a demo", "tomorrow at 8 pm")


def starts(talk: Talk) -> list[str]:
    return [json.loads(call.arguments)["start"] for call in talk.called("cancel_meeting")]


@pytest.mark.parametrize(
    "words",
    [
        ("Cancel my appointment", "tomorrow at 3"),
        ("I'd like to cancel my appointment.", "It's tomorrow at three."),
        ("Please cancel my appointment tomorrow at 3",),
    ],
)
def test_the_time_they_name_is_that_of_the_meeting(words: tuple[str, ...]) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*words)
    assert starts(talk) == ["2026-11-24T15:00:00+00:00"]
    assert "cancelled" in said[-1] or "off the calendar" in said[-1]
    assert talk.say("that's all").count("?") == 0


def test_one_that_is_not_theirs_is_left_and_another_time_is_a_wish_again() -> None:
    talk = Talk(tools=SERVER_TOOLS, outputs={"cancel_meeting": NOT_THEIRS})
    _, asked, told = talk.script("Cancel my appointment", "tomorrow at 3")
    assert "what" in asked and "time" in asked
    assert "invitation" in told
    assert "10 AM" in talk.say("can we meet tomorrow at ten?")
    assert len(starts(talk)) == 1


@pytest.mark.parametrize("words", [("tomorrow",), ("cancel my appointment",), ("I'm not sure",)])
def test_nobody_is_asked_twice(words: tuple[str, ...]) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "invitation" in talk.script("Cancel my appointment", *words)[-1]
    assert starts(talk) == []


def test_who_wants_another_time_cancels_nothing() -> None:
    for words in (("Cancel my appointment", "let's meet on thursday at two instead"),
                  ("Please cancel my appointment tomorrow at 3 and make it thursday",)):  # fmt: skip
        talk = Talk(tools=SERVER_TOOLS)
        assert "Thursday" in talk.script(*words)[-1] or "another time" in talk.replies[-1].text
        assert starts(talk) == []


@pytest.mark.parametrize(
    "words",
    [
        ("never mind, just email me at jane@acme.com", "yes"),
        ("forget the meeting, my email is jane@acme.com", "yes"),
        ("jane@acme.com", "yes", "never mind, forget it"),
        ("jane@acme.com", "yes", "no, I don't want a meeting any more"),
    ],
)
def test_who_gives_up_a_meeting_for_an_address_is_offered_no_more_times(words: tuple[str, ...]) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*OFFERS, *words)[-1]
    assert "anything else" in said.lower()
    assert "PM" not in said
    assert "PM" not in talk.say("no")


@pytest.mark.parametrize("words", ["just send the invitation to jane@acme.com", "jane@acme.com"])
def test_an_address_alone_gives_nothing_up(words: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "PM" in talk.script(*OFFERS, words, "yes")[-1]


def test_after_one_is_cancelled_the_next_is_a_new_one() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*OFFERS[:1], "tuesday at two", "Jane Doe", "jane@acme.com", "yes", "can we reschedule")
    talk.say("cancel my appointment")
    assert starts(talk) == ["2026-11-24T14:00:00+00:00"]
    talk.say("I'd like to book a demo")
    assert "othing is booked" in talk.say("never mind, forget it")
