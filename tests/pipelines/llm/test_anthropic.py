"""The adapter against the vendor's wire protocol, as simulated."""

import asyncio
import json
import logging
from contextlib import aclosing

import pytest
from eventually import eventually

from pipelines.llm.anthropic import AnthropicModel
from pipelines.llm.anthropic_reply import AnthropicReplyReader
from pipelines.llm.anthropic_request import request_body
from pipelines.llm.http_stream import Deadlines
from pipelines.llm.port import (
    ChatRequest,
    Completed,
    LlmError,
    Message,
    NamedTool,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
)

HELLO = ChatRequest(
    messages=(Message("system", "You sell umbrellas."), Message("user", "Hello there")), temperature=0.3
)
BOOK = ToolSpec(
    "book_meeting",
    "Books a meeting.",
    {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
)
FAST = "anthropic.first_token_ms=1;anthropic.tokens_per_s=5000"
HURRIED = Deadlines(first_event_s=0.8, silence_s=0.5, usage_s=0.2)


@pytest.fixture
async def claude():
    made = []

    def connect(simulators, *, api_key=None, **options):
        settings = simulators.settings
        key = api_key or settings["ANTHROPIC_API_KEY"]
        made.append(AnthropicModel(api_key=key, base_url=settings["ANTHROPIC_BASE_URL"], **options))
        return made[-1]

    yield connect
    for model in made:
        await model.aclose()


async def events_of(model, request=HELLO):
    async with asyncio.timeout(20):
        return [event async for event in model.stream(request)]


def last_body(simulators):
    return simulators.simulation.seen["anthropic"].requests[-1]["body"]


async def test_a_reply(simulate, claude):
    simulators = await simulate('{"script":{"replies":[{"text":"We have red and blue ones."}]}}', delays=FAST)
    events = await events_of(claude(simulators))
    assert "".join(event.text for event in events[:-1]) == "We have red and blue ones."
    assert len(events) > 3
    assert isinstance(events[-1], Completed)
    assert events[-1].finish_reason == "stop"
    assert events[-1].usage.input_tokens > 0 and events[-1].usage.output_tokens > 0
    body = last_body(simulators)
    assert "temperature" not in body
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}


async def test_the_prompt_cache_is_used_and_counted(simulate, claude):
    simulators = await simulate(delays=FAST)
    model = claude(simulators)
    request = ChatRequest(messages=(Message("system", "Know this. " * 1000), Message("user", "Hi")))
    first, second = await events_of(model, request), await events_of(model, request)
    assert first[-1].usage.cached_tokens == 0
    assert first[-1].usage.written_tokens > 1000 > second[-1].usage.written_tokens
    assert 1000 < second[-1].usage.cached_tokens <= second[-1].usage.input_tokens == first[-1].usage.input_tokens


async def test_the_next_turn_reads_the_cache_though_something_else_is_known_of_the_caller(simulate, claude):
    simulators = await simulate(delays=FAST)
    model = claude(simulators)
    said = (Message("system", "Sell. " * 1000), Message("user", "So. " * 1000), Message("assistant", "Well. " * 1000))
    first = (*said, Message("system", "Ten people.", passing=True), Message("user", "And?"))
    second = (*said, first[-1], Message("assistant", "Yes."), Message("system", "Six.", passing=True), first[-1])
    for messages in (first, second):
        events = await events_of(model, ChatRequest(messages=messages))
    usage = events[-1].usage
    assert usage.cached_tokens > 0.9 * usage.input_tokens
    assert usage.written_tokens < 100


async def test_tool_calls_and_their_results(simulate, claude):
    calls = [
        {"name": "book_meeting", "arguments": {"day": "Tuesday"}},
        {"name": "book_meeting", "arguments": {"day": "Friday"}},
    ]
    rules = [{"reply": {"text": "One moment.", "tool_calls": calls}, "after_tool": False}]
    simulators = await simulate(json.dumps({"script": {"rules": rules}}), delays=FAST)
    model = claude(simulators)
    events = await events_of(model, ChatRequest(messages=HELLO.messages, tools=(BOOK,)))
    pieces = [event for event in events if isinstance(event, ToolCallDelta)]
    assert events[-1].finish_reason == "tool_calls"
    heads = [piece for piece in pieces if piece.name]
    assert [piece.index for piece in heads] == [0, 1]
    texts = ["".join(piece.arguments for piece in pieces if piece.index == index) for index in (0, 1)]
    assert [json.loads(text) for text in texts] == [{"day": "Tuesday"}, {"day": "Friday"}]
    made = tuple(ToolCall(head.call_id, head.name, text) for head, text in zip(heads, texts, strict=True))
    answered = ChatRequest(
        messages=(
            *HELLO.messages,
            Message("assistant", "One moment.", made),
            Message("user", "Hurry"),
            *(Message("tool", '{"booked":true}', tool_call_id=call.call_id) for call in made),
        ),
        tools=(BOOK,),
    )
    assert (await events_of(model, answered))[-1].finish_reason == "stop"


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        (NamedTool("book_meeting"), {"type": "tool", "name": "book_meeting"}),
    ],
)
async def test_the_choice_of_tools(simulate, claude, choice, wire):
    simulators = await simulate(delays=FAST)
    request = ChatRequest(messages=HELLO.messages, tools=(BOOK,), tool_choice=choice)
    events = await events_of(claude(simulators), request)
    assert last_body(simulators)["tool_choice"] == wire
    assert (events[-1].finish_reason == "tool_calls") is (choice not in ("auto", "none"))


