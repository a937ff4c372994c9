"""What callers ask in passing is answered with what they asked for."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Is there a discount if we take 100 seats?", "volume price"),
        ("and if we pay upfront?", "twenty percent"),
        ("ok fine, do you integrate with slack", "Slack"),
        ("where is your company located", "Denver"),
        ("who would be on the call?", "specialist"),
        ("how do I start the trial", "website"),
        ("where do I sign up", "trial"),
        ("can I buy it right now", "trial"),
        ("can I try it myself now", "fourteen days"),
        ("hm is it better than a receptionist", "answering service"),
        ("so is it like an answering machine?", "answering service"),
        ("what's your refund policy", "refund"),
        ("I clicked on your ad, what is it?", "phone line"),
        ("why would I need this", "phone line"),
        ("hello, who's this?", "Ava"),
        ("tell me more", "phone line"),
        ("did I fill in a form?", "number"),
        ("oh one more thing, do you record", "ecording is off"),
        ("what would that run us per month?", "49 dollars"),
        ("so what would it run me", "49 dollars"),
        ("is it per seat or per minute", "per user a month"),
        ("I saw you guys on LinkedIn and I'm kind of curious what it actually does", "phone line"),
        ("in a nutshell what's your product", "phone line"),
        ("what problem do you solve", "phone line"),
        ("explain it to me like I'm five", "phone line"),
        ("do I have to sign a contract", "no long contract"),
        ("where do I sign the contract", "no long contract"),
        ("does it handle Spanish callers", "Spanish"),
        ("does it sound robotic", "voice"),
        ("can it do cold calling", "Outbound calls"),
        ("is cold calling with AI legal", "gave consent"),
        ("are you TCPA compliant", "gave consent"),
        ("can we keep our existing number", "keep your number"),
        ("what happens when you go down", "calls ring through"),
        ("do you have onboarding help", "Setup takes"),
        ("can it escalate to a human", "hand a call to a colleague of yours"),
        ("so for three of us that's like 150 a month?", "49 dollars"),
        ("okay and do patients know they're talking to a robot", "whenever it is asked"),
        ("why should I switch", "whole conversation"),
        ("can I get my data out", "data is yours"),
        ("is there a limit on minutes", "2,000 minutes"),
        ("what's the difference between you and a chatbot", "whole conversation"),
        ("could it replace a call center", "whole conversation"),
        ("can it take payments over the phone", "I don't want to guess"),
        ("what do most people pay", "49 dollars"),
        ("about what?", "phone line"),
        ("I want to buy 50 seats today", "trial"),
        ("can I talk to a customer of yours", "four hundred companies"),
    ],
)
def test_a_plain_question_gets_its_answer(asked: str, answer: str) -> None:
    assert answer in Talk().script(asked)[1]


@pytest.mark.parametrize(
    "asked", ["what's the ROI", "how long until we see results", "what if we grow", "what if the AI screws up"]
)
def test_what_is_asked_of_the_product_and_not_known_is_for_a_specialist(asked: str) -> None:
    assert "specialist" in Talk().script(asked)[1]


def test_who_called_us_is_not_told_that_we_call() -> None:
    assert "calling" not in Talk().script("what's the catch?")[1]


@pytest.mark.parametrize(
    "said",
    [
        "can I get that in writing", "just send me a quote", "could you send me a proposal", "I don't want calls but email is fine",
        "just email please", "send me the papers", "mail me the details",
        "just send me the pricing", "no meeting, just send info",
    ],
)  # fmt: skip
def test_who_wants_it_in_writing_is_asked_for_an_address(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(said)
    assert talk.state.asked.expecting == "email"
    talk.script("jane@acme.com", "yes")
    assert talk.state.address.wanted


@pytest.mark.parametrize(
    "said", ["can it send me a report by email?", "does it send me the quote?", "my email is fine, it's the phone"]
)
def test_to_speak_of_mail_is_no_wish_for_one(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert talk.state.asked.expecting != "email"


@pytest.mark.parametrize("said", ["so what's next", "what are the next steps", "let's meet next month"])
def test_what_comes_next_is_a_meeting(said: str) -> None:
    talk = Talk()
    talk.script(said)
    assert talk.state.asked.expecting == "time_slot"


def test_who_says_go_on_twice_is_not_told_the_same_again() -> None:
    talk = Talk()
    said = talk.script("tell me more", "go on")
    assert said[1] != said[2] and "phone line" not in said[2]


def test_a_flood_of_spam_calls_is_a_need_and_no_doubt_about_us() -> None:
    assert "passwords" not in Talk().script("we get a lot of spam calls")[1]
    assert "passwords" in Talk().script("this sounds like spam to me")[1]


def test_a_colleague_asked_for_by_name_is_fetched() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("Can I speak with Tom Baker please? He called me about my demo")
    assert talk.called("handoff_to_person")


def test_to_speak_with_others_is_no_wish_for_a_colleague() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I need to talk to Dave first", "we want to speak with Spanish customers")
    assert not talk.called("handoff_to_person")


def test_who_confirms_and_leaves_is_let_go() -> None:
    said = Talk(tools=SERVER_TOOLS).script("send me an email", "jane@acme.com", "correct. bye")
    assert "oodbye" in said[3] and "?" not in said[3]


@pytest.mark.parametrize("asked", ["what else do you have", "what do you have on friday?", "what have you got?"])
def test_what_there_is_to_be_had_is_no_question_about_the_caller(asked: str) -> None:
    assert "noted" not in Talk().script("I'd like to book a demo", asked)[2]


def test_who_dialled_the_wrong_number_is_let_go() -> None:
    said = Talk().script("oh sorry wrong number")[1]
    assert "oodbye" in said and "?" not in said
