import asyncio
import json

import aiohttp
import anthropic
import pytest

MODEL = "claude-haiku-5-5"
TOOL = {
    "name": "book",
    "input_schema": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
}
REPLY = '{"script": {"replies": [{"text": "It is forty dollars a month.", "reasoning": "They ask for the price."}]}}'
CALL = (
    '{"script": {"rules": [{"after_tool": false, "reply": {"text": "One moment.", "tool_calls": [{"name": "book"}]}}]}}'
)


@pytest.fixture
def ask(say):
    """The fields every request has, and changes."""
    return lambda **changes: {"model": MODEL, "max_tokens": 100, "messages": say(), **changes}


async def test_models(run_simulators, anthropic_client):
    models = await anthropic_client(await run_simulators()).models.list()
    assert MODEL in [model.id for model in models.data]


async def test_a_whole_message(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(REPLY, delays=quick))
    answered = await client.messages.with_raw_response.create(**ask())
    message = await answered.parse()
    assert [(block.type, block.text) for block in message.content] == [("text", "It is forty dollars a month.")]
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 8)
    assert answered.headers["request-id"].startswith("req_")
    assert answered.headers["anthropic-ratelimit-requests-limit"] == "100000"


async def test_the_event_stream(run_simulators, quick, ask):
    simulators = await run_simulators(REPLY, delays=quick)
    headers = {"Authorization": f"Bearer {simulators.settings['ANTHROPIC_API_KEY']}", "anthropic-version": "2026-10-21"}
    url = simulators.settings["ANTHROPIC_BASE_URL"] + "/v1/messages"
    async with aiohttp.ClientSession() as http, http.post(url, json=ask(stream=True), headers=headers) as response:
        text = await response.text()
    events = [event.split("\n") for event in text.strip().split("\n\n")]
    names = [name.removeprefix("event: ") for name, _ in events]
    assert names == [json.loads(data.removeprefix("data: "))["type"] for _, data in events]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert set(names[3:-3]) == {"content_block_delta"}
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]


async def test_the_sdks_stream(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(REPLY, delays=quick))
    async with client.messages.stream(**ask()) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert text == message.content[0].text == "It is forty dollars a month."
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 8)


async def test_tokens_come_at_the_models_pace(run_simulators, anthropic_client, ask):
    simulators = await run_simulators(REPLY, delays="anthropic.first_token_ms=100;anthropic.tokens_per_s=40")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with anthropic_client(simulators).messages.stream(**ask()) as stream:
        times = [loop.time() - begun async for _ in stream.text_stream]
    assert times[0] >= 0.099
    assert times[-1] >= 0.1 + 7 / 40 - 0.001


async def test_a_tool_loop(run_simulators, anthropic_client, quick, ask, say):
    client = anthropic_client(await run_simulators(CALL, delays=quick))
    async with client.messages.stream(**ask(tools=[TOOL])) as stream:
        pieces = [event.partial_json async for event in stream if event.type == "input_json"]
        message = await stream.get_final_message()
    assert "".join(pieces) == '{"day":"sample"}'
    assert [block.type for block in message.content] == ["text", "tool_use"]
    call = message.content[1]
    assert (call.name, call.input, message.stop_reason) == ("book", {"day": "sample"}, "tool_use")
    assert call.id.startswith("toolu_")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "done"}]}
    messages = [*say(), message.to_param(), {"role": "user", "content": [result]}]
    after = await client.messages.create(**ask(messages=messages, tools=[TOOL]))
    assert after.content[0].text.startswith("I looked it up: done")


@pytest.mark.parametrize(
    ("choice", "called"), [({"type": "any"}, True), ({"type": "tool", "name": "book"}, True), ({"type": "none"}, False)]
)
async def test_tool_choice(run_simulators, anthropic_client, quick, ask, choice, called):
    client = anthropic_client(await run_simulators(delays=quick))
    message = await client.messages.create(**ask(tools=[TOOL], tool_choice=choice))
    assert ("tool_use" in [block.type for block in message.content]) == called


async def test_a_tool_without_arguments(run_simulators, anthropic_client, quick, ask):
    bare = {"name": "now", "input_schema": {"type": "object", "properties": {}}}
    client = anthropic_client(await run_simulators(delays=quick))
    async with client.messages.stream(**ask(tools=[bare], tool_choice={"type": "any"})) as stream:
        message = await stream.get_final_message()
    assert message.content[0].input == {}


async def test_thinking_is_written_only_when_asked_for(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(REPLY, delays=quick))
    async with client.messages.stream(**ask(thinking={"type": "adaptive"})) as stream:
        message = await stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert (message.content[0].thinking, bool(message.content[0].signature)) == ("They ask for the price.", True)
    assert [block.type for block in (await client.messages.create(**ask())).content] == ["text"]


