"""Whole conversations with different customers, typed and as a recogniser writes down what was said."""

import json
from datetime import UTC, datetime

from playbook_talk import TELEPHONE, Talk

from pipelines.playbook.state import State
from pipelines.playbook.tools import SERVER_TOOLS

TUESDAY_10 = datetime(2026, 11, 24, 10, tzinfo=UTC)


def booked(talk: Talk) -> State:
    """The state of a conversation that has to end with a meeting and a good-bye."""
    state = talk.state
    assert state.meeting.booked
    assert state.course.closed
    assert len(set(state.course.said)) == len(state.course.said)
    return state


def test_a_patient_caller_answers_one_question_after_another() -> None:
    talk = Talk()
    said = talk.script(
        "we miss a lot of calls after hours",
        "about a couple dozen reps",
        "around 2k a month",
        "yes that's me",
        "next quarter i think",
        "tuesday works",
        "Jane Doe",
        "jane dot doe at acme dot com",
        "yes",
        "no that's all thanks",
    )
    assert "AI" in said[0]
    assert said[-3].endswith("Is that right?")
    assert "jane dot doe at acme dot com" in said[-3]
    assert "Tuesday, November 24th at 10 AM" in said[-2]
    state = booked(talk)
    assert state.facts.team_size == 24
    assert state.facts.budget == "2,000 dollars a month"
    assert state.facts.authority == "self"
    assert state.facts.timing == "next quarter"
    assert state.facts.email == "jane.doe@acme.com"
    assert state.meeting.slot == TUESDAY_10


def test_somebody_who_says_it_all_in_one_breath_is_not_asked_again() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "Hi, this is Peter Hall from Brightline, we're 40 people, we keep missing calls, budget is about 3k a month and I make"
        " the decision, want it live by January",
        "can we do thursday at 2pm",
        "peter@brightline.io",
        "yes",
        "no thanks",
    )
    assert "40 people at Brightline" in said[1]
    assert not any(word in " ".join(said[1:]) for word in ("How many", "budget in mind", "decision be yours"))
    state = booked(talk)
    assert (state.facts.name, state.facts.company) == ("Peter Hall", "Brightline")
    arguments = json.loads(talk.called("book_meeting")[0].arguments)
    assert arguments["start"] == "2026-11-26T14:00:00+00:00"
    assert arguments["email"] == "peter@brightline.io"
    assert "Team: 40" in arguments["notes"]
    assert "Time chosen" not in arguments["notes"], "it would still say so once the meeting is moved"
    assert json.loads(talk.called("update_lead")[0].arguments)["budget"] == "3,000 dollars a month"


def test_a_caller_who_corrects_himself() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "we lose leads",
        "fifteen people",
        "no, fifty not fifteen",
        "two thousand a month",
        "actually make that three thousand",
        "yes",
        "in march",
        "monday at 2",
        "tom",
        "tom at acme dot com",
        "no it's tim at acme dot com",
        "yes",
        "no",
    )
    assert said[3].startswith("Sorry, 50.")
    state = booked(talk)
    assert state.facts.team_size == 50
    assert state.facts.budget == "3,000 dollars a month"
    assert (state.facts.name, state.facts.email) == ("Tom", "tim@acme.com")
    assert len(talk.called("book_meeting")) == 1


def test_a_bargain_hunter_with_a_boss() -> None:
    talk = Talk()
    said = talk.script(
        "hello",
        "we need better follow up on our leads",
        "fifteen",
        "that's too expensive",
        "five hundred a month",
        "i'd need to ask my boss",
        "friday at ten",
        "friday at four then",
        "maria garcia",
        "maria dot garcia at gmail dot com",
        "correct",
        "no",
    )
    assert "pay for itself" in said[4]
    state = booked(talk)
    assert state.facts.authority == "other"
    assert state.meeting.slot == datetime(2026, 11, 27, 16, tzinfo=UTC)


def test_somebody_who_only_wants_a_demo() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "i'd like to book a demo",
        "tomorrow afternoon",
        "the later one",
        "kate",
        "k a t e at globex dot io",
        "yes that's right",
    )
    assert "2 PM" in said[2]
    assert "4 PM" in said[2]
    assert talk.state.meeting.booked
    assert json.loads(talk.called("book_meeting")[0].arguments)["start"] == "2026-11-24T16:00:00+00:00"


