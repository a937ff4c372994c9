"""Where Cerebras, DeepSeek, OpenRouter, Ollama and RunPod differ from OpenAI."""

import gzip

import aiohttp
import msgspec
import openai
import pytest

REPLY = '{"script": {"replies": [{"text": "It is forty dollars a month.", "reasoning": "They ask for the price."}]}}'
TOOL = {"type": "function", "function": {"name": "book", "parameters": {"type": "object", "properties": {}}}}


async def chunks_of(client, messages, **changes):
    stream = await client.chat.completions.create(**{"model": "m", "messages": messages, "stream": True, **changes})
    return [chunk async for chunk in stream]


def joined(chunks, field):
    return "".join(getattr(chunk.choices[0].delta, field, None) or "" for chunk in chunks if chunk.choices)


async def test_cerebras_timings_reasoning_and_quota_headers(run_simulators, openai_client, quick, say):
    client = openai_client(await run_simulators(REPLY, delays=quick), "cerebras")
    for wanted in ({}, {"stream_options": {"include_usage": True}}):
        chunks = await chunks_of(client, say(), **wanted)
        assert joined(chunks, "content") == "It is forty dollars a month."
        assert joined(chunks, "reasoning") == "They ask for the price."
        assert set(chunks[-1].time_info) == {"queue_time", "prompt_time", "completion_time", "total_time", "created"}
        assert chunks[-1].usage.completion_tokens_details.reasoning_tokens > 0
        assert bool(chunks[-1].choices) == (not wanted)
    answered = await client.chat.completions.with_raw_response.create(
        model="m", messages=say(), max_completion_tokens=50
    )
    assert answered.headers["x-ratelimit-limit-requests-minute"] == "100000"
    assert float(answered.headers["x-ratelimit-reset-tokens-minute"]) <= 60
    assert answered.parse().choices[0].message.reasoning == "They ask for the price."


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
async def test_cerebras_takes_message_pack_and_gzip(run_simulators, quick, say, packed, zipped):
    simulators = await run_simulators(delays=quick)
    body = {"model": "m", "messages": say(), "max_completion_tokens": 20}
    data = (msgspec.msgpack if packed else msgspec.json).encode(body)
    headers = {
        "Authorization": f"Bearer {simulators.settings['CEREBRAS_API_KEY']}",
        "Content-Type": "application/vnd.msgpack" if packed else "application/json",
    }
    if zipped:
        data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
    url = simulators.settings["CEREBRAS_API_BASE"] + "/chat/completions"
    async with aiohttp.ClientSession() as http, http.post(url, data=data, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["choices"][0]["message"]["content"]
    assert simulators.simulation.seen["cerebras"].requests[0]["body"] == body


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 403, {"detail": "Not authenticated"}),
        (
            {"Authorization": "Bearer wrong"},
            401,
            {"message": "Wrong API Key", "type": "invalid_request_error", "param": "api_key", "code": "wrong_api_key"},
        ),
    ],
)
async def test_cerebras_keys(run_simulators, say, headers, status, body):
    simulators = await run_simulators()
    url = simulators.settings["CEREBRAS_API_BASE"] + "/chat/completions"
    request = {"model": "m", "messages": say()}
    async with aiohttp.ClientSession() as http, http.post(url, json=request, headers=headers) as response:
        assert (response.status, await response.json()) == (status, body)


async def test_cerebras_refuses_penalties_and_retired_models(run_simulators, openai_client, say):
    simulators = await run_simulators('{"models": {"cerebras": {"models": ["gpt-oss-120b"]}}}')
    client = openai_client(simulators, "cerebras")
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(model="gpt-oss-120b", messages=say(), frequency_penalty=0.5)
    assert refused.value.body["code"] == "wrong_api_format"
    with pytest.raises(openai.NotFoundError) as gone:
        await client.chat.completions.create(model="llama3.1-8b", messages=say())
    assert gone.value.body["code"] == "model_not_found"


