"""The playbook behind the port of language models: streaming, limits, instructions, schemas, usage."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from playbook_talk import MONDAY, Talk

from pipelines.knowledge.index import parse_knowledge
from pipelines.llm.port import (
    ChatRequest,
    Completed,
    LanguageModel,
    LlmEvent,
    Message,
    TextDelta,
    ToolCallDelta,
    ToolSpec,
)
from pipelines.playbook.model import CHARS_PER_TOKEN, Playbook
from pipelines.playbook.tools import SERVER_TOOLS


def run(request: ChatRequest, playbook: Playbook | None = None) -> list[LlmEvent]:
    async def collect() -> list[LlmEvent]:
        model: LanguageModel = playbook or Playbook(clock=lambda: MONDAY)
        return [event async for event in model.stream(request)]

    return asyncio.run(collect())


def texts(events: list[LlmEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_a_reply_comes_word_by_word_and_ends_with_completed() -> None:
    request = ChatRequest((Message("user", "how much does it cost"),))
    events = run(request)
    assert isinstance(events[-1], Completed)
    assert events[-1].finish_reason == "stop"
    assert len(events) > 10
    assert texts(events) == Playbook(clock=lambda: MONDAY).reply(request).text
    assert isinstance(events[0], TextDelta)
    assert len(events[0].text) < 12


def test_a_call_comes_in_two_pieces() -> None:
    events = run(ChatRequest((Message("user", "stop calling me"),), tools=SERVER_TOOLS))
    opening, arguments = [event for event in events if isinstance(event, ToolCallDelta)]
    assert opening.name == "opt_out"
    assert opening.call_id
    assert not arguments.name
    assert json.loads(arguments.arguments) == {"reason": "stop calling me"}
    assert isinstance(events[-1], Completed)
    assert events[-1].finish_reason == "tool_calls"


def test_two_calls_have_their_own_ids_and_indices() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script("I'd like a demo on tuesday at ten", "ann", "ann@x.com")
    events = run(ChatRequest((*talk.messages, Message("user", "yes")), tools=SERVER_TOOLS))
    opened = [event for event in events if isinstance(event, ToolCallDelta) and event.name]
    assert [event.index for event in opened] == [0, 1]
    assert len({event.call_id for event in opened}) == 2


def test_the_token_limit_cuts_after_a_whole_word() -> None:
    whole = texts(run(ChatRequest((Message("user", "how much does it cost"),))))
    events = run(ChatRequest((Message("user", "how much does it cost"),), max_output_tokens=6))
    cut = texts(events)
    assert 0 < len(cut) <= 6 * CHARS_PER_TOKEN
    assert whole.startswith(f"{cut} ")
    assert isinstance(events[-1], Completed)
    assert events[-1].finish_reason == "length"


def test_usage_is_counted_by_the_rule_of_thumb() -> None:
    events = run(ChatRequest((Message("user", "x" * 400),)))
    assert isinstance(events[-1], Completed)
    assert events[-1].usage.input_tokens == 100
    assert events[-1].usage.output_tokens > 0


def test_closing_the_stream_early_is_fine() -> None:
    async def first() -> str:
        stream = Playbook(clock=lambda: MONDAY).stream(ChatRequest((Message("user", "hello"),)))
        async for event in stream:
            assert isinstance(event, TextDelta)
            await stream.aclose()  # type: ignore[attr-defined]
            return event.text
        raise AssertionError

    assert asyncio.run(first())


@pytest.mark.parametrize(
    ("system", "reply"),
    [
        ("Say exactly: hello world", "hello world"),
        ("Reply only with the word pineapple.", "pineapple"),
        ("Always reply with exactly 'ping pong' to everything.", "ping pong"),
        ('You are a sales agent. Say exactly "Welcome to Acme" and nothing else.', "Welcome to Acme"),
    ],
)
def test_prescribed_words_are_said(system: str, reply: str) -> None:
    assert Talk(system=system).say("hi there") == reply


def test_the_instructions_say_who_it_is_and_what_is_true() -> None:
    system = "You are Kim from Initech. Initech sells printers. Plans start at 20 dollars a month. Always be polite."
    talk = Talk(system=system)
    said = talk.script("how much is it", "does it work with hubspot", "what's your name")
    assert "Kim" in said[0]
    assert "Initech" in said[0]
    assert "Acme" not in " ".join(said)
    assert "20 dollars" in said[1]
    assert "HubSpot" not in said[2]
    assert "Kim" in said[3]


def test_instructions_about_the_known_product_keep_its_knowledge() -> None:
    said = Talk(system="You are Max, a sales agent for Acme Voice.").script("does it work with hubspot")
    assert "Max" in said[0]
    assert "HubSpot" in said[1]


def test_a_prescribed_greeting_opens_the_talk() -> None:
    talk = Talk(system='You are Sam from Hooli. Greet the caller with "Hello from Hooli!" and be brief.')
    assert talk.answer() == "Hello from Hooli!"


def test_knowledge_of_ones_own_is_answered_from() -> None:
    knowledge = parse_knowledge("# Widget Pro\n\n## What does it cost?\nTen dollars.\n")
    playbook = Playbook(knowledge, clock=lambda: MONDAY)
    request = ChatRequest((Message("system", "You are Ava from Widgets Inc."), Message("user", "how much is it")))
    assert playbook.reply(request).text.startswith("Ten dollars.")


def test_free_times_come_from_outside() -> None:
    slot = datetime(2026, 12, 24, 8, 45, tzinfo=UTC)
    playbook = Playbook(clock=lambda: MONDAY, free_slots=lambda now: (slot,))
    reply = playbook.reply(ChatRequest((Message("user", "i'd like to book a demo"),)))
    assert "Thursday, December 24th at 8:45 AM" in reply.text
    none = Playbook(clock=lambda: MONDAY, free_slots=lambda now: ())
    assert "day and time" in none.reply(ChatRequest((Message("user", "i'd like to book a demo"),))).text


def test_a_schema_is_answered_with_json_that_fits_it() -> None:
    schema = {
        "type": "object",
        "properties": {"email": {"type": "string"}, "team_size": {"type": "integer"}, "hot": {"type": "boolean"}},
        "required": ["email", "team_size", "hot"],
    }
    request = ChatRequest((Message("user", "jane at acme dot com, 25 people"),), response_schema=schema)
    assert json.loads(texts(run(request))) == {"email": "jane@acme.com", "team_size": 25, "hot": False}


def test_messages_of_no_use_are_passed_over() -> None:
    request = ChatRequest(
        (
            Message("tool", "orphan", tool_call_id="nobody"),
            Message("assistant", ""),
            Message("user", "hello"),
        ),
        tools=(ToolSpec("no_schema"),),
    )
    assert texts(run(request))


def test_the_first_words_do_not_wait_for_a_long_history() -> None:
    """Work grows with the messages, not with their square: every text is understood once."""
    from pipelines.playbook.understanding import understand

    talk = Talk()
    talk.script(*[f"question {number}" for number in range(20)])
    understand.cache_clear()
    talk.playbook.reply(ChatRequest(tuple(talk.messages)))
    misses = understand.cache_info().misses
    assert misses <= 20
    talk.playbook.reply(ChatRequest((*talk.messages, Message("user", "and one more"))))
    assert understand.cache_info().misses == misses + 1
