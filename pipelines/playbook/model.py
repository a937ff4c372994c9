"""The playbook as a language model: the embedded default, and what finishes a turn when all other models failed."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from msgspec import Struct

from pipelines.call_audio.wish import NOT_RECORDED, RECORDED, TOLD
from pipelines.intent.model import load_model
from pipelines.knowledge.index import KnowledgeIndex, load_knowledge
from pipelines.knowledge.markdown import Section
from pipelines.knowledge.port import Knowledge, Passage
from pipelines.language.tags import is_english, language_told, primary
from pipelines.llm.port import (
    ChatRequest,
    Completed,
    FinishReason,
    LlmEvent,
    Message,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from pipelines.playbook import elsewhere
from pipelines.playbook.answers import spoken_answer, spoken_opening
from pipelines.playbook.arguments import arguments_for
from pipelines.playbook.follow_up import after_results
from pipelines.playbook.history import Conversation, read_history
from pipelines.playbook.moves import Plan, Surroundings
from pipelines.playbook.persona import Persona, read_persona
from pipelines.playbook.policy import decide
from pipelines.playbook.restraints import read_restraints, without_prices
from pipelines.playbook.schema_filling import fill
from pipelines.playbook.slots import FreeSlots, business_slots
from pipelines.playbook.tool_calling import choose_tool
from pipelines.playbook.tools import SEARCH_KNOWLEDGE, SERVER_TOOL_NAMES
from pipelines.playbook.wording import compose

CHARS_PER_TOKEN: Final = 4
"""The usual rule of thumb for English; the playbook has no tokens of its own."""

_PIECE: Final = re.compile(r"\S+\s*")

Clock = Callable[[], datetime]
"""The present moment, with the time zone meetings are offered in."""


class Reply(Struct, frozen=True):
    """A whole reply before it is streamed."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"


class Playbook:
    """Rules that greet, answer, qualify, book and close. Shared by all conversations: it keeps nothing of any of them.

    ``free_slots`` gives the times a meeting can start, and must not block.
    """

    def __init__(
        self, knowledge: Knowledge | None = None, *, clock: Clock | None = None, free_slots: FreeSlots = business_slots
    ) -> None:
        self._knowledge: Knowledge = load_knowledge() if knowledge is None else knowledge
        self._clock: Clock = clock or (lambda: datetime.now().astimezone())
        self._free_slots = free_slots
        load_model()  # the intent weights, so that the first caller does not wait for them

    @property
    def name(self) -> str:
        return "playbook"

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream the reply word by word, then its calls. Never waits and never fails."""
        reply = limited(self.reply(request), request.max_output_tokens)
        for piece in _PIECE.findall(reply.text):
            yield TextDelta(piece)
        for index, call in enumerate(reply.calls):
            yield ToolCallDelta(index=index, call_id=call.call_id, name=call.name)
            yield ToolCallDelta(index=index, arguments=call.arguments)
        yield Completed(reply.finish_reason, _usage(request.messages, reply))

    async def aclose(self) -> None:
        """Nothing is held."""

    def reply(self, request: ChatRequest) -> Reply:
        """The whole reply to a request."""
        now = self._clock()
        language = language_told(message.content for message in request.messages if message.role == "system")
        if not is_english(language) and request.response_schema is None and request.tool_choice in ("auto", "none"):
            return _elsewhere(request, language, self._knowledge)
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)  # all that matters of the time, and it caches
        conversation = read_history(request.messages, day, self._free_slots(now))
        if request.response_schema is not None:
            return Reply(json.dumps(fill(request.response_schema, _last_user_text(request.messages), now)))
        persona = read_persona(conversation.instructions)
        if not conversation.results:
            called = self._client_call(request, conversation, now)
            if called is not None:
                return called
        if persona.exact is not None:
            return Reply(persona.exact)
        return self._act(request, conversation, self._surroundings(request, conversation, persona))

    def _client_call(self, request: ChatRequest, conversation: Conversation, now: datetime) -> Reply | None:
        """A call the request forces, or one of a client's tools the caller clearly asks for."""
        latest = conversation.latest
        tool = choose_tool(request, latest, conversation.called)
        if tool is None:
            return None
        if latest is not None and tool.name in SERVER_TOOL_NAMES:
            arguments = arguments_for(tool, conversation.state, latest, latest.text)
        else:
            arguments = fill(tool.parameters, latest.text if latest else "", now)
        return Reply(calls=(_call(tool, arguments),), finish_reason="tool_calls")

    def _surroundings(self, request: ChatRequest, conversation: Conversation, persona: Persona) -> Surroundings:
        offered = frozenset(tool.name for tool in request.tools) if request.tool_choice != "none" else frozenset()
        others = (
            persona.company is not None
            and self._knowledge.subject.split(" ")[0].lower() not in conversation.instructions.lower()
        )
        knowledge = None if self._knowledge.is_example and others else self._knowledge
        if knowledge is None:
            offered -= {SEARCH_KNOWLEDGE.name}  # it would find the example's answers
        no_prices = read_restraints(conversation.instructions).no_prices
        return Surroundings(
            persona=persona,
            company=persona.company or (knowledge.subject if knowledge is not None else "") or None,
            lookup=partial(_lookup, (_facts(conversation.whispered), persona.facts, knowledge), no_prices=no_prices),
            no_prices=no_prices,
            effects=(offered & SERVER_TOOL_NAMES) - conversation.called,
            told_of_recording=_is_told(request, TOLD),
            is_recorded=_recorded(request),
        )

    def _act(self, request: ChatRequest, conversation: Conversation, around: Surroundings) -> Reply:
        state, latest = conversation.state, conversation.latest
        plan: Plan | None
        if conversation.results:
            plan = after_results(conversation, around)
        elif conversation.spoken_since:
            plan = decide(state, None, around)
        else:
            plan = decide(state, latest, around)
        text = compose(plan, state.course.said)
        if latest is None or not plan.effects:
            return Reply(text)
        tools = {tool.name: tool for tool in request.tools}
        calls = tuple(
            _call(tools[effect], arguments_for(tools[effect], state, latest, plan.query)) for effect in plan.effects
        )
        return Reply(text, calls, "tool_calls")


