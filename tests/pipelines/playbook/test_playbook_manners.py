"""What a good listener does: says back what was agreed, drops what was not wanted, does not interrogate."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


@pytest.mark.parametrize(
    "asked",
    [
        "what can you do for a car dealership", "how can you help a dentist", "what does your company do",
        "so what is this service", "what are you selling", "how would this help us",
    ],
)  # fmt: skip
def test_what_it_is_for_is_answered_with_what_it_does(asked: str) -> None:
    assert "phone line for sales teams" in Talk().script(asked)[1]


def test_what_else_it_does_is_more_than_what_it_is() -> None:
    said = Talk().script("what do you do", "what else can you do")
    assert "asks your questions" in said[2]


@pytest.mark.parametrize(
    "came_by", ["I got your email about AI agents", "saw your ad on linkedin", "a friend told me about you"]
)
def test_how_somebody_heard_of_us_is_welcome_and_no_question(came_by: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(came_by)
    assert not talk.called("search_knowledge")
    assert "sure" not in said[1]
    assert said[1].endswith("?")


def test_what_they_tell_of_themselves_is_understood() -> None:
    talk = Talk()
    said = talk.script("we're in Germany", "we're based in Ohio and open 24/7")
    assert not any("get that" in text or "follow" in text for text in said)
    assert talk.state.facts.team_size is None


def test_what_was_agreed_is_said_back() -> None:
    said = Talk().script("we are 12 people", "let's meet tuesday at 2", "what did we agree on?")
    assert "12 people" in said[3]
    assert "Tuesday, November 24th at 2 PM" in said[3]
    assert said[3].endswith("?")
    assert "begun" in Talk().script("can you sum that up")[1]


def test_a_time_that_was_only_talked_of_is_let_go() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("let's meet tuesday at 2", "cancel it", "no thanks")
    assert "othing is booked" in said[2]
    assert talk.state.facts.name is None
    assert not talk.called("book_meeting")


def test_who_is_tired_of_questions_is_asked_no_more_of_them() -> None:
    talk = Talk()
    said = talk.script("stop asking me questions", "do you have an API", "ok", "let's meet tuesday at 2")
    assert not said[1].endswith("?")
    assert "API" in said[2]
    assert not any(word in text for text in said[2:4] for word in ("team", "people", "fix", "budget"))
    assert "Tuesday, November 24th at 2 PM" in said[4]


@pytest.mark.parametrize("told", ["I'm just a student", "it's for a school project", "I'm looking for a job"])
def test_who_will_not_buy_is_not_qualified(told: str) -> None:
    talk = Talk()
    said = talk.script(told, "what does it cost", "ok thanks")
    assert "49 dollars" in said[2]
    assert talk.state.facts.need is None
    assert "oodbye" in said[3]


def test_nobody_is_asked_a_third_time_what_only_the_seller_wants_to_know() -> None:
    talk = Talk()
    talk.script(*["do you have an API?", "is it secure?", "how fast is setup?", "what does it cost?"] * 4)
    asked = talk.state.asked.times
    assert asked["need"] == 2
    assert max(asked[question] for question in ("team_size", "budget", "authority", "timing")) == 2


def test_one_question_after_the_other_is_answered_alone_every_second_time() -> None:
    said = Talk().script("do you have an API?", "is it secure?", "how fast is setup?", "okay")
    assert [text.endswith("?") for text in said[1:]] == [True, False, True, True]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("my number is 415 555 0132", "+14155550132"),
        ("call me on (415) 555-0132 please", "+14155550132"),
        ("it's four one five, five five five, oh one three two", "+14155550132"),
        ("four one five triple five oh one three two", "+14155550132"),
        ("reach me at +49 30 12345678", "+493012345678"),
        ("we made 4155550 calls", None),
        ("two or three, maybe four five six people", None),
    ],
)
def test_a_number_to_call_is_noted(said: str, number: str | None) -> None:
    talk = Talk()
    talk.script(said)
    assert talk.state.facts.phone == number


def test_who_gives_a_number_and_no_address_is_called_there() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("can you call me tomorrow at 2pm, my number is 415 555 0132", "I'd rather not give my email")
    assert "415 555 0132" in said[1]
    assert "We'll call you on 415 555 0132" in said[2]
    assert '"phone": "+14155550132"' in talk.called("update_lead")[0].arguments


def test_what_may_be_about_the_product_is_left_to_a_specialist() -> None:
    said = Talk().script("how do I embed it in my website", "do you like pizza")
    assert "specialist" in said[1]
    assert "specialist" not in said[2]


@pytest.mark.parametrize(
    "said", ["I have a quick question", "can I ask you something", "so I have a few questions first"]
)
def test_who_announces_a_question_is_heard(said: str) -> None:
    talk = Talk()
    answers = talk.script(said, "does it work with hubspot")
    assert not answers[1].endswith("?")
    assert "HubSpot" in answers[2]
    assert talk.state.facts.need is None


def test_a_question_in_passing_is_no_small_talk() -> None:
    assert "Google Calendar" in Talk().script("do you work with outlook", "cool. and google?")[2]


@pytest.mark.parametrize("sold", ["ok I'm interested, what's next", "let's do it, sign me up", "how do we proceed"])
def test_who_is_sold_is_offered_a_time(sold: str) -> None:
    talk = Talk()
    said = talk.script("we lose leads", "10", "500 a month", sold)
    assert talk.state.asked.expecting == "time_slot"
    assert talk.state.facts.authority is None
    assert "10 AM" in said[4]


def test_how_much_it_is_for_so_many_is_a_question_of_price() -> None:
    said = Talk().script("how much for 5 people")
    assert "49 dollars" in said[1]


def test_never_mind_lets_the_time_go() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("let's meet tuesday at two", "never mind")
    assert "othing is booked" in said[2]
    assert talk.state.meeting.slot is None


def test_another_time_that_is_not_wanted_after_all_leaves_the_meeting_alone() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("I'd like to move our meeting", "to friday", "actually keep it")
    assert "stays as it is" in said[3]
    assert talk.state.meeting.slot is None


def test_whether_an_invitation_comes_is_answered_with_what_is_booked() -> None:
    said = Talk(tools=SERVER_TOOLS).script(
        "let's meet tuesday at two", "Tom", "tom@x.io", "yes", "will I get an invitation?"
    )
    assert "Tuesday, November 24th at 2 PM" in said[5]
    assert "tom@x.io" in said[5]


@pytest.mark.parametrize(
    "said", ["our customers ask so many questions", "we get too many questions by phone every day"]
)
def test_questions_of_their_customers_are_a_need(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert not talk.state.asked.spared
    assert talk.state.facts.need is not None


def test_who_has_no_more_questions_is_done() -> None:
    said = Talk(tools=SERVER_TOOLS).script("let's meet tuesday at two", "Tom", "tom@x.io", "yes", "no more questions")
    assert "oodbye" in said[5]


@pytest.mark.parametrize(
    "said", ["I am a student housing provider", "people apply for a job with us and we miss calls"]
)
def test_a_business_with_students_or_jobs_buys(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert not talk.state.asked.spared


@pytest.mark.parametrize("said", ["I got you", "I found your price too high"])
def test_what_was_understood_or_disliked_is_no_way_to_have_come(said: str) -> None:
    assert "touch" not in Talk().script("what does it cost", said)[2]


def test_who_wants_it_by_mail_is_asked_for_the_address() -> None:
    talk = Talk()
    talk.script("no just email me the details")
    assert talk.state.asked.expecting == "email"


@pytest.mark.parametrize("said", ["that's the city we're in", "what is next on your roadmap"])
def test_who_says_next_or_in_has_not_bought(said: str) -> None:
    talk = Talk()
    talk.script("we lose leads", said)
    assert not talk.state.meeting.wanted
