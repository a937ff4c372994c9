"""What a caller has a right to, and the manners of the talk."""

import pytest
from playbook_talk import Talk

from pipelines.call_audio.wish import NOT_RECORDED, RECORDED, TOLD
from pipelines.llm.port import Message
from pipelines.playbook.tools import SERVER_TOOLS


def test_stop_calling_me_ends_it_with_an_apology() -> None:
    talk = Talk()
    said = talk.script("stop calling me", "hello?", "okay")
    assert "sorry" in said[1].lower()
    assert "Goodbye" in said[1]
    assert "Goodbye" in said[3]
    assert len(set(said)) == len(said)


def test_the_opt_out_tool_is_called_once() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("take me off your list", "okay")
    assert len(talk.called("opt_out")) == 1
    assert "off our list" in said[1]


def test_a_failed_opt_out_is_not_called_done() -> None:
    talk = Talk(tools=SERVER_TOOLS, outputs={"opt_out": '{"error": "database_down"}'})
    said = talk.script("take me off your list")
    assert "colleague" in said[1]
    assert "done" not in said[1].lower()


def test_an_opt_out_in_mid_booking_ends_the_booking() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("i'd like to book a demo", "tuesday at ten", "actually forget it and never call me again", "yes")
    assert talk.called("opt_out")
    assert not talk.called("book_meeting")


def test_a_person_is_fetched_when_there_is_one_to_fetch() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("we have 20 reps and miss calls", "can I talk to a real person")
    call = talk.called("handoff_to_person")[0]
    assert "20" in call.arguments
    without = Talk().script("can I talk to a real person")
    assert "colleague" in without[1]


def test_a_failed_handover_is_admitted() -> None:
    talk = Talk(tools=SERVER_TOOLS, outputs={"handoff_to_person": '{"error": "nobody"}'})
    said = talk.script("get me a human please")
    assert "get back to you" in said[1]


@pytest.mark.parametrize("question", ["are you a robot", "am I talking to a real person", "is this an ai?"])
def test_it_says_that_it_is_an_ai(question: str) -> None:
    said = Talk().script(question)
    assert "AI" in said[1]
    assert said[1].endswith("?")


def test_repeat_says_the_same_words() -> None:
    talk = Talk()
    said = talk.script("we want more leads", "repeat that", "sorry what was that", "20", "can you say that again")
    assert said[2] == said[1] == said[3]
    assert said[5] == said[4]


def test_repeat_after_hold_on_repeats_what_was_asked() -> None:
    said = Talk().script("we want more leads", "hold on", "what was your question again")
    assert said[3] == said[1]


def test_what_was_cut_short_is_asked_anew() -> None:
    heard = [Message("assistant", "Hi! I'm Ava."), Message("user", "we want more leads"),
             Message("assistant", "That makes sense. How many people would")]  # fmt: skip
    answer = Talk(history=heard).say("sorry what did you say")
    assert answer.endswith("?")
    assert answer != "That makes sense. How many people would"


def test_hold_on_is_acknowledged_shortly_and_then_there_is_silence() -> None:
    talk = Talk()
    talk.script("one second please")
    assert talk.replies[-1].text.count(" ") <= 5
    assert "?" not in talk.replies[-1].text
    assert talk.answer() == ""
    assert talk.say("okay I'm back").endswith("?")


def test_silence_is_asked_after_and_then_ended() -> None:
    talk = Talk()
    said = talk.script("", "  ", "...")
    assert len(set(said)) == 4
    assert talk.state.course.closed
    assert talk.answer() == ""


def test_nobody_answers_at_all() -> None:
    talk = Talk()
    said = [talk.answer() for _ in range(4)]
    assert "AI" in said[0]
    assert len(set(said)) == 4
    assert talk.state.course.closed


def test_abuse_is_met_calmly_once_and_then_ended() -> None:
    talk = Talk()
    said = talk.script("you stupid bot", "shut up you idiot")
    assert "sorry" in said[1]
    assert not talk.state.facts.need
    assert talk.state.course.closed


def test_another_language_is_declined_politely() -> None:
    talk = Talk()
    said = talk.script("hola no hablo ingles", "quiero hablar con alguien")
    assert "English" in said[1]
    assert "English" in said[2]
    assert said[1] != said[2]


def test_small_talk_is_answered_and_led_back() -> None:
    said = Talk().script("how are you today", "who am I speaking with", "thanks that's kind of you")
    assert "well" in said[1]
    assert "Ava" in said[2]
    assert all(text.endswith("?") for text in said[1:])


