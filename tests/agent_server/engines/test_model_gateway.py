"""The gateway as a server starts it: the models that are asked for, what health says, what doctor says."""

import asyncio
import json
import logging

import pytest
from eventually import eventually
from simulated_providers import simulate  # noqa: F401 - a fixture

from agent_server.cli.diagnosis.probes import probes, verdict
from agent_server.engines.cloud_models import configured, price_list, routes
from agent_server.engines.model_gateway import gateway_components, live_settings, prepare, settle_model, start_gateway
from agent_server.parts import Parts
from agent_server.settings import DeadlineSettings, ModelSettings, SettingsError, read_settings
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.routing import DEFAULT_ROUTES, Route
from pipelines.llm.port import ChatRequest, LlmError, Message, Serving
from pipelines.llm.prices import PriceList
from simulators.faults import parse_faults

HELLO = ChatRequest(messages=(Message("user", "Hello"),))
FAST = "*.first_token_ms=1;*.tokens_per_s=5000"


@pytest.fixture
async def start():
    """Starts a gateway with these variables, as the server does."""
    parts = Parts()

    preparing: list[asyncio.Task[None]] = []

    async def gateway(**variables: str):
        made = await start_gateway(read_settings(variables, {}, {}), parts)
        preparing.append(asyncio.create_task(prepare(made)))
        return made

    yield gateway
    for task in preparing:
        task.cancel()
    await asyncio.wait(preparing)
    await parts.stop_all()


def cerebras(simulators) -> dict[str, str]:
    return {name: simulators.settings[name] for name in ("CEREBRAS_API_KEY", "CEREBRAS_API_BASE")}


async def detail(gateway) -> tuple[str, str]:
    (component,) = gateway_components(gateway)
    state = await component.check()
    return state.status, state.detail


async def answered_by(gateway) -> str:
    async for event in gateway.ladder("conversation")[0].stream(HELLO):
        if isinstance(event, Serving):
            return event.model
    raise AssertionError


async def test_the_nearest_listed_model_is_asked_for_and_that_is_said(simulate, start, caplog):  # noqa: F811
    caplog.set_level(logging.WARNING)
    listed = {"models": {"cerebras": {"models": ["gpt-oss-120b", "qwen-3.8-27b"]}}}
    simulators = await simulate(json.dumps(listed), delays=FAST)
    gateway = await start(**cerebras(simulators))
    await eventually(lambda: gateway.endpoints[0].model != "llama3.1-8b")
    assert "cerebras does not list llama3.1-8b; qwen-3.8-27b is used instead" in caplog.text
    assert await detail(gateway) == ("degraded", "cerebras does not list llama3.1-8b, qwen-3.8-27b is used instead")
    assert await answered_by(gateway) == "qwen-3.8-27b"


async def test_a_listed_model_is_left_alone_and_its_connection_warmed(simulate, start):  # noqa: F811
    simulators = await simulate(delays=FAST)
    gateway = await start(**cerebras(simulators))
    seen = simulators.simulation.seen["cerebras"]
    await eventually(lambda: seen.requests)
    assert seen.requests[0]["body"]["max_completion_tokens"] == 1
    assert await detail(gateway) == ("ok", "cerebras/llama3.1-8b")
    gateway.warm("conversation")
    await asyncio.sleep(0.1)
    assert len(seen.requests) == 1, "a connection in use needs no warming"


async def test_a_start_waits_for_no_provider(simulate, start):  # noqa: F811
    simulators = await simulate(faults="cerebras:stall@connect")
    async with asyncio.timeout(2.0):
        await start(**cerebras(simulators))


async def test_a_provider_without_a_configured_model_is_asked_when_its_list_is_known(simulate, start):  # noqa: F811
    simulators = await simulate(delays=FAST, faults="ollama:refuse,times=1")
    gateway = await start(OLLAMA_BASE_URL=simulators.settings["OLLAMA_BASE_URL"])
    with pytest.raises(LlmError) as failed:
        await answered_by(gateway)
    assert failed.value.code == "llm_none_available"
    await settle_model(gateway.endpoints[0])
    assert await answered_by(gateway) == "llama3.2"