def _elsewhere(request: ChatRequest, language: str, knowledge: Knowledge) -> Reply:
    tools = {tool.name: tool for tool in request.tools} if request.tool_choice == "auto" else {}
    no_prices = any(read_restraints(each.content).no_prices for each in request.messages if each.role == "system")

    def lookup(question: str) -> str | None:
        found = (each for each in knowledge.search(question) if each.language == primary(language))
        text = next((each.text for each in found), "")
        return spoken_opening(without_prices(text) if no_prices else text) or None

    step = elsewhere.next_step(request.messages, tools, language, lookup)
    if step.tool is None:
        return Reply(step.text)
    return Reply(calls=(_call(tools[step.tool], step.arguments),), finish_reason="tool_calls")


def _recorded(request: ChatRequest) -> bool | None:
    if _is_told(request, RECORDED):
        return True
    return False if _is_told(request, NOT_RECORDED) else None


def _is_told(request: ChatRequest, what: str) -> bool:
    return any(message.role == "system" and what in message.content for message in request.messages)


@lru_cache(maxsize=64)
def _facts(whispered: tuple[str, ...]) -> Knowledge | None:
    """What an operator told, as far as rules can use it."""
    return KnowledgeIndex("", [Section(text, text) for text in reversed(whispered)]) if whispered else None


def _lookup(sources: Sequence[Knowledge | None], question: str, *, no_prices: bool) -> Passage | None:
    """The best answer of the first of the sources that has one; its text cut to what one says, and may say."""
    for source in sources:
        found = source.search(question, 1) if source is not None else []
        if found:
            text = without_prices(found[0].text) if no_prices else found[0].text
            return Passage(found[0].title, spoken_answer(text, question), found[0].score) if text else None
    return None


def _call(tool: ToolSpec, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(call_id=f"call_{secrets.token_hex(12)}", name=tool.name, arguments=json.dumps(arguments))


def limited(reply: Reply, max_output_tokens: int | None) -> Reply:
    """The reply within a token limit: cut after a whole word, with "length" as the reason it ended."""
    if max_output_tokens is None or len(reply.text) <= max_output_tokens * CHARS_PER_TOKEN:
        return reply
    cut = reply.text[: max_output_tokens * CHARS_PER_TOKEN + 1]
    words = cut.rsplit(" ", 1)[0] if " " in cut else cut[:-1]
    return Reply(words, (), "length")


def _last_user_text(messages: tuple[Message, ...]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _usage(messages: tuple[Message, ...], reply: Reply) -> Usage:
    characters = sum(len(message.content) for message in messages)
    written = len(reply.text) + sum(len(call.name) + len(call.arguments) for call in reply.calls)
    return Usage(input_tokens=-(-characters // CHARS_PER_TOKEN), output_tokens=-(-written // CHARS_PER_TOKEN))
