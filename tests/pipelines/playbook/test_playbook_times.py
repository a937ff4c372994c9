"""Which time is meant, from what was said before."""

import json

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS

BOOKED = ("I'd like to book a demo", "wednesday at four", "Jane Doe", "jane@acme.com", "yes")


def booked_at(talk: Talk) -> list[str]:
    return [json.loads(call.arguments)["start"][:16] for call in talk.called("book_meeting")]


def test_an_hour_is_on_the_day_that_was_talked_about() -> None:
    talk = Talk()
    said = talk.script("I'd like to book a demo", "thursday afternoon", "four o'clock")
    assert "Thursday, November 26th at 4 PM" in said[3]


def test_one_that_is_taken_leads_to_others_of_that_day() -> None:
    said = Talk().script("I'd like to book a demo", "thursday afternoon", "three thirty")
    assert "Thursday, November 26th at 2 PM, or 4 PM" in said[3]


def test_the_same_time_on_another_day() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*BOOKED, "actually can we make it thursday instead", "same time")
    assert "Thursday, November 26th at 4 PM" in said[6]
    assert booked_at(talk) == ["2026-11-25T16:00", "2026-11-26T16:00"]


@pytest.mark.parametrize(("said", "offers"), [("after 3", "4 PM"), ("tuesday before noon", "10 AM")])
def test_not_before_and_not_after(said: str, offers: str) -> None:
    assert offers in Talk().script("I'd like to book a demo", said)[2]


def test_a_day_asked_about_is_no_question_for_the_knowledge() -> None:
    said = Talk().script("I'd like to book a demo", "what about monday the 30th?")
    assert "Monday, November 30th" in said[2]


@pytest.mark.parametrize(
    ("said", "at"), [("four o'clock", "2026-11-26T16:00"), ("two hours later", "2026-11-26T16:00")]
)
def test_a_second_thought_about_the_hour_is_no_name(said: str, at: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", "thursday at two", said, "Jane Doe", "jane@acme.com", "yes")
    assert booked_at(talk) == [at]
    assert talk.state.facts.name == "Jane Doe"


def test_an_hour_earlier_than_what_is_booked() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*BOOKED, "can you make it two hours earlier")
    assert booked_at(talk)[1:] == ["2026-11-25T14:00"]


def test_an_hour_is_no_budget() -> None:
    talk = Talk()
    talk.script("we miss calls, 60 people")
    assert "2 dollars" not in talk.say("ok thursday at 2")
    assert talk.state.facts.budget is None


def test_a_meeting_is_cancelled_and_another_made() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*BOOKED, "actually cancel that meeting", "hm, book me thursday at two then")
    assert "cancelled" in said[6] or "off the calendar" in said[6]
    (call,) = talk.called("cancel_meeting")
    assert json.loads(call.arguments) == {"start": "2026-11-25T16:00:00+00:00"}
    assert booked_at(talk)[1:] == ["2026-11-26T14:00"]


def test_a_meeting_nobody_knows_of_is_not_called_cancelled() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "invitation" in talk.script("cancel my meeting please", "I don't know")[2]
    assert not talk.called("cancel_meeting")


def test_to_ask_about_cancelling_a_plan_cancels_no_meeting() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*BOOKED, "can I cancel any time?", "how do I cancel the subscription")
    assert not talk.called("cancel_meeting")


def test_a_day_beyond_the_calendar_leads_to_its_last() -> None:
    assert "Monday, December 7th" in Talk().script("I'd like to book a demo", "the 15th of december at 11")[2]