async def test_one_call_at_a_time_is_asked_for_where_it_is_wanted(simulate, claude):
    simulators = await simulate(delays=FAST)
    request = ChatRequest(messages=HELLO.messages, tools=(BOOK,), parallel_tool_calls=False)
    await events_of(claude(simulators), request)
    assert last_body(simulators)["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


async def test_structured_output(simulate, claude):
    simulators = await simulate(delays=FAST)
    properties = {"budget": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["budget"], "additionalProperties": False}
    events = await events_of(claude(simulators), ChatRequest(messages=HELLO.messages, response_schema=schema))
    reply = json.loads("".join(event.text for event in events if isinstance(event, TextDelta)))
    assert isinstance(reply["budget"], int)


@pytest.mark.parametrize(
    "messages",
    [
        (Message("assistant", "Hi, this is Ann."), Message("user", "Hello")),
        (Message("user", "Hello"), Message("assistant", "Hi")),
        (Message("system", "Be kind."),),
        (
            Message("user", "a"),
            Message("user", ""),
            Message("user", "b"),
            Message("system", "Be brief."),
            Message("user", "c"),
        ),
        (Message("user", "a"), Message("assistant", "", (ToolCall("t1", "x", "not json"),))),
    ],
)
async def test_any_conversation_is_accepted(simulate, claude, messages):
    simulators = await simulate(delays=FAST)
    await events_of(claude(simulators), ChatRequest(messages=messages))
    roles = [turn["role"] for turn in last_body(simulators)["messages"]]
    assert roles[0] == roles[-1] == "user"
    assert all(a != b for a, b in zip(roles, roles[1:], strict=False))


def test_the_output_is_limited_even_when_nobody_asked():
    assert request_body("m", HELLO)["max_tokens"] == 1024


async def test_closing_the_iterator_ends_the_request(simulate, claude):
    simulators = await simulate(delays="anthropic.first_token_ms=1;anthropic.tokens_per_s=20")
    seen = simulators.simulation.seen["anthropic"]
    async with aclosing(claude(simulators).stream(HELLO)) as stream:
        assert isinstance(await anext(stream), TextDelta)
    await eventually(lambda: seen.counters["aborted"] == 1 and seen.busy == 0)


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("anthropic:refuse", "llm_overloaded"),
        ("anthropic:server_error", "llm_overloaded"),
        ("anthropic:server_error,status=500", "llm_provider_error"),
        ("anthropic:drop@connect", "llm_connection_lost"),
        ("anthropic:stall", "llm_timeout"),
        ("anthropic:stall@mid", "llm_timeout"),
        ("anthropic:drop@first", "llm_connection_lost"),
        ("anthropic:drop", "llm_connection_lost"),
        ("anthropic:server_error@first", "llm_overloaded"),
        ("anthropic:server_error@mid", "llm_overloaded"),
        ("anthropic:garbage", "llm_bad_chunk"),
        ("anthropic:slow_drip,pause_ms=60000", "llm_timeout"),
    ],
)
async def test_what_a_fault_becomes(simulate, claude, faults, code):
    simulators = await simulate(delays=FAST, faults=faults)
    with pytest.raises(LlmError) as failed:
        await events_of(claude(simulators, deadlines=HURRIED))
    assert (failed.value.code, failed.value.retryable) == (code, True)


async def test_the_limit_says_when_to_come_back(simulate, claude):
    simulators = await simulate(faults="anthropic:rate_limit,retry_after_s=2.5")
    with pytest.raises(LlmError) as failed:
        await events_of(claude(simulators))
    assert (failed.value.code, failed.value.retry_after_s) == ("llm_rate_limited", 2.5)


async def test_a_wrong_key_is_told_without_the_key(simulate, claude, caplog):
    caplog.set_level(logging.DEBUG)
    simulators = await simulate()
    with pytest.raises(LlmError) as failed:
        await events_of(claude(simulators, api_key="sk-very-secret"))
    assert (failed.value.code, failed.value.retryable) == ("llm_unauthorized", False)
    assert "sk-very-secret" not in f"{failed.value}{caplog.text}"


async def test_warming_asks_for_one_token(simulate, claude):
    simulators = await simulate(delays=FAST)
    model = claude(simulators)
    await model.warm()
    assert last_body(simulators)["max_tokens"] == 1


def test_an_end_without_a_stop_reason_is_incomplete():
    reader = AnthropicReplyReader("anthropic")
    reader.read(b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Well"}}')
    reader.read(b'{"type":"ping"}')
    with pytest.raises(LlmError) as failed:
        reader.completed()
    assert failed.value.code == "llm_incomplete"


@pytest.mark.parametrize(
    ("wire", "told"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("refusal", "content_filter"),
        ("pause_turn", "stop"),
        ("new", "stop"),
    ],
)
def test_stop_reasons(wire, told):
    reader = AnthropicReplyReader("anthropic")
    reader.read(b'{"type":"message_delta","delta":{"stop_reason":"%s"},"usage":{"output_tokens":3}}' % wire.encode())
    assert reader.completed().finish_reason == told