def test_why_do_you_ask_is_answered() -> None:
    said = Talk().script("we want more leads", "why do you want to know")
    assert said[2].split(".")[0] in (
        "Only so that I can point you to the right thing",
        "It helps the specialist prepare, and nothing more",
    )


def test_after_the_goodbye_only_something_new_reopens_the_talk() -> None:
    talk = Talk()
    said = talk.script("bye", "okay", "thanks", "how much does it cost")
    assert "oodbye" in said[1]
    assert "?" not in said[2]
    assert "?" not in said[3]
    assert "dollars" in said[4]


def test_somebody_who_comes_back_is_welcome() -> None:
    talk = Talk()
    said = talk.script("bye", "hello")
    assert "oodbye" not in said[2]
    assert said[2].endswith("?")


def test_asking_for_a_person_again_does_not_fetch_another() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script("let me talk to a person", "I want to speak to a human")
    assert len(talk.called("handoff_to_person")) == 1
    assert "colleague" in said[2]


def test_a_question_nobody_answers_is_rephrased_once_and_left() -> None:
    talk = Talk()
    said = talk.script("penguins", "the moon is far away", "penguins")
    asked = [text.rsplit(". ", 1)[-1] for text in said]
    assert asked[0] != asked[1]
    assert talk.state.asked.gave_up("need")
    assert asked[2] != asked[1]


def test_nonsense_does_not_go_on_for_ever() -> None:
    talk = Talk()
    talk.answer()
    turns = 0
    while not talk.state.course.closed and turns < 12:
        talk.say("purple elbow candle")
        turns += 1
    assert talk.state.course.closed
    assert turns <= 7


@pytest.mark.parametrize(
    "said", ["ok. do you take calls at night too?", "can it call people back", "I got a missed call from this number"]
)
def test_to_speak_of_calls_is_no_wish_for_none(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "our list" not in talk.script(said)[1]
    assert not talk.called("opt_out")


def test_what_only_sounds_like_an_opt_out_is_asked_about() -> None:
    for answer, taken_off in (("yes please", True), ("no, go on", False)):
        talk = Talk(tools=SERVER_TOOLS)
        asked = talk.script("I am sick of these calls")[1]
        assert asked.endswith("take you off our list?")
        assert not talk.called("opt_out")
        said = talk.say(answer)
        assert bool(talk.called("opt_out")) is taken_off
        assert ("Goodbye" in said) is taken_off


def test_a_second_no_ends_it() -> None:
    said = Talk().script("no thanks not interested", "I said no")
    assert "Goodbye" in said[2]


def test_not_to_be_recorded_is_no_wish_for_no_calls() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "Recording" in talk.script("please don't record me")[1]
    talk.say("ok")
    assert not talk.called("opt_out")


def test_who_was_told_that_the_recording_is_deleted_hears_no_more_of_it() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("hello")
    talk.messages.append(Message("system", TOLD))
    said = talk.say("please don't record me")
    assert said.startswith(("Okay", "Great", "Sounds", "Perfect", "Very", "All right"))
    assert "record" not in said.lower()


@pytest.mark.parametrize(("fact", "answer"), [(RECORDED, "is recorded"), (NOT_RECORDED, "isn't recorded")])
def test_who_asks_whether_they_are_recorded_hears_the_truth(fact: str, answer: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("hello")
    talk.messages.append(Message("system", fact))
    assert answer in talk.say("is this call being recorded?")


def test_who_agreed_to_be_taken_off_is_taken_off_once() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I am sick of these calls", "yes", "how much is it", "yes")
    assert len(talk.called("opt_out")) == 1


@pytest.mark.parametrize(
    "said",
    [
        "I need help, I'm a customer and my invoice is wrong",
        "I already have an account and I can't log in",
        "I forgot my password",
        "where do I find my API key",
    ],
)
def test_a_customer_in_need_of_help_gets_a_person(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(said)
    assert talk.called("handoff_to_person")


@pytest.mark.parametrize(
    "said",
    [
        "I'm a customer success manager and we miss calls",
        "my account executives can't keep up",
        "our current customer list is a mess and we miss calls",
        "our dialer tends to drop the call",
    ],
)
def test_to_speak_of_customers_is_no_call_for_help(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert "invitation" not in talk.script(said)[1]
    assert not talk.called("handoff_to_person")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("nothing, just curious what this is", "AI phone line"),
        ("is this Acme?", "Ava"),
        ("and who will I talk to", "specialist"),
        ("what's the meeting about again?", "specialist"),
    ],
)
def test_plain_questions_about_us_are_answered(asked: str, answer: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    assert answer in talk.script(asked)[1]
    assert not talk.called("handoff_to_person")
