"""Turns of people of all kinds that a salesperson would not get wrong."""

import json

import pytest
from playbook_talk import Talk

from pipelines.playbook.extract.emails import find_email
from pipelines.playbook.tools import SERVER_TOOLS

AGREED = ("I'd like to book a demo", "tuesday at two", "Dan")
BOOKED = (*AGREED, "dan@acme.com", "yes")


def after(*said: str) -> tuple[Talk, str]:
    talk = Talk(tools=SERVER_TOOLS)
    return talk, talk.script(*said)[-1]


def arguments(talk: Talk, tool: str) -> list[dict[str, object]]:
    return [json.loads(call.arguments) for call in talk.called(tool)]


@pytest.mark.parametrize("yes", ["y", "ja", "y please"])
def test_a_letter_says_yes(yes: str) -> None:
    talk, _ = after(*AGREED, "dan@acme.com", yes)
    assert len(arguments(talk, "book_meeting")) == 1


@pytest.mark.parametrize(
    "said",
    [
        "you have my number",
        "just use this number",
        "call me on this number",
        "Yes, at this number.",
        "this number is fine",
    ],
)
def test_who_points_to_their_number_is_called_on_it_and_not_struck_off(said: str) -> None:
    talk, answer = after(*AGREED, said)
    assert "list" not in answer
    assert "number" in answer, "who types has none yet"
    assert "415 555 0132" in talk.say("+1 415 555 0132")
    assert [booking["start"] for booking in arguments(talk, "book_meeting")] == ["2026-11-24T14:00:00+00:00"]
    assert arguments(talk, "update_lead")[-1]["phone"] == "+14155550132"


def test_whether_an_address_is_needed_is_answered() -> None:
    _, answer = after(*AGREED, "do I have to give my email?")
    assert "invitation" in answer and "look" not in answer


@pytest.mark.parametrize(
    "said",
    [
        ("I have a meeting with you, I need to cancel", "tomorrow at 3 pm"),
        ("hi, I've got a demo tomorrow at 3 pm and I need to cancel it",),
        (*BOOKED, "thanks, oh sorry, cancel that too"),
    ],
)
def test_whoever_needs_to_cancel_is_offered_no_other_time(said: tuple[str, ...]) -> None:
    talk, answer = after(*said)
    assert len(arguments(talk, "cancel_meeting")) == 1
    assert "10 AM" not in answer


def test_after_a_cancellation_a_new_one_can_be_had() -> None:
    _, answer = after(*BOOKED, "cancel my meeting", "ok and can I book a new one")
    assert "AM" in answer or "PM" in answer
    assert "voicemail" not in answer


def test_an_address_of_a_guest_is_the_guests() -> None:
    talk, answer = after(*BOOKED, "can my colleague raj@dev-ops.io join too?")
    assert "raj" not in answer
    assert talk.state.facts.email == "dan@acme.com"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (("how much is it?", "and for 40 people?"), "99"),
        (("what does it cost, my firstborn?",), "49 dollars"),
        (("ok english. how much",), "49 dollars"),
    ],
)
def test_what_it_costs_is_told(said: tuple[str, ...], part: str) -> None:
    assert part in after(*said)[1]


@pytest.mark.parametrize("asked", ["what is that in my time?", "is that in my time zone?"])
def test_by_which_clock_it_is_is_told(asked: str) -> None:
    assert "UTC" in after("I'd like to book a demo", asked)[1]


def test_what_time_it_is_is_no_question_about_the_product() -> None:
    assert "calls at once" not in after("I'd like to book a demo", "what time is it now?")[1]
    assert "Tuesday, November 24th at 2 PM" in after(*BOOKED, "what time is it now?")[1]


def test_who_comes_back_after_the_good_bye_is_heard() -> None:
    talk, answer = after(*BOOKED, "no thanks", "wait, could you make it at four?")
    assert "4 PM" in answer
    assert len(arguments(talk, "book_meeting")) == 2
    assert "oodbye" not in after(*BOOKED, "no thanks", "wait, could you make it half an hour later?")[1]


@pytest.mark.parametrize(
    "said", ["you people called me five times this week!", "who gave you my number, you called us twice"]
)
def test_a_complaint_is_no_need(said: str) -> None:
    talk, _ = after(said)
    assert talk.state.facts.need is None


def test_a_typed_address_needs_no_yes_of_somebody_who_leaves() -> None:
    talk, answer = after(*AGREED, "dan@acme.com", "thanks, bye")
    assert len(arguments(talk, "book_meeting")) == 1
    assert "oodbye" in answer


def test_no_time_is_promised_beside_a_colleague_who_comes_now() -> None:
    _, answer = after("I want to talk to a human", "tomorrow at ten")
    assert "10 AM" not in answer


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("John Smith", "no, not John, Jon without h"),
        ("Jon Smith", "no, not John, Jon without h"),
        ("John Smith", "sorry, not John but Jon"),
        ("John Smith", "it's not John, it's Jon"),
    ],
)
def test_a_name_is_put_right(name: str, said: str) -> None:
    talk, answer = after(*AGREED[:2], name, said)
    assert talk.state.facts.name == "Jon Smith"
    assert "e-mail" in answer
    assert "Jon" in talk.say("what name did you put?")


@pytest.mark.parametrize("said", ["lunchtime on monday", "a fortnight from thursday, 16h"])
def test_a_day_is_no_name(said: str) -> None:
    talk, _ = after(*AGREED[:2], said)
    assert talk.state.facts.name is None


def test_an_hour_is_said_as_elsewhere_in_europe() -> None:
    talk, answer = after("I'd like to book a demo", "friday, 16h")
    assert "Friday, November 27th at 4 PM" in answer
    assert "Thursday, November 26th at 2 PM" in talk.say("no, thursday 14 Uhr")


def test_whether_there_are_documents_is_known() -> None:
    assert "documentation" in after("is your API documented?")[1]


def test_the_front_desk_is_told_who_calls() -> None:
    _, answer = after("Good morning, Baker and Sons, how can I help?")
    assert "Ava" in answer
    _, answer = after("He's not in right now, who's calling?")
    assert "Ava" in answer
    assert "How many people" not in answer


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("a o i f e at t c d dot i e", "aoife@tcd.ie"),
        ("j o at b b c dot c o dot u k", "jo@bbc.co.uk"),
        ("a-o-i-f-e dot b as in bravo at tcd dot ie", "aoife.b@tcd.ie"),
        ("it's jean-luc at acme dot com", "jean-luc@acme.com"),
    ],
)
def test_an_address_is_spelled(said: str, address: str) -> None:
    assert find_email(said) == address


def test_the_time_a_meeting_had_is_known_when_it_is_moved() -> None:
    _, answer = after("I need to move my meeting", "it was friday at ten", "next monday same time")
    assert "Great, Monday, November 30th at 10 AM" in answer or "Monday, November 30th at 10 AM." in answer