def structured(day: dict[str, object] | None = None, **more: object) -> dict[str, object]:
    """An ``output_config`` of one object."""
    properties = {"day": day or {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": ["day"], "additionalProperties": False, **more}
    return {"format": {"type": "json_schema", "schema": schema}}


async def test_structured_output(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(delays=quick))
    message = await client.messages.create(**ask(output_config=structured()))
    assert json.loads(message.content[0].text) == {"day": "sample"}


async def test_limits_and_stops(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(REPLY, delays=quick))
    cut = await client.messages.create(**ask(max_tokens=3))
    assert (cut.content[0].text, cut.stop_reason) == ("It is forty", "max_tokens")
    stopped = await client.messages.create(**ask(stop_sequences=["dollars"]))
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "dollars")


async def test_the_prompt_cache(run_simulators, anthropic_client, quick, ask, say):
    client = anthropic_client(await run_simulators(delays=quick))
    system = [{"type": "text", "text": "You sell. " * 800, "cache_control": {"type": "ephemeral"}}]
    first, second, other = [
        (await client.messages.create(**ask(system=blocks, messages=messages))).usage
        for blocks, messages in (
            (system, say()),
            (system, say("Another question")),
            ([{"type": "text", "text": "You sell. " * 800}], say()),
        )
    ]
    assert first.cache_read_input_tokens == 0
    assert first.cache_creation_input_tokens > 1024
    assert second.cache_read_input_tokens > 1024
    assert second.cache_creation_input_tokens < 200
    assert other.cache_read_input_tokens == other.cache_creation_input_tokens == 0
    assert second.input_tokens < 100 < other.input_tokens


async def test_a_short_prefix_is_not_cached(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(delays=quick))
    usage = (await client.messages.create(**ask(extra_body={"cache_control": {"type": "ephemeral"}}))).usage
    assert usage.cache_creation_input_tokens == 0


async def test_tokens_can_be_counted(run_simulators, anthropic_client, say):
    client = anthropic_client(await run_simulators())
    counted = await client.messages.count_tokens(model=MODEL, messages=say("word " * 100))
    assert 100 < counted.input_tokens < 200


CALLED = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "book", "input": {}}]}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "x"}
ODDLY_NAMED = {"role": "assistant", "content": [{**CALLED["content"][0], "id": "functions.book:0"}]}
USER = {"role": "user", "content": "x"}
MARKED = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra_body": {"temperature": 0.5}}, "temperature: Extra inputs"),
        ({"extra_body": {"colour": "red"}}, "colour: Extra inputs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "system", "content": "x"}]}, r"messages\.0\.role"),
        ({"messages": [{"role": "assistant", "content": "x"}, USER]}, 'must use the "user" role'),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}, "non-empty"),
        ({"messages": [USER, CALLED, USER]}, "t1"),
        ({"messages": [USER, CALLED]}, "t1"),
        ({"messages": [USER, ODDLY_NAMED]}, r"messages\.1\.content\.0\.tool_use\.id: String should match pattern"),
        ({"messages": [{"role": "user", "content": [RESULT]}]}, "unexpected `tool_use_id`"),
        ({"messages": [USER, CALLED, {"role": "user", "content": [{"type": "text", "text": "x"}, RESULT]}]}, "t1"),
        ({"messages": [USER, {"role": "assistant", "content": "So"}]}, "prefill"),
        ({"tool_choice": {"type": "any"}}, "while providing tools"),
        ({"tools": [{"name": "book"}]}, "input_schema: Field required"),
        ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "other"}}, "'other' not found"),
        ({"system": [MARKED] * 5}, "maximum of 4 blocks"),
        ({"output_config": structured(additionalProperties=True)}, "additionalProperties"),
        ({"output_config": structured({"type": "string", "maxLength": 9})}, "'string' type, property 'maxLength'"),
        ({"output_config": structured({"type": "array", "items": {}, "maxItems": 9})}, "property 'maxItems'"),
        ({"output_config": structured({"type": "array", "items": {}, "minItems": 2})}, "minItems"),
    ],
)
async def test_bad_requests(run_simulators, anthropic_client, ask, change, message):
    client = anthropic_client(await run_simulators())
    with pytest.raises(anthropic.BadRequestError, match=message) as refused:
        await client.messages.create(**ask(**change))
    assert refused.value.body["error"]["type"] == "invalid_request_error"


async def test_older_models_take_a_prefill(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(delays=quick))
    messages = [USER, {"role": "assistant", "content": "So"}]
    assert (await client.messages.create(**ask(model="claude-haiku-4-5", messages=messages))).content


async def test_older_versions_take_a_temperature(run_simulators, anthropic_client, quick, ask):
    client = anthropic_client(await run_simulators(delays=quick), default_headers={"anthropic-version": "2023-06-01"})
    assert (await client.messages.create(**ask(extra_body={"temperature": 0.5}))).content


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"anthropic-version": "2026-10-21"}, 401),
        ({"anthropic-version": "2026-10-21", "x-api-key": "wrong"}, 401),
        ({"x-api-key": "simulated-anthropic-key"}, 400),
        ({"x-api-key": "simulated-anthropic-key", "anthropic-version": "2020-01-01"}, 400),
        ({"x-api-key": "simulated-anthropic-key", "anthropic-version": "2023-06-01"}, 200),
    ],
)
async def test_keys_and_versions(run_simulators, quick, ask, headers, status):
    simulators = await run_simulators(delays=quick)
    url = simulators.settings["ANTHROPIC_BASE_URL"] + "/v1/messages"
    async with aiohttp.ClientSession() as http, http.post(url, json=ask(), headers=headers) as response:
        assert response.status == status


async def test_models_can_be_limited(run_simulators, anthropic_client, ask):
    simulators = await run_simulators('{"models": {"anthropic": {"models": ["claude-opus-5-5"]}}}')
    with pytest.raises(anthropic.NotFoundError):
        await anthropic_client(simulators).messages.create(**ask())


async def test_requests_are_limited(run_simulators, anthropic_client, quick, ask):
    simulators = await run_simulators('{"models": {"anthropic": {"requests_per_minute": 1}}}', delays=quick)
    client = anthropic_client(simulators)
    await client.messages.create(**ask())
    with pytest.raises(anthropic.RateLimitError) as refused:
        await client.messages.create(**ask())
    assert 0 < float(refused.value.response.headers["retry-after"]) <= 60
