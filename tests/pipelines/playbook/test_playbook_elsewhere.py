"""The playbook where another language is talked: fixed words, and a person."""

import json

import pytest

from pipelines.agent_profile import instructions_of
from pipelines.knowledge.index import parse_knowledge
from pipelines.language.tags import told
from pipelines.language.words import WORDS, said
from pipelines.llm.port import ChatRequest, Message, ToolCall
from pipelines.playbook.elsewhere import PERSON_WANTED
from pipelines.playbook.model import Playbook, Reply
from pipelines.playbook.tools import HANDOFF_TO_PERSON, OPT_OUT
from pipelines.unheard import SILENCE
from storage.agents.profiles import ProfileFacts

AGAIN = "Entschuldigung, da ist gerade etwas schiefgegangen. Können Sie das bitte noch einmal sagen?"
LATER = "Leider kann ich Ihnen gerade nicht weiterhelfen. Wir melden uns bei Ihnen. Auf Wiederhören."


KNOWN = """# Klarton
## Was kostet es? Preise
Klarton kostet 29 Euro pro Nutzer. Wer jährlich zahlt, spart zwanzig Prozent. Mehr steht auf der Website.
## Does it work with Salesforce?
Yes, it does, and the setup takes an hour.
"""


def answer(
    *talk: Message | str,
    language: str = "de",
    greeting: str = "",
    tools: tuple = (HANDOFF_TO_PERSON, OPT_OUT),
    known: str | None = None,
    rules: str = "Be brief.",
):
    """``talk``: the caller's words and the agent's in turn, or whole messages."""
    instructions = instructions_of(ProfileFacts(name="Zoë", company="Bol", greeting=greeting), rules)
    roles = ("user", "assistant")
    messages = [
        message if isinstance(message, Message) else Message(roles[number % 2], message)
        for number, message in enumerate(talk)
    ]
    system = [Message("system", instructions), Message("system", told(language))]
    knowledge = parse_knowledge(known) if known is not None else None
    return Playbook(knowledge=knowledge).reply(ChatRequest((*system, *messages), tools=tools))


def called(reply: Reply) -> tuple[str, dict[str, str]]:
    (call,) = reply.calls
    return call.name, json.loads(call.arguments)


def after(tool: str, output: str) -> Reply:
    call = ToolCall("call_1", tool, "{}")
    return answer(
        "Rufen Sie mich nie wieder an.",
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", output, tool_call_id="call_1"),
    )


def test_it_opens_with_the_profiles_greeting_or_its_own() -> None:
    assert answer(greeting="Bol, guten Tag!").text == "Bol, guten Tag!"
    assert answer().text == "Guten Tag, hier ist Zoë von Bol. Wie kann ich Ihnen helfen?"


def test_what_it_cannot_answer_is_asked_for_once_then_for_a_person() -> None:
    assert answer("Was kostet das?").text == AGAIN
    assert answer("Was kostet das?", "Das kostet").text == AGAIN, "a model broke off"
    assert called(answer("Was kostet das?", AGAIN, "Was kostet das?"))[0] == "handoff_to_person"
    assert answer("Was kostet das?", AGAIN, "Was kostet das?", tools=()).text == LATER
    assert "an einen Menschen" in after("handoff_to_person", '{"handed_over": true}').text
    assert after("handoff_to_person", '{"error": {"code": "nobody_answered"}}').text == LATER
    assert after("handoff_to_person", "<!doctype html>").text == LATER, "nobody knows that anybody comes"
    assert after("book_meeting", "{}").text == AGAIN, "a model's tool, before it broke off"


def test_what_was_taught_in_the_language_is_answered() -> None:
    price = "Klarton kostet 29 Euro pro Nutzer. Wer jährlich zahlt, spart zwanzig Prozent."
    assert answer("Was kostet das?", known=KNOWN).text == price
    assert answer("Was kostet das?", AGAIN, "wie teuer ist das?", known=KNOWN).text == price
    assert (
        called(answer("Was kostet das?", price, "Ja, aber was kostet das denn?", known=KNOWN))[0] == "handoff_to_person"
    )
    assert answer("Geht das mit Salesforce?", known=KNOWN).text == AGAIN, "nothing English is said in German"
    assert answer("Was kostet das?", known=KNOWN, rules="Never mention prices.").text != price


def test_who_asks_for_a_person_by_key_gets_one_at_once() -> None:
    assert called(answer(said(PERSON_WANTED, "de"))) == (
        "handoff_to_person",
        {"reason": "Die KI-Assistenz konnte nicht antworten."},
    )


def test_who_wants_no_more_calls_is_heeded() -> None:
    words = "Rufen Sie mich nie wieder an."
    assert called(answer(words)) == ("opt_out", {"reason": words})
    heeded = "In Ordnung: Sie hören nicht mehr von uns. Auf Wiederhören."
    assert after("opt_out", "{}").text == heeded
    assert answer(words, tools=()).text == heeded, "where the client brings its own tools"


def test_silence_and_good_byes_end_it() -> None:
    assert answer(SILENCE).text == "Sind Sie noch da?"
    assert answer(SILENCE, "Sind Sie noch da?", SILENCE).text == "Auf Wiederhören."
    assert answer("Danke, auf Wiederhören!").text == "Auf Wiederhören."
    assert answer("Hallo?", LATER, "Na gut.").text == "Auf Wiederhören."


@pytest.mark.parametrize("language", WORDS)
def test_no_english_is_said(language: str) -> None:
    english = {answer("Hm", language="en").text, "I'm sorry"}
    for reply in (answer(language=language), answer("xyz", language=language), answer(SILENCE, language=language)):
        assert reply.text
        assert not any(words in reply.text for words in english)
