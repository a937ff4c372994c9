"""Callers who change their mind about when, name another clock, or say in passing what was not asked."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playbook_talk import MONDAY, TELEPHONE, Talk

from pipelines.playbook.tools import SERVER_TOOLS

WHO = ("Jane Doe", "jane@acme.com", "yes")
BOOKED = ("I'd like to book a demo", "tuesday at ten", *WHO)


def meetings(talk: Talk) -> list[tuple[str, str | None]]:
    """Start and what becomes of a meeting there is, by call."""
    calls = [json.loads(call.arguments) for call in talk.called("book_meeting")]
    return [(arguments["start"][:16], arguments.get("if_booked")) for arguments in calls]


@pytest.mark.parametrize(
    ("said", "start"),
    [
        (("tuesday", "no, make it wednesday, two o'clock", "no sorry, the first time was better"), "2026-11-24T10:00"),
        (("tuesday at ten", "actually the other one"), "2026-11-25T14:00"),
        (("tuesday at ten", "not friday", "thursday then", "the second one"), "2026-11-26T14:00"),
        (("end of the week works", "the first one"), "2026-11-26T10:00"),
        (("a week from tuesday", "the second"), "2026-12-01T14:00"),
        (("tuesday doesn't work, what about wednesday", "four"), "2026-11-25T16:00"),
        (("thursday first thing",), "2026-11-26T10:00"),
        (("wed 10",), "2026-11-25T10:00"),
        (("early next month", "the first one"), "2026-12-01T10:00"),
        (("not in the morning",), "2026-11-25T14:00"),
    ],
)
def test_the_time_that_was_meant_is_booked(said: tuple[str, ...], start: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", *said, *WHO)
    assert meetings(talk) == [(start, None)]


def test_a_meeting_is_moved_to_where_it_is_wanted_and_not_to_where_it_is() -> None:
    said = Talk().script("I have a meeting with you tomorrow but I need to push it to next week")
    assert "November 30th" in said[1]


def test_another_day_after_booking_moves_it() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*BOOKED, "can we do wednesday at two?")
    assert meetings(talk) == [("2026-11-24T10:00", None), ("2026-11-25T14:00", "move")]


def test_a_second_meeting_stands_beside_the_first() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*BOOKED, "and book wednesday at two as well")
    assert meetings(talk) == [("2026-11-24T10:00", None), ("2026-11-25T14:00", "add")]


def test_a_day_that_has_passed_is_called_so() -> None:
    said = Talk().script("I'd like to book a demo", "how about yesterday at 3")
    assert "passed" in said[2] or "over" in said[2]


@pytest.mark.parametrize(
    "said", ["can you do wednesday at two?", "noon on thursday", "can you call me tomorrow at four?"]
)
def test_a_time_named_unasked_is_a_wish_to_meet(said: str) -> None:
    assert "off_topic" not in (reply := Talk().script(said)[1])
    assert "th at" in reply


def test_another_clock_is_understood_and_ours_is_named() -> None:
    talk = Talk(tools=SERVER_TOOLS, clock=lambda: MONDAY.astimezone(ZoneInfo("Europe/Berlin")))
    said = talk.script("I'd like to book a demo", "thursday at 10 am eastern", *WHO)
    assert "4 PM Berlin time" in said[2]
    assert datetime.fromisoformat(json.loads(talk.called("book_meeting")[0].arguments)["start"]).hour == 16


def test_which_clock_it_is_is_told() -> None:
    talk = Talk(clock=lambda: MONDAY.astimezone(ZoneInfo("Europe/Berlin")))
    assert "Berlin time" in talk.script("I'd like to book a demo", "what time zone is that?")[2]


def test_what_is_to_be_had_is_told_as_often_as_it_is_asked() -> None:
    said = Talk().script(
        "I'd like to book a demo",
        "saturday?",
        "sunday evening?",
        "monday at 7 am?",
        "8 pm?",
        "what do you have monday?",
    )
    assert "Monday, November 30th" in said[6]


def test_an_address_told_in_passing_does_not_end_the_search_for_a_time() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("I'd like to book a demo", "jane@acme.com", "yes", "wednesday at two", "Jane")
    assert "November" in said[3]
    assert meetings(talk) == [("2026-11-25T14:00", None)]


def test_what_was_learned_meanwhile_is_no_refusal_to_name_a_time() -> None:
    said = Talk().script(
        "I'd like to book a demo", "we're a team of 30", "our budget is 500 a month", "I make the decision"
    )
    assert "specialist" not in said[4] and "e-mail" not in said[4]


def test_who_takes_leave_with_the_last_yes_is_let_go() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(*BOOKED[:-1], "yes bye")
    assert meetings(talk)
    assert "oodbye" in said[-1] and "?" not in said[-1]


def test_without_an_address_it_is_booked_all_the_same() -> None:
    talk = Talk(system=TELEPHONE, tools=SERVER_TOOLS)
    talk.script("I'd like to book a demo", "tuesday at ten", "Raj", "I don't have email")
    assert meetings(talk) == [("2026-11-24T10:00", None)]


@pytest.mark.parametrize("said", ["Jane Doe, jane@acme.com", "Jane Doe jane@acme.com", "it's Jane Doe, jane@acme.com"])
def test_a_name_is_heard_with_the_address(said: str) -> None:
    talk = Talk()
    talk.script("I'd like to book a demo", "tuesday at ten", said)
    assert (talk.state.facts.name, talk.state.facts.email) == ("Jane Doe", "jane@acme.com")


def test_a_time_told_with_the_address_is_heard() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("send an invite to dev@startup.io for tuesday at ten", "Dana", "yes")
    assert meetings(talk) == [("2026-11-24T10:00", None)]