async def test_cerebras_books_the_tokens_that_may_come(run_simulators, openai_client, quick, say):
    simulators = await run_simulators('{"models": {"cerebras": {"tokens_per_minute": 500}}}', delays=quick)
    client = openai_client(simulators, "cerebras")
    await client.chat.completions.create(model="m", messages=say(), max_completion_tokens=100)
    with pytest.raises(openai.RateLimitError) as refused:
        await client.chat.completions.create(model="m", messages=say(), max_completion_tokens=400)
    assert refused.value.body["code"] == "token_quota_exceeded"
    assert 0 < float(refused.value.response.headers["Retry-After"]) <= 60


async def test_deepseek_thinks_unless_told_not_to(run_simulators, openai_client, quick, say):
    client = openai_client(await run_simulators(REPLY, delays=quick), "deepseek")
    thinking = await chunks_of(client, say())
    assert joined(thinking, "reasoning_content") == "They ask for the price."
    assert joined(thinking, "content") == "It is forty dollars a month."
    quiet = await chunks_of(client, say(), extra_body={"thinking": {"type": "disabled"}})
    assert joined(quiet, "reasoning_content") == ""
    assert (
        quiet[-1].usage.prompt_cache_miss_tokens + quiet[-1].usage.prompt_cache_hit_tokens
        == quiet[-1].usage.prompt_tokens
    )


async def test_deepseek_wants_its_thoughts_back(run_simulators, openai_client, quick, say):
    client = openai_client(await run_simulators(delays=quick), "deepseek")
    call = {"id": "c1", "type": "function", "function": {"name": "book", "arguments": "{}"}}
    asked = {"role": "assistant", "content": "", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "done"}
    with pytest.raises(openai.BadRequestError, match="reasoning_content"):
        await client.chat.completions.create(model="m", messages=[*say(), asked, result])
    kept = {**asked, "reasoning_content": "They want to book."}
    await client.chat.completions.create(model="m", messages=[*say(), kept, result])
    quiet = {"thinking": {"type": "disabled"}}
    await client.chat.completions.create(model="m", messages=[*say(), asked, result], extra_body=quiet)


async def raw_stream(simulators, base, key, **changes):
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True, **changes}
    headers = {"Authorization": f"Bearer {simulators.settings[key]}"}
    url = simulators.settings[base] + "/chat/completions"
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as response:
        return (await response.text()).split("\n\n")


async def test_deepseek_keeps_waiting_requests_alive(run_simulators):
    simulators = await run_simulators(
        delays="deepseek.first_token_ms=150;deepseek.comment_ms=40;deepseek.tokens_per_s=9999"
    )
    events = await raw_stream(simulators, "DEEPSEEK_API_BASE", "DEEPSEEK_API_KEY")
    assert events[:3] == [": keep-alive"] * 3
    assert ": keep-alive" not in events[5:]
    assert events[-2] == "data: [DONE]"


@pytest.mark.parametrize("prefix", ["", "/v1", "/beta"])
async def test_deepseek_doors(run_simulators, openai_client, quick, say, prefix):
    simulators = await run_simulators(delays=quick)
    client = openai_client(simulators, "deepseek", base_url=simulators.settings["DEEPSEEK_API_BASE"] + prefix)
    assert (await client.chat.completions.create(model="m", messages=say())).choices


async def test_deepseek_does_not_know_old_models(run_simulators, openai_client, say):
    simulators = await run_simulators('{"models": {"deepseek": {"models": ["deepseek-flash"]}}}')
    with pytest.raises(openai.BadRequestError, match="Model Not Exist"):
        await openai_client(simulators, "deepseek").chat.completions.create(model="deepseek-chat", messages=say())