async def test_a_caller_who_comes_before_the_model_is_settled_does_no_harm(simulate):  # noqa: F811
    """A retired name is a 404, which opens a breaker at once, though not before the nearest name is known."""
    simulators = await simulate('{"models":{"cerebras":{"models":["qwen-3.8-27b"]}}}', delays=FAST)
    parts = Parts()
    gateway = await start_gateway(read_settings(cerebras(simulators), {}, {}), parts)
    with pytest.raises(LlmError) as failed:
        await answered_by(gateway)
    assert failed.value.code == "llm_not_found"
    await settle_model(gateway.endpoints[0])
    assert await answered_by(gateway) == "qwen-3.8-27b"
    await parts.stop_all()


async def test_health_names_who_keeps_failing(simulate, start):  # noqa: F811
    simulators = await simulate(delays=FAST)
    gateway = await start(**cerebras(simulators))
    simulators.simulation.faults.replace(parse_faults("cerebras:server_error"))
    gateway.breakers.failed("cerebras", opens=True)
    assert await detail(gateway) == ("degraded", "cerebras keeps failing")


def test_every_provider_with_a_key_or_an_address_takes_part():
    everything = ModelSettings(
        cerebras_api_key="k",
        anthropic_api_key="k",
        openai_api_key="k",
        deepseek_api_key="k",
        openrouter_api_key="k",
        runpod_api_key="k",
        runpod_vllm_api_base="http://127.0.0.1/v1",
        ollama_base_url="http://127.0.0.1/v1",
    )
    assert set(configured(everything)) == {
        "cerebras", "anthropic", "openai", "deepseek", "openrouter", "runpod", "ollama"
    }  # fmt: skip
    assert configured(ModelSettings(runpod_api_key="k")) == ()


def test_the_operator_decides_who_is_asked_for_what():
    chosen = read_settings(
        {"CONVERSATION_MODELS": "openai, anthropic/claude-haiku-5-5", "PRIVATE_MODELS": "ollama"}, {}, {}
    ).models
    assert routes(chosen)["conversation"] == Route(("openai", "anthropic/claude-haiku-5-5"), None)
    assert routes(chosen)["private"] == Route(("ollama",), None, private_only=True)
    assert routes(chosen)["research"] == DEFAULT_ROUTES["research"]
    with pytest.raises(SettingsError, match="CONVERSATION_MODELS"):
        read_settings({"CONVERSATION_MODELS": "nobody"}, {}, {})


def test_own_prices_go_before_ours(tmp_path):
    price = {"input": 9.0, "cached": 9.0, "output": 9.0, "source": "own contract", "date": "2026-11"}
    file = tmp_path / "prices.json"
    file.write_text(json.dumps([{"provider": "deepseek", "model": "", **price}]))
    prices = price_list(ModelSettings(prices_file=file))
    assert prices.price_of("deepseek", "deepseek-flash").input == 9.0
    assert prices.price_of("ollama", "any").input == 0.0
    file.write_text("[{}]")
    with pytest.raises(SettingsError, match="PRICES_FILE"):
        price_list(ModelSettings(prices_file=file))


def test_providers_get_less_patience_than_conversations_have():
    usual, hasty = live_settings(DeadlineSettings()), live_settings(DeadlineSettings(first_token_ms=400.0))
    assert usual.first_token.most_ms < DeadlineSettings().first_token_ms
    assert usual.silence_s * 1000 < DeadlineSettings().next_token_ms
    assert hasty.first_token.least_ms <= hasty.first_token.most_ms == 300.0


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (("llama3.1-8b",), "takes the key and serves llama3.1-8b"),
        (("qwen-3.8-27b",), "takes the key; llama3.1-8b is not listed, qwen-3.8-27b is used"),
        (("whisper",), "takes the key, but lists no model that talks"),
    ],
)
def test_doctor_says_which_model_is_asked_for(listed, words):
    (probe,) = probes(read_settings({"CEREBRAS_API_KEY": "k"}, {}, {}))
    assert verdict(probe, 200, {"data": [{"id": name} for name in listed]}) == (True, words)


def test_a_key_names_the_endpoint_as_configured():
    class Model:
        name, model = "cerebras", "llama"

    assert Endpoint(Model(), PriceList()).key == "cerebras/llama"
