"""The adapter against the vendors' wire protocols, as simulated."""

import asyncio
import json
import logging
from contextlib import aclosing

import pytest
from eventually import eventually

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
from pipelines.llm.profiles import PROFILES

HELLO = ChatRequest(
    messages=(Message("system", "You sell umbrellas."), Message("user", "Hello there")), max_output_tokens=300
)
BOOK = ToolSpec(
    "book_meeting",
    "Books a meeting.",
    {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
)
FAST = "cerebras.first_token_ms=1;cerebras.tokens_per_s=5000"
HURRIED = Deadlines(first_event_s=0.8, silence_s=0.5, usage_s=0.2)


async def events_of(model, request=HELLO, deadline_s=20):
    return await rest_of(model.stream(request), deadline_s)


async def rest_of(stream, deadline_s=20):
    async with asyncio.timeout(deadline_s):
        return [event async for event in stream]


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def script(*, text="", calls=(), finish_reason=None):
    reply = {"text": text, "tool_calls": list(calls), "finish_reason": finish_reason}
    return json.dumps({"script": {"replies": [reply]}})


async def failure(model, request=HELLO):
    with pytest.raises(LlmError) as failed:
        await events_of(model, request)
    return failed.value


@pytest.mark.parametrize(("name", "model"), [*((name, "m") for name in sorted(PROFILES)), ("cerebras", "qwen-3.8-27b")])
async def test_every_provider_answers_in_the_middle_of_a_talk(simulate, connect, name, model):
    """The agent spoke first, something is told beside, words came in two parts; also where nobody has spoken yet."""
    simulators = await simulate(delays=f"{name}.first_token_ms=1")
    connected = connect(simulators, name, model=model)
    system, brief = Message("system", "You sell."), Message("system", "It is Ada.", passing=True)
    talk = (system, Message("assistant", "Hello!"), Message("user", "Hi"), brief, Message("user", "Which colours?"))
    for messages in (talk, (system,), (system, brief)):
        assert text_of(await events_of(connected, ChatRequest(messages)))


@pytest.mark.parametrize("name", sorted(PROFILES))
async def test_every_provider_answers(simulate, connect, name):
    simulators = await simulate(script(text="We have red and blue ones."), delays=f"{name}.first_token_ms=1")
    model = connect(simulators, name, model="deepseek-flash")
    events = await events_of(model)
    assert text_of(events) == "We have red and blue ones."
    assert [type(event) for event in events].count(Completed) == 1
    assert events[-1].finish_reason == "stop"
    assert events[-1].usage.input_tokens > 0
    assert events[-1].usage.output_tokens > 0
    assert model.name == name
    body = simulators.simulation.seen[name].requests[-1]["body"]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body[PROFILES[name].limit_field] == 300
    assert body["stream_options"] == {"include_usage": True}


async def test_deepseek_does_not_think_and_counts_its_cache(simulate, connect):
    simulators = await simulate(delays="deepseek.first_token_ms=1;deepseek.comment_ms=1")
    model = connect(simulators, "deepseek", model="deepseek-flash")
    long = ChatRequest(messages=(Message("system", "Know this. " * 400), Message("user", "Hi")))
    first, second = await events_of(model, long), await events_of(model, long)
    assert simulators.simulation.seen["deepseek"].requests[-1]["body"]["thinking"] == {"type": "disabled"}
    assert first[-1].usage.cached_tokens == 0
    assert 0 < second[-1].usage.cached_tokens <= second[-1].usage.input_tokens


async def test_a_tool_call_comes_in_pieces(simulate, connect):
    call = {"name": "book_meeting", "arguments": {"day": "next Tuesday afternoon"}}
    simulators = await simulate(script(text="One moment.", calls=[call, call]), delays=FAST)
    model = connect(simulators)
    request = ChatRequest(messages=HELLO.messages, tools=(BOOK,))
    events = await events_of(model, request)
    pieces = [event for event in events if isinstance(event, ToolCallDelta)]
    for index in (0, 1):
        own = [piece for piece in pieces if piece.index == index]
        assert own[0].name == "book_meeting"
        assert own[0].call_id
        assert not any(piece.call_id or piece.name for piece in own[1:])
        assert len(own) > 2
        assert json.loads("".join(piece.arguments for piece in own)) == {"day": "next Tuesday afternoon"}
    assert pieces[0].call_id != pieces[-1].call_id
    assert events[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        (NamedTool("book_meeting"), {"type": "function", "function": {"name": "book_meeting"}}),
    ],
)
async def test_the_choice_of_tools(simulate, connect, choice, wire):
    simulators = await simulate(delays=FAST)
    request = ChatRequest(messages=HELLO.messages, tools=(BOOK,), tool_choice=choice)
    events = await events_of(connect(simulators), request)
    assert simulators.simulation.seen["cerebras"].requests[-1]["body"]["tool_choice"] == wire
    called = choice not in ("auto", "none")
    assert (events[-1].finish_reason == "tool_calls") is called


