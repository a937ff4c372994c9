"""What the playbook says where another language than English is talked: its rules are English, so it does not talk
for long. It greets, answers from what was taught in that language, asks once to hear again what it cannot answer, then
passes the caller on to a person. Pure.

A wish for no more calls, or for a person, is understood and acted on.
"""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from msgspec import Struct

from pipelines.language.words import said, says_farewell, wants_no_calls
from pipelines.llm.port import Message
from pipelines.playbook.persona import read_persona
from pipelines.playbook.tools import HANDOFF_TO_PERSON, OPT_OUT
from pipelines.unheard import SILENCE

PERSON_WANTED: Final = "I would like to talk to a person."

_AGAIN: Final = "I'm sorry, something went wrong just now. Could you say that again, please?"
_PASSED_ON: Final = "I'm sorry, I can't answer that myself. I'm passing you on to a colleague."
_LATER: Final = "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye."
_NO_MORE: Final = "All right: you won't hear from us again. Goodbye."
_THERE: Final = "Are you still there?"
_GOODBYE: Final = "Goodbye."
_REASON: Final = "The agent could not answer."


class Step(Struct, frozen=True):
    """What is said, or the tool that is called instead, with its arguments."""

    text: str = ""
    tool: str | None = None
    arguments: dict[str, Any] = {}


def next_step(
    messages: Sequence[Message],
    offered: Collection[str],
    language: str,
    lookup: Callable[[str], str | None] = lambda question: None,
) -> Step:
    """``offered``: names of the tools. ``lookup``: what is known in the language, as one says it."""
    talk = [message for message in messages if message.role != "system"]
    if not talk:
        return Step(_opening("\n".join(message.content for message in messages), language))
    last = talk[-1]
    if last.role == "tool":
        return Step(said(_after_tool(talk), language))
    if last.role == "assistant":  # a model broke off in the middle of it
        return Step(said(_AGAIN, language))
    before = next((message.content for message in reversed(talk) if message.role == "assistant"), "")
    return _answer(last.content, before, offered, language, lookup)


def _opening(instructions: str, language: str) -> str:
    persona = read_persona(instructions)
    if persona.greeting:
        return persona.greeting
    known = "Hello, this is {agent} from {company}." if persona.company else "Hello, this is {agent}."
    return said(f"{known} How can I help you?", language).format(agent=persona.agent, company=persona.company)


def _after_tool(talk: Sequence[Message]) -> str:
    calls = {call.call_id: call.name for message in talk for call in message.tool_calls}
    name = calls.get(talk[-1].tool_call_id or "")
    if name == OPT_OUT.name:
        return _NO_MORE
    if name == HANDOFF_TO_PERSON.name:
        return _LATER if _has_failed(talk[-1].content) else _PASSED_ON
    return _AGAIN


def _answer(
    text: str, before: str, offered: Collection[str], language: str, lookup: Callable[[str], str | None]
) -> Step:
    def was(phrase: str) -> bool:
        return said(phrase, language) in before

    if text == SILENCE:
        return Step(said(_GOODBYE if was(_THERE) else _THERE, language))
    if wants_no_calls(text):
        return _call(OPT_OUT.name, text, offered) or Step(said(_NO_MORE, language))
    if says_farewell(text) or any(map(was, (_PASSED_ON, _LATER, _NO_MORE))):
        return Step(said(_GOODBYE, language))
    by_key = text == said(PERSON_WANTED, language)
    known = lookup(text) if not by_key else None
    if known is not None and known not in before:
        return Step(known)
    if known is not None or by_key or was(_AGAIN):
        return _call(HANDOFF_TO_PERSON.name, said(_REASON, language), offered) or Step(said(_LATER, language))
    return Step(said(_AGAIN, language))


def _call(tool: str, reason: str, offered: Collection[str]) -> Step | None:
    return Step(tool=tool, arguments={"reason": reason}) if tool in offered else None


def _has_failed(output: str) -> bool:
    try:
        result = json.loads(output)
    except ValueError:
        return True
    return isinstance(result, dict) and "error" in result
