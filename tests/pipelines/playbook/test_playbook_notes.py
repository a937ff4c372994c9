"""What is learned is noted while the talk goes on: a caller may hang up after any word."""

import json

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS

BOOKED = ("i'd like to book a demo", "tuesday at ten", "jane@acme.com", "yes that's right")


def noted(talk: Talk) -> list[dict[str, object]]:
    return [json.loads(call.arguments) for call in talk.called("update_lead")]


def test_what_is_said_after_the_booking_is_noted_too() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*BOOKED, "my name is Jane Miller", "we are forty people")
    assert "name" not in noted(talk)[0]
    assert noted(talk)[-1]["name"] == "Jane Miller"
    assert noted(talk)[-1]["team_size"] == 40
    assert len(set(said)) == len(said)


def test_a_note_is_taken_once_and_needs_no_words() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*BOOKED, "my name is Jane Miller")
    before = len(noted(talk))
    said.append(talk.say("thanks"))
    assert len(noted(talk)) == before
    assert all(said)


def test_an_invitation_is_promised_only_where_one_goes_out() -> None:
    without = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": '{"booked": true, "invitation": "none is sent"}'})
    last = without.script(*BOOKED)[-1]
    assert "invitation" not in last.lower()
    assert "jane@acme.com" in last
    sent = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": '{"booked": true, "invitation": "goes out by e-mail"}'})
    assert "invitation" in sent.script(*BOOKED)[-1].lower()


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (("I'm busy, call me back later", "bye"), "call_back"),
        (("not interested", "no, I'm not interested"), "not_interested"),
    ],
)
def test_how_it_ended_is_noted_of_who_told_nothing_else(said: tuple[str, ...], outcome: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*said)
    assert json.loads(talk.called("update_lead")[0].arguments)["outcome"] == outcome
