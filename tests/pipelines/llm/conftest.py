"""Models pointed at simulators."""

from collections.abc import AsyncIterator

import pytest
from simulated_providers import simulate  # noqa: F401 - a fixture

from pipelines.llm.openai_compatible import OpenAICompatibleModel
from pipelines.llm.profiles import PROFILES


@pytest.fixture
async def connect() -> AsyncIterator:
    """Makes the model of a profile; closes it after the test. Further arguments replace parts of the profile."""
    from msgspec.structs import replace

    made: list[OpenAICompatibleModel] = []

    def model(simulators, name="cerebras", *, model="gpt-oss-120b", api_key=None, **changed):
        bases = {"runpod": "RUNPOD_VLLM_API_BASE", "openai": "OPENAI_BASE_URL", "ollama": "OLLAMA_BASE_URL"}
        base_url = simulators.settings[bases.get(name, f"{name.upper()}_API_BASE")]
        api_key = api_key or simulators.settings.get(f"{name.upper()}_API_KEY")
        made.append(
            OpenAICompatibleModel(replace(PROFILES[name], **changed), model=model, base_url=base_url, api_key=api_key)
        )
        return made[-1]

    yield model
    for one in made:
        await one.aclose()