def test_a_curious_caller_gets_answers_and_is_brought_back_to_the_question() -> None:
    talk = Talk()
    said = talk.script(
        "what is this about",
        "does it work with hubspot",
        "is my data safe",
        "what languages does it speak",
        "how long does setup take",
        "do you ship to mars",
        "ok we have ten people",
        "what's the capital of france",
        "no budget",
        "yes",
        "asap",
        "wednesday at two",
        "Lee",
        "lee@x.com",
        "yes",
        "no",
    )
    assert "HubSpot" in said[2]
    assert "encrypted" in said[3]
    assert "English" in said[4]
    assert "an hour" in said[5]
    assert "dollars" not in said[6]
    answered_alone = [2, 4]  # one thing asked after the other
    assert [at for at, text in enumerate(said[:12]) if not text.endswith("?")] == answered_alone
    assert booked(talk).facts.budget == "none yet"


def test_a_busy_man_is_called_back() -> None:
    talk = Talk(system=TELEPHONE)
    said = talk.script(
        "i'm in a meeting",
        "call me back on thursday at two",
        "it's John",
        "i'd rather not give my email",
        "no that's it",
    )
    assert "Thursday, November 26th at 2 PM" in said[2]
    assert booked(talk).facts.email is None


def test_a_suspicious_caller_is_won() -> None:
    talk = Talk()
    said = talk.script(
        "is this a scam", "ok go on", "we miss calls", "6", "1k", "me", "now", "the first one", "al", "al dot b at x dot co",
        "right", "no",
    )  # fmt: skip
    assert "passwords" in said[1]
    state = booked(talk)
    assert state.meeting.slot == TUESDAY_10
    assert state.facts.team_size == 6


def test_somebody_who_knows_nothing_is_not_pressed() -> None:
    talk = Talk()
    said = talk.script("i don't know", "no idea", "not sure", "i don't know", "no clue", "not sure", "no", "no")
    assert not any("didn't quite get" in text for text in said)
    assert talk.state.course.closed
    assert len(said) <= 9


def test_somebody_who_wants_it_in_writing() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("just send me an email", "sam at corp dot net", "yep", "no")
    assert "sam at corp dot net" in said[2]
    assert "sam at corp dot net" in said[-1]
    assert talk.state.course.closed
    assert json.loads(talk.called("update_lead")[0].arguments) == {
        "email": "sam@corp.net",
        "outcome": "information_requested",
    }


def test_somebody_who_has_no_time_now_wants_another_call() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("my name is sam", "i am busy, call me back later", "i said i have no time")
    assert talk.state.course.closed
    assert json.loads(talk.called("update_lead")[0].arguments)["outcome"] == "call_back"


def test_the_wrong_person_names_the_right_one() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("you've got the wrong guy I don't handle that here", "that would be Lisa in operations")
    assert "right person" in said[1]
    assert talk.state.course.closed
    assert json.loads(talk.called("update_lead")[0].arguments)["outcome"] == "referred"


def test_not_interested_twice_is_a_no() -> None:
    talk = Talk()
    said = talk.script("not interested", "i'm really not interested")
    assert said[1].endswith("?")
    assert talk.state.course.closed


def test_a_vendor_in_place_is_talked_about_once() -> None:
    talk = Talk()
    said = talk.script("we already have somebody doing that for us", "we're happy with what we have")
    assert said[1].endswith("?")
    assert talk.state.course.closed


def test_thinking_it_over_ends_politely() -> None:
    talk = Talk()
    said = talk.script("i need to think about it", "i need to ask my boss first")
    assert "short call" in said[1]
    assert talk.state.course.closed


def test_an_appointment_is_moved() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like a demo on tuesday at ten", "ann", "ann@x.com", "yes")
    assert talk.state.meeting.booked
    answer = talk.say("actually can we move the demo to another day")
    assert answer.endswith("?")
    answer = talk.say("friday at ten")
    assert "Friday, November 27th at 10 AM" in answer
    assert "Instead of: Tuesday, November 24th" in talk.called("book_meeting")[1].arguments
    assert [json.loads(call.arguments)["start"][:10] for call in talk.called("book_meeting")] == [
        "2026-11-24",
        "2026-11-27",
    ]


def test_a_slot_that_is_gone_is_replaced() -> None:
    talk = Talk(tools=SERVER_TOOLS, outputs={"book_meeting": '{"error": "taken"}'})
    said = talk.script("I'd like a demo on tuesday at ten", "ann", "ann@x.com", "yes")
    assert not talk.state.meeting.booked
    assert said[-1].endswith("?")
    assert "Tuesday, November 24th at 10 AM" not in said[-1].split("?")[0].rsplit(".", 1)[-1]
    talk.outputs = {}
    assert "You're" in talk.say("thursday at two") or talk.state.meeting.booked
