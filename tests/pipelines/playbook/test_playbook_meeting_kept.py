"""A meeting that was booked in the talk stands until another is booked in its place, whatever is talked of meanwhile."""

import json

import pytest
from playbook_talk import MONDAY, Talk

from pipelines.playbook.model import Playbook
from pipelines.playbook.slots import business_slots
from pipelines.playbook.tools import SERVER_TOOLS

BOOKED = ("I'd like to book a demo", "tuesday at ten", "Jane Doe", "jane@acme.com", "yes")
TUESDAY, WEDNESDAY = "2026-11-24T10:00", "2026-11-25T14:00"
TAKEN = json.dumps({"error": {"code": "slot_taken", "message": "Somebody has just taken that time."}})


def booked(*said: str) -> tuple[Talk, str]:
    """A talk with a meeting on Tuesday at ten, and what was answered last."""
    talk = Talk(tools=SERVER_TOOLS)
    return talk, talk.script(*BOOKED, *said)[-1]


def meetings(talk: Talk) -> list[tuple[str, str | None]]:
    """Start and what becomes of a meeting there is, by call."""
    calls = [json.loads(call.arguments) for call in talk.called("book_meeting")]
    return [(arguments["start"][:16], arguments.get("if_booked")) for arguments in calls]


def cancelled(talk: Talk) -> list[str]:
    return [json.loads(call.arguments)["start"][:16] for call in talk.called("cancel_meeting")]


def outcomes(talk: Talk) -> list[str]:
    return [json.loads(call.arguments)["outcome"] for call in talk.called("update_lead")]


@pytest.mark.parametrize("asked", ["I need to reschedule", "can we find another time?"])
def test_it_is_known_while_another_time_is_looked_for(asked: str) -> None:
    _, said = booked(asked, "when is my meeting?")
    assert "Tuesday, November 24th at 10 AM" in said


def test_its_own_time_is_not_offered_instead() -> None:
    _, said = booked("I need to reschedule")
    assert "Tuesday, November 24th at 10 AM" not in said


@pytest.mark.parametrize(
    "words", ["no, leave it as it was", "no leave it", "never mind, keep it", "actually tuesday at ten is fine"]
)
def test_it_can_be_left_as_it_was(words: str) -> None:
    talk, said = booked("I need to reschedule", words)
    assert "stays" in said or "leave it there" in said
    assert talk.state.meeting.booked
    talk.say("no, that's all")
    assert meetings(talk) == [(TUESDAY, None)]
    assert outcomes(talk)[-1] == "meeting_booked"


def test_who_takes_leave_meanwhile_still_has_it() -> None:
    talk, said = booked("I need to reschedule", "hmm, I have to go, bye")
    assert "Tuesday, November 24th at 10 AM" in said
    assert "details" not in said
    assert outcomes(talk)[-1] == "meeting_booked"


@pytest.mark.parametrize("words", ["cancel my meeting", "I don't want the meeting any more"])
def test_it_is_what_is_cancelled_meanwhile(words: str) -> None:
    talk, _ = booked("I need to reschedule", words)
    assert cancelled(talk) == [TUESDAY]


def test_it_stands_when_the_other_time_cannot_be_had() -> None:
    talk, _ = booked()
    talk.outputs = {"book_meeting": TAKEN}
    talk.say("can we do wednesday at two?")
    assert "Tuesday, November 24th at 10 AM" in talk.say("when is my meeting?")
    talk.say("then leave it as it is")
    assert talk.state.meeting.booked
    assert meetings(talk) == [(TUESDAY, None), (WEDNESDAY, "move")]


def test_it_is_moved_back() -> None:
    talk, _ = booked("can we do wednesday at two?", "no sorry, leave it as it was")
    assert meetings(talk) == [(TUESDAY, None), (WEDNESDAY, "move"), (TUESDAY, "move")]


def test_times_that_are_taken_by_the_meeting_itself_are_known() -> None:
    talk, _ = booked()
    thursday = "2026-11-26T14:00"
    for said, moved in (("can we do thursday at two?", thursday), ("sorry, go back to the old time", TUESDAY)):
        talk.playbook = calendar_without(meetings(talk)[-1][0])
        talk.say(said)
        assert meetings(talk)[-1] == (moved, "move")


def calendar_without(taken: str) -> Playbook:
    """At this time there is the meeting."""
    free = [slot for slot in business_slots(MONDAY) if not slot.isoformat().startswith(taken)]
    return Playbook(clock=lambda: MONDAY, free_slots=lambda _: free)


def test_another_time_may_stand_beside_a_meeting_that_is_not_told_of() -> None:
    refused = {"code": "address_has_meeting", "message": "There is a meeting under that address already."}
    talk = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": json.dumps({"error": refused})})
    talk.script(*BOOKED)
    talk.outputs = {}
    talk.say("hmm, can we do wednesday at two instead?")
    assert meetings(talk)[-1] == (WEDNESDAY, "add")


@pytest.mark.parametrize("words", ["can we move it to four o'clock?", "can we make it four?"])
def test_another_hour_is_on_the_same_day(words: str) -> None:
    talk, _ = booked(words)
    assert meetings(talk)[1:] == [("2026-11-24T16:00", "move")]


def test_after_a_second_one_no_third_is_added() -> None:
    talk, _ = booked("and book wednesday at two as well", "can we make it thursday at ten?")
    assert [how for _, how in meetings(talk)] == [None, "add", "move"]
    assert json.loads(talk.called("book_meeting")[-1].arguments)["moves"].startswith(WEDNESDAY), "not the one before"


def test_what_was_only_agreed_on_is_never_cancelled() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", "tuesday at two", "please cancel my appointment tomorrow at 3")
    assert cancelled(talk) == ["2026-11-24T15:00"]
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", "tuesday at two", "please cancel my appointment tomorrow at 2")
    assert cancelled(talk) == []
