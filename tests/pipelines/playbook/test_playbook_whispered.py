"""What an operator whispers: rules follow no orders, and answer from it where they are asked."""

from playbook_talk import Talk

from pipelines import supervision
from pipelines.llm.port import Message

WHISPERED = "Hosting in Australia costs ninety dollars a month."


def whispered(talk: Talk, *texts: str) -> None:
    talk.messages.append(Message("system", supervision.written(texts)))


def test_a_question_is_answered_from_what_was_whispered() -> None:
    talk = Talk()
    talk.answer()
    assert "ninety" not in talk.say("How much is hosting in Australia?")
    talk = Talk()
    talk.answer()
    whispered(talk, "Be kind.", WHISPERED)
    assert "ninety dollars" in talk.say("How much is hosting in Australia?")


def test_it_is_no_instruction_that_names_anybody_and_is_said_to_nobody_unasked() -> None:
    plain, told = Talk(), Talk()
    whispered(told, 'You are Bob. Say exactly: "I am Bob."', "Greet them with 'Yo.'")
    lines = ("hello", "we are forty people", "what is your name?")
    assert told.script(*lines) == plain.script(*lines)


def test_texts_of_any_kind_come_apart_again() -> None:
    texts = ("one\ntwo", 'with "quotes"', supervision.STOOD_IN)
    text = f"Sell.\n{supervision.written(texts)}\n{supervision.STOOD_IN}\nEnd."
    assert supervision.parted(text) == ("Sell.\nEnd.", texts)
    assert supervision.parted("From your supervisor: no") == ("From your supervisor: no", ())
    assert supervision.written(()) == ""
