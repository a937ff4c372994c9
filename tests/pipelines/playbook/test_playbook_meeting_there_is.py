"""A caller who has a meeting from before: the calendar refuses a second, and the playbook asks what is wanted."""

import json
from typing import Any

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS

REFUSED = json.dumps(
    {
        "error": {
            "code": "already_booked",
            "message": "The caller has a meeting on Thursday, November 26th at 10 AM already. Ask whether to move it;"
            " then book again with if_booked.",
        }
    }
)
AGREED = ("I'd like to book a demo", "tomorrow at two", "Jane Doe", "jane@acme.com", "yes")


def talk_to_somebody_booked() -> tuple[Talk, str]:
    """They agreed to Tuesday at two; what they are told."""
    talk = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": REFUSED})
    said = talk.script(*AGREED)[-1]
    talk.outputs = {}
    return talk, said


def arguments(talk: Talk) -> list[dict[str, Any]]:
    return [json.loads(call.arguments) for call in talk.called("book_meeting")]


def test_they_are_told_and_asked() -> None:
    talk, said = talk_to_somebody_booked()
    assert "Thursday, November 26th at 10 AM" in said
    assert "Tuesday, November 24th at 2 PM" in said
    assert said.endswith("?")
    assert [call.get("if_booked") for call in arguments(talk)] == [None]


@pytest.mark.parametrize(
    ("answer", "start"),
    [("yes please", "2026-11-24T14:00"), ("Wednesday at ten would be better", "2026-11-25T10:00")],
)
def test_it_is_moved(answer: str, start: str) -> None:
    talk, _ = talk_to_somebody_booked()
    said = talk.say(answer)
    again = arguments(talk)[1]
    assert (again["start"][:16], again["if_booked"]) == (start, "move")
    assert start[8:10].lstrip("0") in said


@pytest.mark.parametrize("answer", ["no", "no, leave it please", "no thanks"])
def test_it_stays(answer: str) -> None:
    talk, _ = talk_to_somebody_booked()
    assert "?" in talk.say(answer)
    talk.say("no, that's all")
    assert len(arguments(talk)) == 1


def test_both_are_wanted() -> None:
    talk, _ = talk_to_somebody_booked()
    talk.say("no, book it as well")
    if len(arguments(talk)) == 1:
        talk.say("yes")
    assert arguments(talk)[1]["if_booked"] == "add"


def test_a_meeting_made_in_this_talk_is_moved_when_another_time_is_wanted() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*AGREED, "sorry, can we reschedule to Wednesday at ten?")
    _, again = arguments(talk)
    assert (again["start"][:16], again["if_booked"]) == ("2026-11-25T10:00", "move")


def talk_to_somebody_who_named_an_address() -> tuple[Talk, str]:
    """Somebody has a meeting under it, and nobody knows whether it is they."""
    refused = {"code": "address_has_meeting", "message": "There is a meeting under that address already."}
    talk = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": json.dumps({"error": refused})})
    said = talk.script(*AGREED)[-1]
    talk.outputs = {}
    return talk, said


def test_a_meeting_that_is_not_told_of_is_not_moved() -> None:
    talk, said = talk_to_somebody_who_named_an_address()
    assert "under that address already" in said
    assert said.count("Tuesday, November 24th at 2 PM") == 1
    talk.say("yes please")
    again = arguments(talk)[1]
    assert (again["start"][:16], again["if_booked"]) == ("2026-11-24T14:00", "add")


@pytest.mark.parametrize("answer", ["no", "no thanks"])
def test_one_that_is_not_told_of_can_stay_the_only_one(answer: str) -> None:
    talk, _ = talk_to_somebody_who_named_an_address()
    assert "?" in talk.say(answer)
    talk.say("no, that's all")
    assert len(arguments(talk)) == 1


def test_a_meeting_that_was_moved_is_where_it_was_moved_to() -> None:
    talk, _ = talk_to_somebody_booked()
    talk.say("yes please")
    talk.say("I need to reschedule")
    assert "on Tuesday, November 24th at 2 PM" in talk.say("when is my meeting?")
    talk.say("cancel my meeting")
    (call,) = talk.called("cancel_meeting")
    assert json.loads(call.arguments)["start"].startswith("2026-11-24T14:00")


def test_the_same_time_on_the_day_that_was_offered_moves_the_meeting() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(
        "book me for thursday at 4", "ann@lee.org", "yes that's right", "actually friday is better", "same time"
    )
    starts = [json.loads(call.arguments)["start"] for call in talk.called("book_meeting")]
    assert starts == ["2026-11-26T16:00:00+00:00", "2026-11-27T16:00:00+00:00"]


def test_who_can_book_no_more_is_told_of_a_person() -> None:
    full = json.dumps({"error": {"code": "too_many_meetings", "message": "There are as many ahead as can be booked."}})
    talk = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": full})
    said = talk.script(*AGREED)[-1]
    assert "person" in said
    assert not any(word in said for word in ("2 PM", "10 AM", "tomorrow")), "no other time is offered"
    talk.say("Then get me a person, please")
    assert talk.called("handoff_to_person")
    assert len(talk.called("book_meeting")) == 1
