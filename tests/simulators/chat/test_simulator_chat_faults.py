"""Everything that can go wrong with a model, through the vendors' clients."""

import asyncio
import json

import aiohttp
import anthropic
import httpx2
import openai
import pytest
from eventually import eventually

TEXT = "It is forty dollars a month and you can try it for two weeks."
REPLY = f'{{"script": {{"replies": [{{"text": "{TEXT}"}}]}}}}'
VENDORS = ["openai", "cerebras", "deepseek", "openrouter", "ollama", "runpod"]
QUIET = {"thinking": {"type": "disabled"}}


@pytest.fixture
def stream(openai_client, say):
    """Text so far, and the error that ended the stream, if one did."""

    async def read(simulators, vendor="cerebras", deadline_s=20, **settings):
        extra = {"extra_body": QUIET} if vendor == "deepseek" else {}
        text = ""
        try:
            async with asyncio.timeout(deadline_s):
                client = openai_client(simulators, vendor, **settings)
                answer = await client.chat.completions.create(model="m", messages=say(), stream=True, **extra)
                async for chunk in answer:
                    text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        except (openai.APIError, TimeoutError, ValueError) as error:
            return text, error
        return text, None

    return read


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("switch", "status"),
    [("refuse", 503), ("server_error", 500), ("server_error@accepted,status=502", 502), ("rate_limit", 429)],
)
async def test_refusals(run_simulators, stream, vendor, switch, status):
    simulators = await run_simulators(REPLY, faults=f"{vendor}:{switch}")
    text, error = await stream(simulators, vendor)
    assert (text, error.status_code) == ("", status)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_rate_limit_says_when_to_come_back(run_simulators, stream, vendor, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults=f"{vendor}:rate_limit,retry_after_s=0.2,nth=1")
    _, error = await stream(simulators, vendor)
    assert isinstance(error, openai.RateLimitError)
    assert error.response.headers["Retry-After"] == "0.2"
    simulators.simulation.faults.replace(())
    assert await stream(simulators, vendor) == (TEXT, None)


async def test_the_sdk_retries_by_itself(run_simulators, stream, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="cerebras:rate_limit,retry_after_s=0.05,nth=1")
    assert await stream(simulators, max_retries=1) == (TEXT, None)
    assert simulators.simulation.seen["cerebras"].counters["requests"] == 2


@pytest.mark.parametrize("vendor", ["openai", "cerebras", "deepseek", "ollama", "runpod"])
@pytest.mark.parametrize("moment", ["first", "mid"])
async def test_an_error_within_the_stream(run_simulators, stream, quick, vendor, moment):
    simulators = await run_simulators(REPLY, delays=quick, faults=f"{vendor}:server_error@{moment}")
    text, error = await stream(simulators, vendor)
    assert type(error) is openai.APIError
    assert TEXT.startswith(text)
    assert bool(text) == (moment == "mid")
    assert text != TEXT


async def test_openrouters_error_is_a_chunk_that_finishes(run_simulators, stream, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="openrouter:server_error@mid")
    _, error = await stream(simulators, "openrouter")
    assert error.message == "Provider disconnected unexpectedly"
    headers = {"Authorization": f"Bearer {simulators.settings['OPENROUTER_API_KEY']}"}
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True}
    url = simulators.settings["OPENROUTER_API_BASE"] + "/chat/completions"
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as response:
        events = (await response.text()).strip().split("\n\n")
    last = json.loads(events[-1].removeprefix("data: "))
    assert (last["choices"][0]["finish_reason"], last["error"]["code"]) == ("error", "server_error")


@pytest.mark.parametrize("moment", ["connect", "accepted", "first", "mid"])
async def test_a_drop_at_each_moment(run_simulators, stream, quick, moment):
    simulators = await run_simulators(REPLY, delays=quick, faults=f"cerebras:drop@{moment}")
    text, error = await stream(simulators)
    assert isinstance(error, openai.APIConnectionError)
    assert bool(text) == (moment == "mid")


async def test_a_kept_alive_connection_dropped_between_turns(run_simulators, openai_client, say, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="cerebras:drop@idle,nth=1")
    client = openai_client(simulators, "cerebras")
    for _ in range(2):
        reply = await client.chat.completions.create(model="m", messages=say())
        assert reply.choices[0].message.content == TEXT
    assert simulators.simulation.seen["cerebras"].counters["fault_drop"] == 1