async def test_openrouter_comments_provider_and_cost(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(REPLY, delays=quick + ";openrouter.first_token_ms=60")
    events = await raw_stream(simulators, "OPENROUTER_API_BASE", "OPENROUTER_API_KEY")
    assert events[0] == ": OPENROUTER PROCESSING"
    client = openai_client(simulators, "openrouter")
    chunks = await chunks_of(client, say(), model="deepseek/deepseek-v4-pro", extra_body={"usage": {"include": True}})
    assert joined(chunks, "content") == "It is forty dollars a month."
    assert chunks[0].provider == "deepseek"
    assert chunks[-1].usage.cost > 0


async def test_openrouter_takes_fallback_models_and_words_errors_its_own_way(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick)
    headers = {"Authorization": f"Bearer {simulators.settings['OPENROUTER_API_KEY']}"}
    url = simulators.settings["OPENROUTER_API_BASE"] + "/chat/completions"
    async with aiohttp.ClientSession() as http:
        async with http.post(url, json={"models": ["a/b", "c/d"], "messages": say()}, headers=headers) as response:
            assert (await response.json())["model"] == "a/b"
            assert response.headers["X-Generation-Id"]
        async with http.post(url, json={}) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (401, 401)


async def test_ollama_takes_any_key_and_ignores_tool_choice(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick)
    client = openai_client(simulators, "ollama", api_key="anything")
    reply = await client.chat.completions.create(model="m", messages=say(), tools=[TOOL], tool_choice="required")
    assert reply.choices[0].message.tool_calls is None
    assert simulators.simulation.seen["ollama"].requests[0]["body"]["tool_choice"] == "required"


async def test_ollama_native_doors(run_simulators):
    simulators = await run_simulators('{"models": {"ollama": {"models": ["here"]}}}')
    base = simulators.settings["OLLAMA_BASE_URL"].removesuffix("/v1")
    async with aiohttp.ClientSession() as http:
        async with http.get(base + "/api/version") as response:
            assert "version" in await response.json()
        async with http.get(base + "/api/tags") as response:
            assert [model["name"] for model in (await response.json())["models"]] == ["here"]
        async with http.post(base + "/api/generate", json={"model": "m", "keep_alive": -1}) as response:
            assert (await response.json())["done"] is True
        async with http.post(
            base + "/v1/chat/completions", json={"model": "m", "messages": [{"role": "user", "content": "x"}]}
        ) as response:
            assert response.status == 404
            assert "try pulling it first" in (await response.json())["error"]["message"]
    assert simulators.simulation.seen["ollama"].counters["warmed"] == 1


async def test_runpod_health_and_errors(run_simulators, openai_client, quick, say):
    simulators = await run_simulators('{"models": {"runpod": {"models": ["served"]}}}', delays=quick)
    client = openai_client(simulators, "runpod")
    await client.chat.completions.create(model="served", messages=say(), extra_body={"chat_template_kwargs": {}})
    with pytest.raises(openai.NotFoundError) as refused:
        await client.chat.completions.create(model="other", messages=say())
    assert (refused.value.type, refused.value.body["code"]) == ("NotFoundError", 404)
    health = f"{simulators.urls.http}/runpod/v2/simulated/health"
    headers = {"Authorization": f"Bearer {simulators.settings['RUNPOD_API_KEY']}"}
    async with aiohttp.ClientSession() as http:
        async with http.get(health, headers=headers) as response:
            status = await response.json()
            assert (status["workers"]["running"], status["jobs"]["completed"]) == (0, 2)
        async with http.get(health) as response:
            assert response.status == 401


async def test_a_cold_start_is_a_stall(run_simulators, openai_client, quick, say):
    simulators = await run_simulators(delays=quick, faults="runpod:stall,duration_ms=200,nth=1")
    with pytest.raises(openai.APITimeoutError):
        await openai_client(simulators, "runpod", timeout=0.05).chat.completions.create(model="m", messages=say())
    assert await openai_client(simulators, "runpod").chat.completions.create(model="m", messages=say())


@pytest.mark.parametrize(("vendor", "model"), [("runpod", "m"), ("ollama", "m"), ("cerebras", "qwen-3.8-27b")])
@pytest.mark.parametrize(
    ("roles", "refusal"),
    [
        (["system", "user", "system", "user"], "System message must be at the beginning"),
        (["system"], "No user query found"),
        (["system", "assistant", "user"], "must alternate"),
        (["system", "user", "user"], "must alternate"),
    ],
)
async def test_what_chat_templates_refuse(run_simulators, openai_client, vendor, model, roles, refusal):
    client = openai_client(await run_simulators(), vendor)
    with pytest.raises(openai.BadRequestError, match=refusal):
        await client.chat.completions.create(model=model, messages=[{"role": role, "content": "x"} for role in roles])
