"""What people say beside the question: what they work with, that they listen, who else comes, another way to ask."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS

_UNCLEAR = ("get that", "follow", "missed the point", "understand.")


def _is_unclear(text: str) -> bool:
    return any(words in text for words in _UNCLEAR)


@pytest.mark.parametrize("said", ["hm interesting", "oh wow", "makes sense", "we use a spreadsheet", "cool, cool"])
def test_who_listens_or_tells_is_not_told_that_they_were_not_understood(said: str) -> None:
    assert not _is_unclear(Talk().script("how does it work", said)[2])


def test_what_they_work_with_is_answered_with_whether_it_goes_together() -> None:
    assert "Google Calendar" in Talk().script("we use google calendar")[1]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("what happens if someone calls at 3am", "day or night"),
        ("and if they speak spanish", "Spanish"),
        ("can it book appointments in our calendar", "calendar"),
        ("that's 300 a month?", "49 dollars"),
        ("so 49 per user?", "49 dollars"),
        ("do I have to change my number?", "number"),
        ("is it true it's free?", "trial"),
        ("okay. and arabic?", "English"),
        ("what's the latency?", "under a second"),
        ("I'd like to know more", "phone line for sales teams"),
        ("what was your name again?", "AI"),
        ("how is that different from Bland or Retell?", "whole conversation"),
        ("and if we sign for two years?", "twenty percent"),
        ("do you have anything on compliance you can share?", "GDPR"),
    ],
)
def test_a_question_in_other_words_is_answered(asked: str, answer: str) -> None:
    assert answer in Talk().script(asked)[1]


def test_a_weekday_is_the_one_that_was_offered() -> None:
    talk = Talk()
    said = talk.script("let's meet next week", "tuesday works")
    assert "Tuesday, December 1st at 2 PM" in said[1]
    assert "Tuesday, December 1st at 2 PM" in said[2]
    assert "Tuesday, November 24th" in Talk().script("let's meet next week", "no, this tuesday at 2")[2]


@pytest.mark.parametrize("said", ["outbound mostly, like 300 dials a day", "40 appointments", "around 20 locations"])
def test_what_is_counted_is_no_budget(said: str) -> None:
    talk = Talk()
    talk.script("we lose leads", "we are 10 people", said)
    assert talk.state.facts.budget is None


def test_who_has_no_time_but_an_address_is_written_to() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("can we meet", "none of these", "no", "alex@northwind.io", "yep", "no")
    assert "alex@northwind.io" in said[6]


def test_a_guest_takes_nobodys_place() -> None:
    talk = Talk()
    said = talk.script(
        "let's meet tuesday at 2", "Alex Kim", "alex@northwind.io", "yes", "add my boss too, it's dana@northwind.io"
    )
    assert "forward" in said[5] or "pass the invitation" in said[5]
    assert talk.state.facts.email == "alex@northwind.io"


def test_who_does_not_want_to_be_recorded_is_not_taken_off_the_list() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("I don't consent to recording")
    assert "ecording" in said[1]
    assert "list" not in said[1]


def test_who_never_asked_for_this_is_told_of_the_list() -> None:
    assert "list" in Talk().script("I didn't sign up for anything")[1]


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("we have like eight techs and three people in the office", 11),
        ("there's me and nine agents", 10),
        ("a team of twelve SDRs and two managers", 14),
        ("ten people and three offices", 10),
        ("eight technicians, and my wife", 8),
        ("can you do better than 99", None),
        ("more than 20 people", 20),
        ("more than 20", 20),
    ],
)
def test_everybody_is_counted(said: str, size: int | None) -> None:
    talk = Talk()
    talk.script("we miss calls", said)
    assert talk.state.facts.team_size == size


@pytest.mark.parametrize("said", ["they cost me twelve bucks an hour each", "he charges us 500"])
def test_what_others_cost_is_no_budget(said: str) -> None:
    talk = Talk()
    talk.script("we miss calls", "10 people", said)
    assert talk.state.facts.budget is None


@pytest.mark.parametrize("pain", ["the quality is terrible", "customers complain about the accent"])
def test_what_hurts_is_a_need(pain: str) -> None:
    talk = Talk()
    assert not _is_unclear(talk.script(pain)[1])
    assert talk.state.facts.need == pain


def test_a_weekday_after_next_week_is_in_it() -> None:
    talk = Talk()
    said = talk.script("can we move my meeting to next week", "wednesday morning", "whatever's earliest")
    assert "Wednesday, December 2nd at 10 AM" in said[2]
    assert talk.state.facts.name is None


def test_a_full_stop_ends_an_address() -> None:
    talk = Talk()
    talk.script("let's meet tuesday at 2", "Mike Sullivan.", "It's mike at sullivan plumbing dot com.")
    assert talk.state.facts.email == "mike@sullivanplumbing.com"


@pytest.mark.parametrize("said", ["we don't do outbound anymore", "we don't do that anymore"])
def test_what_they_do_no_longer_is_no_wish_for_peace(said: str) -> None:
    assert "list" not in Talk().script(said)[1]


def test_somebody_else_who_is_away_is_not_who_speaks() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "this is Greg",
        "we have a guy for that",
        "he's on vacation in december",
        "let's talk, tuesday",
        "10 works",
        "greg@acme.com",
        "yes",
    )
    assert "compare" in said[2]
    assert talk.called("book_meeting")


def test_advisors_are_no_dollars_and_a_department_decides() -> None:
    talk = Talk()
    talk.script("we miss calls", "we're a bank", "200 advisors", "compliance decides")
    assert (talk.state.facts.budget, talk.state.facts.authority) == (None, None)
    talk = Talk()
    talk.script("we miss calls", "200", "5000 a month", "compliance decides")
    assert talk.state.facts.authority == "other"


def test_a_question_put_indirectly_is_one() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("we miss calls", "I want to know if it works with hubspot", "I want to know if you work in peru")
    assert "HubSpot" in said[2]
    assert talk.called("search_knowledge")


def test_who_hesitates_is_not_praised() -> None:
    said = Talk().script("we miss calls", "hmm", "maybe")
    assert said[2].startswith(("All right", "I see", "Okay"))
    assert not _is_unclear(said[3])


def test_a_full_stop_and_more_behind_it_end_an_address() -> None:
    talk = Talk()
    talk.script("let's meet tuesday at 2", "dana whitfield at whitfield homes dot com. That's W-H-I-T-F-I-E-L-D.")
    assert talk.state.facts.email == "danawhitfield@whitfieldhomes.com"


def test_how_we_meet_is_in_the_invitation() -> None:
    said = Talk().script("let's meet tuesday at 2", "will somebody call me or is it a zoom?")
    assert "invitation" in said[2]


def test_who_cannot_talk_and_says_why_is_asked_once_for_a_time() -> None:
    said = Talk().script("i can't talk right now", "i'm driving", "tuesday at 2")
    assert "oodbye" not in said[2]
    assert "Tuesday, November 24th at 2 PM" in said[3]


def test_nothing_is_agreed_to_after_the_good_bye() -> None:
    talk = Talk()
    talk.script("can we meet", "bye", "ok")
    assert talk.state.meeting.slot is None


def test_who_has_it_already_gets_a_colleague() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("we've been using it for like three months")
    assert talk.called("handoff_to_person")


def test_who_is_off_the_list_is_told_no_more_than_was_asked() -> None:
    said = Talk().script("take me off your list", "how did you get this number?", "why are you still talking?")
    assert "keep your number" not in said[2]
    assert "half an hour" not in said[3]


@pytest.mark.parametrize("said", ["wrong number sorry", "oh wrong number"])
def test_a_wrong_number_is_let_go(said: str) -> None:
    assert "oodbye" in Talk().script(said)[1]


def test_a_call_that_is_asked_for_is_no_price() -> None:
    talk = Talk()
    talk.script("we miss calls", "10 people", "we have 500 a month, give me a call")
    assert talk.state.facts.budget == "500 dollars a month"