@pytest.mark.parametrize("moment", ["connect", "accepted", "first", "mid"])
async def test_a_stall_at_each_moment(run_simulators, stream, quick, moment):
    simulators = await run_simulators(REPLY, delays=quick, faults=f"cerebras:stall@{moment}")
    text, error = await stream(simulators, deadline_s=0.5)
    assert isinstance(error, TimeoutError)
    assert bool(text) == (moment == "mid")
    seen = simulators.simulation.seen["cerebras"]
    await eventually(lambda: seen.busy == 0)  # the client gave up, and that was noticed
    assert seen.counters["aborted"] == 1


async def test_a_stall_that_passes(run_simulators, stream, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="cerebras:stall@mid,duration_ms=200")
    begun = asyncio.get_running_loop().time()
    assert await stream(simulators) == (TEXT, None)
    assert asyncio.get_running_loop().time() - begun >= 0.199


async def test_garbage(run_simulators, stream, openai_client, say, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="cerebras:garbage")
    _, error = await stream(simulators)
    assert isinstance(error, ValueError)
    with pytest.raises(ValueError, match=r"(?i)expecting|unterminated"):
        await openai_client(simulators, "cerebras").chat.completions.create(model="m", messages=say())


async def test_a_slow_drip(run_simulators, stream):
    simulators = await run_simulators(
        REPLY, delays="cerebras.first_token_ms=1", faults="cerebras:slow_drip,pause_ms=30"
    )
    begun = asyncio.get_running_loop().time()
    assert await stream(simulators) == (TEXT, None)
    assert asyncio.get_running_loop().time() - begun >= 0.2


async def test_whole_replies_meet_faults_too(run_simulators, openai_client, say, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="cerebras:server_error@mid,nth=1")
    client = openai_client(simulators, "cerebras")
    with pytest.raises(openai.InternalServerError):
        await client.chat.completions.create(model="m", messages=say())
    assert (await client.chat.completions.create(model="m", messages=say())).choices


async def test_a_client_that_hangs_up_is_noticed(run_simulators, openai_client, say):
    simulators = await run_simulators(REPLY, delays="cerebras.first_token_ms=1;cerebras.tokens_per_s=5")
    stream = await openai_client(simulators, "cerebras").chat.completions.create(model="m", messages=say(), stream=True)
    async for _ in stream:
        break
    await stream.close()
    seen = simulators.simulation.seen["cerebras"]
    await eventually(lambda: seen.busy == 0)
    assert seen.counters["aborted"] == 1


@pytest.mark.parametrize(
    ("switch", "kind"),
    [
        ("refuse", anthropic.APIStatusError),
        ("server_error,status=500", anthropic.InternalServerError),
        ("rate_limit,retry_after_s=2", anthropic.RateLimitError),
    ],
)
async def test_anthropic_refusals(run_simulators, anthropic_client, say, switch, kind):
    simulators = await run_simulators(faults=f"anthropic:{switch}")
    with pytest.raises(kind) as refused:
        await anthropic_client(simulators).messages.create(model="claude-haiku-5-5", max_tokens=9, messages=say())
    expected = {"refuse": "overloaded_error", "server_error,status=500": "api_error"}.get(switch, "rate_limit_error")
    assert refused.value.body["error"]["type"] == expected


@pytest.mark.parametrize("moment", ["first", "mid"])
async def test_anthropic_is_overloaded_within_the_stream(run_simulators, anthropic_client, say, quick, moment):
    simulators = await run_simulators(REPLY, delays=quick, faults=f"anthropic:server_error@{moment}")
    request = {"model": "claude-haiku-5-5", "max_tokens": 99, "messages": say()}
    with pytest.raises(anthropic.APIStatusError) as broken:
        async with anthropic_client(simulators).messages.stream(**request) as stream:
            await stream.get_final_message()
    assert (broken.value.status_code, broken.value.body["error"]["type"]) == (200, "overloaded_error")


async def test_anthropic_drops(run_simulators, anthropic_client, say, quick):
    simulators = await run_simulators(REPLY, delays=quick, faults="anthropic:drop@mid")
    request = {"model": "claude-haiku-5-5", "max_tokens": 99, "messages": say()}
    with pytest.raises(httpx2.RemoteProtocolError):  # anthropic 2.12 lets it through, other than openai
        async with anthropic_client(simulators).messages.stream(**request) as stream:
            await stream.get_final_message()
