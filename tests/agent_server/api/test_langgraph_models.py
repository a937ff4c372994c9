"""The agents over REST with the simulated providers: the models' answers are what comes back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from msgspec import structs
from scripted_engines import scripted_engines
from simulated_providers import Simulate

from agent_server.engines.model_gateway import start_gateway
from agent_server.parts import Parts
from agent_server.settings import read_settings

LEAD = {"company_name": "Acme", "contact_email": "sam.jones@acme.test", "notes": "They need better follow-up."}
PROVIDERS = ("CEREBRAS_", "DEEPSEEK_", "APOLLO_")


@pytest.fixture
async def api(start_api: StartApi, simulate: Simulate) -> AsyncIterator[ApiServer]:
    simulators = await simulate()
    keys = {name: value for name, value in simulators.settings.items() if name.startswith(PROVIDERS)}
    parts = Parts()
    gateway = await start_gateway(read_settings(keys, {}, {}), parts)
    yield await start_api(structs.replace(scripted_engines(), gateway=gateway), **keys)
    await parts.stop_all()


async def asked(api: ApiServer, agent: str) -> dict[str, Any]:
    body = {"agent": agent, "input": {"lead": LEAD}}
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        reply: dict[str, Any] = await response.json()
        assert response.status == 200, reply
        return reply


@pytest.mark.parametrize("agent", ["qualification", "enrichment", "growth", "marketing", "bdr"])
async def test_the_model_answers(api: ApiServer, agent: str) -> None:
    reply = await asked(api, agent)
    assert reply["status"] == ("interrupted" if agent == "bdr" else "completed"), reply
    assert "rules" not in reply["steps"].values(), reply
    assert reply["engine"] != "rules"


async def test_enrichment_asks_apollo_once(api: ApiServer) -> None:
    first, again = await asked(api, "enrichment"), await asked(api, "enrichment")
    assert first["output"]["sources"] == ["apollo"]
    assert (first["output"]["credits"], again["output"]["credits"]) == (1, 0)
    assert again["output"]["cached"] == ["apollo"]
    assert first["output"]["person"]["title"]["source"] == "apollo"
