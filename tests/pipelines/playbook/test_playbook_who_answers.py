"""Not everybody who answers is the one to sell to: machines, menus, children, the front desk, a colleague."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


@pytest.mark.parametrize(
    "said",
    [
        "You have reached the voicemail of Dan Miller. Please leave a message after the tone.",
        "Hi, you've reached Bright Dental. We're closed right now. Our office hours are monday to friday nine to five.",
        "Hey it's Tom, I can't come to the phone right now, leave a message after the beep",
        "The person you are trying to reach is not available. At the tone please record your message",
        "The number you have dialed is not in service",
    ],
)
def test_a_voicemail_gets_a_short_message_and_no_questions(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script(said)[1]
    assert "Ava" in answer and "oodbye" in answer and "?" not in answer
    assert talk.state.facts.need is None


@pytest.mark.parametrize(
    "said",
    [
        "Thank you for calling Contoso. For sales press one, for support press two.",
        "Your call is important to us. Please stay on the line.",
        "All of our agents are busy. Please hold for the next available agent.",
    ],
)
def test_a_menu_is_waited_out(said: str) -> None:
    talk = Talk()
    answer = talk.script(said)[1]
    assert "?" not in answer and "oodbye" not in answer
    assert talk.state.facts.need is None
    assert "How many" not in talk.say("Hello, Contoso sales, this is Rita, how can I help?")


@pytest.mark.parametrize(
    "said",
    [
        "callers hang up after the beep", "we need voicemail for our team", "our customers leave a message after the tone",
        "our voicemail is full all the time", "I'd say three people", "thank you for calling, this is Rita, how can I help?",
    ],
)  # fmt: skip
def test_a_person_is_no_machine(said: str) -> None:
    assert "?" in Talk().script(said)[1]


@pytest.mark.parametrize(
    "said", ["my mommy is in the shower", "my dad's not home", "I'm seven years old", "I'm only 9 years old"]
)
def test_a_child_is_not_sold_to(said: str) -> None:
    answer = Talk().script(said)[1]
    assert "oodbye" in answer and "?" not in answer


@pytest.mark.parametrize(
    "said",
    [
        "I'm seven",
        "my daughter is home sick",
        "my mom and I run the shop",
        "the company is nine years old",
        "my dad decides",
    ],
)
def test_who_has_a_mother_is_no_child(said: str) -> None:
    assert "oodbye" not in Talk().script(said)[1]


@pytest.mark.parametrize(
    "said",
    ["she's with a patient", "he's in a meeting right now", "Mr. Miller isn't available",
     "she's out of the office today"],
)  # fmt: skip
def test_the_front_desk_is_asked_where_to_write(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script(said)[1]
    assert "e-mail" in answer
    assert talk.say("no I can't give you that").endswith("oodbye.")


@pytest.mark.parametrize(
    "said", ["hang on, I'll pass you to my colleague", "let me get my boss for you", "one second, I'll put him on"]
)
def test_who_passes_the_phone_on_is_waited_for_and_the_next_is_greeted(said: str) -> None:
    talk = Talk()
    talk.script("we have 30 people")
    waited = talk.say(said)
    assert "?" not in waited
    assert "Ava" in talk.say("hello, this is Marco")


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("we're eight persons, we make windows", ("noted", "pass", "Noted", "colleague")),
        ("this is ridiculous", ("sorry", "colleague")),
        ("ok set that up", ("colleague",)),
    ],
)
def test_who_waits_for_a_colleague_is_not_said_good_bye_to(said: str, answers: tuple[str, ...]) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I want to speak to a person")
    answer = talk.say(said)
    assert "oodbye" not in answer
    assert any(word in answer for word in answers)
