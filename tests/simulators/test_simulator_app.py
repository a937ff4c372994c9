import asyncio
import socket
from base64 import b64encode
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulators.app import create_app, start
from simulators.config import SimulatorConfig, parse_config
from simulators.errors import ConfigError
from simulators.registry import PROVIDERS


async def test_settings_point_at_the_port_that_was_taken(run_simulators):
    simulators = await run_simulators('{"keys": {"cerebras": "my-key"}}')
    assert simulators.port > 0
    assert simulators.settings["CEREBRAS_API_BASE"] == f"http://127.0.0.1:{simulators.port}/cerebras/v1"
    assert simulators.settings["CEREBRAS_API_KEY"] == "my-key"
    expected = {
        "DEEPGRAM_API_KEY",
        "DEEPGRAM_BASE_URL",
        "CARTESIA_API_KEY",
        "CARTESIA_BASE_URL",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "DEEPSEEK_API_KEY",
        "DEEPSEEK_API_BASE",
        "OPENROUTER_API_KEY",
        "OPENROUTER_API_BASE",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OLLAMA_BASE_URL",
        "RUNPOD_API_KEY",
        "RUNPOD_VLLM_API_BASE",
        "CLOSE_API_BASE",
        "APOLLO_API_BASE",
        "LINKEDIN_API_BASE",
        "BRAVE_API_BASE",
        "BLUESKY_API_BASE",
        "BROWSERBASE_API_BASE",
    }
    assert expected <= set(simulators.settings)


def test_names_of_providers_do_not_clash():
    names = [name for provider in PROVIDERS for name in provider.delays]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("switches", [{"delays": "nobody.x_ms=1"}, {"faults": "nobody:drop"}])
def test_a_switch_for_nobody_is_refused(switches):
    with pytest.raises(ConfigError):
        create_app(parse_config("", **switches))


def test_options_for_a_model_of_nobody_are_refused():
    with pytest.raises(ConfigError, match="nobody"):
        create_app(parse_config('{"models": {"nobody": {}}}'))


async def test_all_interfaces_are_reached_by_loopback():
    async with await start(SimulatorConfig(), host="0.0.0.0") as simulators:
        assert simulators.settings["DEEPGRAM_BASE_URL"] == f"http://127.0.0.1:{simulators.port}"


async def test_a_taken_port_is_an_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="address already in use"):
            await start(SimulatorConfig(), port=taken.getsockname()[1])


async def test_closing_does_not_wait_for_stalled_clients():
    simulators = await start(parse_config("", faults="cerebras:stall"))
    async with aiohttp.ClientSession() as client:
        headers = {"Authorization": f"Bearer {simulators.settings['CEREBRAS_API_KEY']}"}
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        url = simulators.settings["CEREBRAS_API_BASE"] + "/chat/completions"
        asking = asyncio.create_task(client.post(url, json=body, headers=headers))
        await asyncio.sleep(0.1)
        await asyncio.wait_for(simulators.aclose(), 10)
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_close_tells_its_subscribers_while_the_simulators_run() -> None:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        told.put_nowait(await request.json())
        return web.Response()

    listener = web.Application()
    listener.router.add_post("/hook", take)
    runner = web.AppRunner(listener, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    async with await start(SimulatorConfig()) as running:
        key = b64encode(f"{running.settings['CLOSE_API_KEY']}:".encode()).decode()
        async with aiohttp.ClientSession(headers={"Authorization": f"Basic {key}"}) as http:
            base = running.settings["CLOSE_API_BASE"]
            wanted = {"url": url, "events": [{"object_type": "lead", "action": "created"}]}
            assert (await http.post(f"{base}/webhook/", json=wanted)).status == 200
            assert (await http.post(f"{base}/lead/", json={"name": "Acme"})).status == 200
        async with asyncio.timeout(5):
            event = (await told.get())["event"]
    assert (event["action"], event["data"]["name"]) == ("created", "Acme")
    await runner.cleanup()
