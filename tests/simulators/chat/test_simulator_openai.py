import asyncio

import openai
import pytest

TOOL = {
    "type": "function",
    "function": {
        "name": "book",
        "parameters": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
    },
}
CLOSED = {
    "type": "object",
    "properties": {"score": {"type": "integer"}},
    "required": ["score"],
    "additionalProperties": False,
}
REPLY = '{"script": {"replies": [{"text": "It is forty dollars a month."}]}}'
CALL = '{"script": {"rules": [{"after_tool": false, "reply": {"tool_calls": [{"name": "book"}]}}]}}'


async def test_models(run_simulators, openai_client):
    models = await openai_client(await run_simulators(), "openai").models.list()
    assert "gpt-5.2" in [model.id for model in models.data]


async def test_a_whole_reply(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(REPLY, delays=quick)
    reply = await openai_client(simulators, "openai").chat.completions.create(model="gpt-5.2", messages=say())
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (
        "It is forty dollars a month.",
        "stop",
    )
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 8
    assert reply.model == "gpt-5.2"


async def test_a_stream(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(REPLY, delays=quick)
    stream = await openai_client(simulators, "openai").chat.completions.create(
        model="gpt-5.2", messages=say(), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert (
        "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        == "It is forty dollars a month."
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 8)
    assert len({chunk.id for chunk in chunks}) == 1


async def test_usage_is_only_streamed_when_asked_for(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(REPLY, delays=quick)
    stream = await openai_client(simulators, "openai").chat.completions.create(model="m", messages=say(), stream=True)
    chunks = [chunk async for chunk in stream]
    assert chunks
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


async def test_tokens_come_at_the_models_pace(run_simulators, openai_client, say):
    simulators = await run_simulators(REPLY, delays="openai.first_token_ms=100;openai.tokens_per_s=40")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    stream = await openai_client(simulators, "openai").chat.completions.create(model="m", messages=say(), stream=True)
    times = [loop.time() - begun async for chunk in stream if chunk.choices[0].delta.content]
    assert times[0] >= 0.099
    assert times[-1] >= 0.1 + 7 / 40 - 0.001


async def test_a_tool_loop(run_simulators, openai_client, quick, say):
    client = openai_client(await run_simulators(CALL, delays=quick), "openai")
    stream = await client.chat.completions.create(model="m", messages=say(), tools=[TOOL], stream=True)
    pieces = [call async for chunk in stream for call in chunk.choices[0].delta.tool_calls or []]
    assert (pieces[0].function.name, pieces[0].function.arguments) == ("book", "")
    assert "".join(piece.function.arguments for piece in pieces) == '{"day":"sample"}'
    assert {(piece.index, piece.id) for piece in pieces[1:]} == {(0, None)}
    call = {"id": pieces[0].id, "type": "function", "function": {"name": "book", "arguments": '{"day":"sample"}'}}
    messages = [
        *say(),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": pieces[0].id, "content": "done"},
    ]
    reply = await client.chat.completions.create(model="m", messages=messages, tools=[TOOL])
    assert reply.choices[0].message.content.startswith("I looked it up: done")


@pytest.mark.parametrize(
    ("choice", "called"),
    [("required", True), ({"type": "function", "function": {"name": "book"}}, True), ("none", False)],
)
async def test_tool_choice(run_simulators, openai_client, quick, say, choice, called):
    simulators = await run_simulators('{"script": {"rules": []}}', delays=quick)
    reply = await openai_client(simulators, "openai").chat.completions.create(
        model="m", messages=say(), tools=[TOOL], tool_choice=choice
    )
    assert bool(reply.choices[0].message.tool_calls) == called
    assert reply.choices[0].finish_reason == ("tool_calls" if called else "stop")


async def test_structured_output(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick)
    wanted = {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": CLOSED}}
    client = openai_client(simulators, "openai")
    reply = await client.chat.completions.create(model="m", messages=say(), response_format=wanted)
    assert reply.choices[0].message.content == '{"score":1}'
    reply = await client.chat.completions.create(
        model="m", messages=say("as JSON please"), response_format={"type": "json_object"}
    )
    assert reply.choices[0].message.content == "{}"


async def test_repeated_prompts_are_cached(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick)
    client = openai_client(simulators, "openai")
    messages = [{"role": "system", "content": "You sell. " * 500}, *say()]
    first = await client.chat.completions.create(model="m", messages=messages)
    second = await client.chat.completions.create(model="m", messages=[*messages, *say("More")])
    assert first.usage.prompt_tokens_details.cached_tokens == 0
    assert 1000 < second.usage.prompt_tokens_details.cached_tokens < second.usage.prompt_tokens


async def test_limits_and_stops(run_simulators, openai_client, quick, say):
    client = openai_client(await run_simulators(REPLY, delays=quick), "openai")
    cut = await client.chat.completions.create(model="m", messages=say(), max_completion_tokens=3)
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("It is forty", "length")
    stopped = await client.chat.completions.create(model="m", messages=say(), stop="dollars")
    assert stopped.choices[0].message.content == "It is forty "


CALLED = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "book", "arguments": "{}"}}],
}


def answered(call_id):
    call = {"id": call_id, "type": "function", "function": {"name": "book", "arguments": "{}"}}
    return [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": call_id, "content": "x"}]


OPEN = {"type": "object", "properties": {"score": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.[0].role"),
        ({"messages": [{"role": "user", "content": None}]}, "messages.[0]"),
        ({"messages": [{"role": "tool", "tool_call_id": "c1", "content": "x"}]}, "messages.[0].role"),
        ({"messages": [CALLED, {"role": "user", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": "x"}, CALLED]}, "messages"),
        ({"messages": answered("x" * 41)}, "messages[0].tool_calls[0].id"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"temperature": 3}, "temperature"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"n": 2}, "n"),
        ({"tools": []}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_object"}}, "messages"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.name"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": OPEN}}},
            "response_format",
        ),
        ({"extra_body": {"thinking": True}}, "thinking"),
    ],
)
async def test_bad_requests(run_simulators, openai_client, say, change, param):
    client = openai_client(await run_simulators(), "openai")
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(**{"model": "m", "messages": say(), **change})
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"


async def test_a_wrong_key(run_simulators, openai_client, say):
    simulators = await run_simulators()
    with pytest.raises(openai.AuthenticationError) as refused:
        await openai_client(simulators, "openai", api_key="wrong").chat.completions.create(model="m", messages=say())
    assert refused.value.code == "invalid_api_key"


async def test_models_can_be_limited(run_simulators, openai_client, quick, say):
    simulators = await run_simulators('{"models": {"openai": {"models": ["gpt-x"]}}}', delays=quick)
    client = openai_client(simulators, "openai")
    assert [model.id for model in (await client.models.list()).data] == ["gpt-x"]
    await client.chat.completions.create(model="gpt-x", messages=say())
    with pytest.raises(openai.NotFoundError) as refused:
        await client.chat.completions.create(model="gpt-5.2", messages=say())
    assert refused.value.code == "model_not_found"


async def test_what_was_asked_is_remembered(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick)
    await openai_client(simulators, "openai").chat.completions.create(model="m", messages=say(), seed=3)
    (request,) = simulators.simulation.seen["openai"].requests
    assert request == {"path": "/openai/v1/chat/completions", "body": {"model": "m", "messages": say(), "seed": 3}}
