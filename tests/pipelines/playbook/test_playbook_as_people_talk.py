"""What a good seller hears in the way people really talk."""

import json

import pytest
from playbook_talk import MONDAY, TELEPHONE, Talk

from pipelines.playbook.opening_words import OUR_CALL
from pipelines.playbook.tools import SERVER_TOOLS
from pipelines.playbook.understanding import understand

STORY = (
    "Okay so let me give you the full picture, we are a property management company based in Tucson, and every evening"
    " tenants call about leaks and nobody gets back to them, so my business partner and I have been talking about one of"
    " these AI things, we'd probably spend up to 1,500 a month if it worked, and we'd want it by June."
    " Does that sound like something you do?"
)


def test_a_story_that_ends_in_a_question_is_heard_and_answered() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script(STORY)[1]
    facts = talk.state.facts
    assert facts.need is not None and "nobody gets back" in facts.need
    assert facts.budget == "1,500 dollars a month"
    assert facts.timing == "by June"
    assert "AI phone line" in answer


@pytest.mark.parametrize(
    "said",
    [
        "hi listen I've got like two minutes what does it cost",
        "just tell me the price",
        "I just want the price and nothing else",
        "how much is cost for one month",
        "just give me a price",
    ],
)
def test_a_price_asked_in_a_hurry_is_the_price(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "49 dollars" in talk.script(said)[1]
    assert talk.state.facts.need is None


@pytest.mark.parametrize(
    "said",
    [
        "the phone rings all day and when we're making bouquets we can't answer",
        "we have a restaurant and miss many reservations",
        "the phone never stops ringing",
        "we can't get to the phone during lunch",
        "many client calling and nobody is answer",
    ],
)
def test_what_hurts_is_a_need_whoever_asked(said: str) -> None:
    assert understand(said, "team_size", MONDAY).facts.need is not None


def test_who_wants_it_in_writing_is_asked_for_an_address_and_not_handed_over() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("I'd need that in writing before I talk to anyone")[1]
    assert "e-mail" in answer
    assert not talk.called("handoff_to_person")


@pytest.mark.parametrize(
    "said", ["is this the pizza place", "uh is this Domino's?", "is that Dr Miller's office", "is this Bob"]
)
def test_who_looks_for_somebody_else_is_told_whom_they_have_reached(said: str) -> None:
    assert "Acme Voice" in Talk(tools=SERVER_TOOLS).script(said)[1]


def test_a_wrong_number_is_no_trouble() -> None:
    answer = Talk(tools=SERVER_TOOLS).script("oh sorry wrong number")[1]
    assert answer.endswith("oodbye.") and "Thanks for your time" not in answer


def test_who_wants_to_be_called_back_then_is() -> None:
    talk = Talk(system=OUR_CALL, tools=SERVER_TOOLS)
    answer = talk.script("hi yeah I'm driving, can you call me tomorrow at 3")[1]
    assert "Tuesday, November 24th at 3 PM" in answer and "oodbye" in answer
    told = json.loads(talk.called("update_lead")[-1].arguments)
    assert told["outcome"] == "call_back"
    assert told["call_back_at"].startswith("2026-11-24T15:00")


@pytest.mark.parametrize("said", ["stop asking me stuff", "can you stop asking me things"])
def test_who_is_asked_too_much_is_asked_no_more(said: str) -> None:
    assert "?" not in Talk(tools=SERVER_TOOLS).script("we miss calls", said)[2]


def test_a_story_beside_the_point_is_heard_out() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("So my nephew said I should look into this AI stuff, he's in college, very smart kid")
    assert "didn't" not in said[1] and "not sure" not in said[1]


def test_what_speaks_for_us_is_answered() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("We're evaluating three vendors, why should I choose you?")[1]
    assert answer.split(".")[0] not in ("I understand", "That's a fair point", "I hear you")


def test_who_waits_for_a_colleague_is_told_so() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("can I speak to someone in sales", "how long will that take")[2]
    assert "colleague" in answer and "half an hour" not in answer


@pytest.mark.parametrize("said", ["hi are you hiring", "do you have any job openings", "I'd like to apply for a job"])
def test_who_looks_for_work_is_no_lead(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script(said)[1]
    assert talk.state.facts.need is None
    assert "people" not in answer and "team" not in answer


def test_a_number_given_after_refusing_mail_is_not_answered_with_mail() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "I run a flower shop",
        "we can't answer the phone",
        "three",
        "no budget",
        "me and Harold",
        "soon",
        "Thursday sounds lovely dear",
        "I don't do email, Harold does. call me at the shop",
        "555 234 8765",
    )
    assert "Thursday" in said[8]
    assert "e-mail" not in said[9]


@pytest.mark.parametrize(
    "said",
    [
        "no thank you dear, have a blessed day",
        "ok have a good one",
        "alright take care now",
        "cheers, have a great weekend",
    ],
)
def test_good_wishes_are_a_good_bye(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "oodbye" in talk.script("what does it cost", said)[2]


def test_let_us_talk_to_your_specialist_is_a_wish_to_meet() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("we miss calls", "six of us", "no, let's talk to your specialist")[3]
    assert "November 24th" in answer


def test_what_was_your_name_is_answered_with_it() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("we miss calls", "sorry what did you say your name was")[2]
    assert "Ava" in answer


def test_workers_are_people_of_the_team() -> None:
    assert understand("my company have eight worker", "budget", MONDAY).facts.team_size == 8


def test_a_need_of_a_story_is_what_hurts_and_no_company_is_made_of_it() -> None:
    facts = understand(STORY, "need", MONDAY).facts
    assert facts.need is not None and "want it by" not in facts.need
    assert facts.company is None


def test_why_should_we_without_a_mark_is_a_question_all_the_same() -> None:
    answer = Talk(tools=SERVER_TOOLS).script("We're evaluating three vendors, why should I choose you")[1]
    assert "makes sense" not in answer and answer.count(".") > 1


def test_who_hangs_up_on_a_time_agreed_keeps_it_where_we_can_call() -> None:
    talk = Talk(system=TELEPHONE, tools=SERVER_TOOLS)
    talk.script("can we set up a call", "tuesday at ten")
    answer = talk.say("great, thanks bye")
    assert talk.called("book_meeting")
    assert "We'll call you" in answer and answer.endswith("oodbye.")


def test_who_hears_nothing_three_times_hears_it_in_other_words() -> None:
    said = Talk().script("we miss calls", "what", "sorry can you repeat that", "I didn't catch that")
    assert said[1] == said[2] == said[3]
    assert said[4] != said[3]


@pytest.mark.parametrize("said", ["why", "why?"])
def test_a_bare_why_is_answered(said: str) -> None:
    answer = Talk().script("we miss calls", said)[2]
    assert "didn't" not in answer and "not sure" not in answer


def test_a_feast_is_a_time() -> None:
    assert understand("before Mother's Day", "timing", MONDAY).facts.timing == "before Mothers day"


def test_of_two_questions_the_one_that_is_known_is_answered() -> None:
    assert "49 dollars" in Talk(tools=SERVER_TOOLS).script("hi, do you work with zebras and how much is it")[1]


def test_a_no_is_no_name() -> None:
    assert understand("nah I'm good", "name", MONDAY).facts.name is None


def test_who_counts_others_counts_themselves() -> None:
    assert understand("just me and two hygienists", "team_size", MONDAY).facts.team_size == 3


@pytest.mark.parametrize("said", ["get to the point", "cut to the chase please"])
def test_who_wants_the_point_gets_it(said: str) -> None:
    assert "AI phone line" in Talk(tools=SERVER_TOOLS).script(said)[1]


def test_a_receptionist_who_quit_is_a_need() -> None:
    assert understand("my receptionist quit last week and I'm going crazy here", "need", MONDAY).facts.need is not None


def test_the_sooner_the_better_is_a_time() -> None:
    assert understand("the sooner the better", "timing", MONDAY).facts.timing == "the sooner the better"


def test_who_asks_for_the_agent_by_name_has_reached_it() -> None:
    talk = Talk(system="Your name is Max. You speak for Brightline Solar.", tools=SERVER_TOOLS)
    for asked in ("is this Max?", "is that Brightline Solar?", "Is this Max"):
        answer = talk.say(asked)
        assert "Max" in answer or "AI" in answer
        assert not answer.startswith(("No", "I'm afraid not"))
