"""The vendors' own clients, pointed at simulators."""

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

QUICK = "*.first_token_ms=1;*.tokens_per_s=100000"


@pytest.fixture
async def openai_client():
    """A client of one of the OpenAI-compatible vendors of the given simulators."""
    clients = []

    def connect(simulators, vendor, **settings):
        base, key = {
            "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
            "cerebras": ("CEREBRAS_API_BASE", "CEREBRAS_API_KEY"),
            "deepseek": ("DEEPSEEK_API_BASE", "DEEPSEEK_API_KEY"),
            "openrouter": ("OPENROUTER_API_BASE", "OPENROUTER_API_KEY"),
            "ollama": ("OLLAMA_BASE_URL", "OLLAMA_BASE_URL"),
            "runpod": ("RUNPOD_VLLM_API_BASE", "RUNPOD_API_KEY"),
        }[vendor]
        usual = {"base_url": simulators.settings[base], "api_key": simulators.settings[key], "max_retries": 0}
        clients.append(AsyncOpenAI(**{**usual, **settings}))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
async def anthropic_client():
    clients = []

    def connect(simulators, **settings):
        values = simulators.settings
        usual = {"base_url": values["ANTHROPIC_BASE_URL"], "api_key": values["ANTHROPIC_API_KEY"], "max_retries": 0}
        clients.append(AsyncAnthropic(**{**usual, **settings}))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
def quick():
    """Delays that no test has to wait for."""
    return QUICK


@pytest.fixture
def say():
    """One user message."""
    return lambda text="Hello there": [{"role": "user", "content": text}]