async def test_one_call_at_a_time_is_asked_for_where_it_is_wanted(simulate, connect):
    simulators = await simulate(delays=FAST)
    for wanted in (False, True):
        request = ChatRequest(messages=HELLO.messages, tools=(BOOK,), parallel_tool_calls=wanted)
        await events_of(connect(simulators), request)
    bodies = [seen["body"] for seen in simulators.simulation.seen["cerebras"].requests]
    assert [body.get("parallel_tool_calls") for body in bodies] == [False, None]


@pytest.mark.parametrize("model", ["o4-mini", "gpt-5.2"])
async def test_a_model_that_cannot_be_told_to_make_one_call_at_a_time_is_not_told(simulate, connect, model):
    simulators = await simulate(delays="openai.first_token_ms=1")
    request = ChatRequest(messages=HELLO.messages, tools=(BOOK,), parallel_tool_calls=False)
    assert text_of(await events_of(connect(simulators, "openai", model=model), request))
    sent = simulators.simulation.seen["openai"].requests[-1]["body"]
    assert ("parallel_tool_calls" in sent) is (model == "gpt-5.2")


async def test_a_result_that_came_after_the_caller_spoke_is_accepted(simulate, connect):
    simulators = await simulate(delays=FAST)
    request = ChatRequest(
        messages=(
            Message("user", "Book it"),
            Message("assistant", tool_calls=(ToolCall("call_1", "book_meeting", '{"day":"Monday"}'),)),
            Message("user", "Are you there?"),
            Message("tool", '{"booked":true}', tool_call_id="call_1"),
        ),
        tools=(BOOK,),
    )
    await events_of(connect(simulators), request)
    sent = simulators.simulation.seen["cerebras"].requests[-1]["body"]["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "user"]


@pytest.mark.parametrize("name", ["cerebras", "deepseek", "openai"])
@pytest.mark.parametrize("closed", [True, False])
async def test_structured_output(simulate, connect, name, closed):
    simulators = await simulate(delays=f"{name}.first_token_ms=1")
    schema = {"type": "object", "properties": {"budget": {"type": "integer"}}, "required": ["budget"]}
    if closed:
        schema["additionalProperties"] = False
    request = ChatRequest(messages=HELLO.messages, response_schema=schema)
    reply = json.loads(text_of(await events_of(connect(simulators, name), request)))
    assert isinstance(reply, dict)
    if name != "deepseek":
        assert isinstance(reply["budget"], int)
        sent = simulators.simulation.seen[name].requests[-1]["body"]["response_format"]
        assert sent["json_schema"]["strict"] is closed


@pytest.mark.parametrize(("wire", "told"), [("length", "length"), ("content_filter", "content_filter")])
async def test_finish_reasons(simulate, connect, wire, told):
    simulators = await simulate(script(text="Well", finish_reason=wire), delays=FAST)
    assert (await events_of(connect(simulators)))[-1].finish_reason == told


async def test_closing_the_iterator_ends_the_request(simulate, connect):
    simulators = await simulate(delays="cerebras.first_token_ms=1;cerebras.tokens_per_s=20")
    seen = simulators.simulation.seen["cerebras"]
    async with aclosing(connect(simulators).stream(HELLO)) as stream:
        assert isinstance(await anext(stream), TextDelta)
        assert seen.busy == 1
    await eventually(lambda: seen.counters["aborted"] == 1 and seen.busy == 0)


async def test_cancelling_before_the_first_token_ends_the_request(simulate, connect):
    simulators = await simulate(delays="cerebras.first_token_ms=60000")
    seen = simulators.simulation.seen["cerebras"]
    task = asyncio.create_task(events_of(connect(simulators)))
    await eventually(lambda: seen.busy == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: seen.counters["aborted"] == 1)


async def test_turns_share_one_connection(simulate, connect):
    simulators = await simulate(delays=FAST)
    model = connect(simulators)
    opened = []
    connector_ports = set()
    await model.warm()
    connector = model._poster._session.connector
    for _ in range(3):
        await events_of(model)
        pool = connector._conns
        opened.append(sum(len(connections) for connections in pool.values()))
        connector_ports |= {
            protocol.transport.get_extra_info("sockname")[1] for held in pool.values() for protocol, _ in held
        }
    assert opened == [1, 1, 1]
    assert len(connector_ports) == 1
    assert connector._keepalive_timeout >= 60


async def test_warming_asks_for_one_token(simulate, connect):
    simulators = await simulate(delays=FAST)
    await connect(simulators).warm()
    body = simulators.simulation.seen["cerebras"].requests[-1]["body"]
    assert body["max_completion_tokens"] == 1


@pytest.mark.parametrize(
    ("faults", "code", "retryable"),
    [
        ("cerebras:refuse", "llm_overloaded", True),
        ("cerebras:refuse,status=0", "llm_connection_lost", True),
        ("cerebras:server_error", "llm_provider_error", True),
        ("cerebras:drop@connect", "llm_connection_lost", True),
        ("cerebras:stall@connect", "llm_timeout", True),
        ("cerebras:stall", "llm_timeout", True),
        ("cerebras:stall@first", "llm_timeout", True),
        ("cerebras:stall@mid", "llm_timeout", True),
        ("cerebras:hang@mid,duration_ms=2500", "llm_timeout", True),
        ("cerebras:drop@first", "llm_connection_lost", True),
        ("cerebras:drop", "llm_connection_lost", True),
        ("cerebras:server_error@first", "llm_provider_error", True),
        ("cerebras:server_error@mid", "llm_provider_error", True),
        ("cerebras:garbage", "llm_bad_chunk", True),
        ("cerebras:garbage@mid", "llm_bad_chunk", True),
        ("cerebras:slow_drip,pause_ms=60000", "llm_timeout", True),
    ],
)
async def test_what_a_fault_becomes(simulate, connect, faults, code, retryable):
    simulators = await simulate(delays=FAST, faults=faults)
    model = connect(simulators, deadlines=HURRIED)
    error = await failure(model)
    assert (error.code, error.retryable) == (code, retryable)


@pytest.mark.parametrize("name", ["openrouter", "deepseek", "openai", "runpod", "ollama"])
async def test_an_error_in_mid_stream(simulate, connect, name):
    simulators = await simulate(faults=f"{name}:server_error@mid", delays=f"{name}.first_token_ms=1")
    stream = connect(simulators, name).stream(HELLO)
    assert isinstance(await anext(stream), TextDelta)
    with pytest.raises(LlmError) as failed:
        await rest_of(stream)
    assert (failed.value.code, failed.value.retryable) == ("llm_provider_error", True)


async def test_comments_do_not_count_as_an_answer(simulate, connect):
    simulators = await simulate(delays="deepseek.comment_ms=20", faults="deepseek:stall@first")
    model = connect(simulators, "deepseek", deadlines=HURRIED)
    assert (await failure(model)).code == "llm_timeout"


async def test_the_limit_says_when_to_come_back(simulate, connect):
    simulators = await simulate(faults="cerebras:rate_limit,retry_after_s=2.5")
    error = await failure(connect(simulators))
    assert (error.code, error.retryable, error.retry_after_s) == ("llm_rate_limited", True, 2.5)


@pytest.mark.parametrize("name", ["cerebras", "deepseek", "openrouter", "openai"])
async def test_a_wrong_key_is_told_without_the_key(simulate, connect, name, caplog):
    caplog.set_level(logging.DEBUG)
    simulators = await simulate()
    error = await failure(connect(simulators, name, api_key="sk-very-secret"))
    assert (error.code, error.retryable) == ("llm_unauthorized", False)
    assert "sk-very-secret" not in f"{error}{error.__cause__!r}{caplog.text}"


async def test_an_unknown_model(simulate, connect):
    simulators = await simulate('{"models":{"cerebras":{"models":["gpt-oss-120b"]}}}')
    error = await failure(connect(simulators, model="llama-9"))
    assert (error.code, error.retryable) == ("llm_not_found", False)
    assert "model_not_found" in str(error)


async def test_no_server_at_all(connect):
    from types import SimpleNamespace

    settings = {"CEREBRAS_API_BASE": "http://127.0.0.1:1/v1", "CEREBRAS_API_KEY": "k"}
    error = await failure(connect(SimpleNamespace(settings=settings)))
    assert (error.code, error.retryable) == ("llm_connection_lost", True)


async def test_many_replies_at_once(simulate, connect):
    simulators = await simulate(delays=FAST)
    model = connect(simulators)
    replies = await asyncio.gather(*(events_of(model) for _ in range(40)))
    assert all(reply[-1].finish_reason == "stop" for reply in replies)


@pytest.mark.parametrize(
    ("model", "least"), [("gpt-5-mini", 256), ("o4-mini", 256), ("gpt-5.2", 1), ("gpt-4.1-mini", 1)]
)
async def test_who_cannot_but_think_is_given_room_for_it(simulate, connect, model, least):
    simulators = await simulate(delays="openai.first_token_ms=1")
    await connect(simulators, "openai", model=model).warm()
    assert simulators.simulation.seen["openai"].requests[-1]["body"]["max_completion_tokens"] == least
