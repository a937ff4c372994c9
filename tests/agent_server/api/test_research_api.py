"""Research over REST, with the simulated search and models: watched, stalled, cancelled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_server import ApiServer, StartApi, error_of
from msgspec import structs
from scripted_engines import scripted_engines
from simulated_providers import Simulate

from agent_server.engines.model_gateway import start_gateway
from agent_server.parts import Parts
from agent_server.settings import read_settings
from pipelines.agents.research import sources

PROVIDERS = ("CEREBRAS_", "DEEPSEEK_", "BRAVE_")
FAST = "*.first_token_ms=1;*.tokens_per_s=10000"
StartResearch = Any


@pytest.fixture
async def start_research(start_api: StartApi, simulate: Simulate) -> AsyncIterator[StartResearch]:
    parts = Parts()

    async def start(faults: str = "") -> ApiServer:
        simulators = await simulate(delays=FAST, faults=faults)
        keys = {name: value for name, value in simulators.settings.items() if name.startswith(PROVIDERS)}
        gateway = await start_gateway(read_settings(keys, {}, {}), parts)
        return await start_api(structs.replace(scripted_engines(), gateway=gateway), **keys)

    yield start
    await parts.stop_all()


async def begun(api: ApiServer, **body: Any) -> str:
    async with api.operator.post("/api/research", json=body) as answer:
        assert answer.status == 202, await answer.text()
        begun: dict[str, str] = await answer.json()
    assert begun["status"] == "running"
    return begun["id"]


async def got(api: ApiServer, research_id: str) -> dict[str, Any]:
    async with api.operator.get(f"/api/research/{research_id}") as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
    return found


async def settled(api: ApiServer, research_id: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (found := await got(api, research_id))["status"] == "running":
            await asyncio.sleep(0.05)
    return found


async def test_a_question_is_looked_into_and_watched(start_research: StartResearch) -> None:
    api = await start_research()
    research_id = await begun(api, question="What is new at Acme?")
    async with asyncio.timeout(30), api.operator.get(f"/api/research/{research_id}/events") as events:
        told = (await events.read()).decode()
    assert [line.partition(": ")[2] for line in told.splitlines() if line.startswith("event: node_finished")]
    assert "event: tool_finished" in told
    found = await got(api, research_id)
    assert found["status"] == "completed"
    report = found["report"]
    assert report["engine"] != "rules"
    assert {source["kind"] for source in report["sources"]} >= {"web"}
    assert report["claims"]
    assert all(claim["sources"] for claim in report["claims"])
    assert report["cost_usd"] > 0
    assert "web" not in {entry["source"] for entry in report["not_searched"]}
    executions: list[dict[str, Any]] = []
    async with asyncio.timeout(10):  # they are written behind
        while not executions:
            async with api.operator.get("/api/reports/executions", params={"agent_type": "research"}) as answer:
                executions = (await answer.json())["items"]
    assert [execution["thread_id"] for execution in executions] == [research_id]


async def test_a_search_that_stalls_costs_its_deadline_and_no_answer(
    start_research: StartResearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOK_S", 1.0)
    api = await start_research("brave:stall")
    research_id = await begun(api, question="Is there a free trial?", time_limit_s=5)
    found = await settled(api, research_id)
    assert found["status"] == "completed"
    missing = {entry["source"]: entry for entry in found["report"]["not_searched"]}
    assert missing["web"]["code"] in ("tool_timeout", "search_unavailable")
    assert missing["web"]["message"] == "The web did not answer in time."
    assert found["report"]["latency_ms"] < 5000


async def test_it_is_cancelled_and_says_so(start_research: StartResearch) -> None:
    api = await start_research("brave:stall")
    research_id = await begun(api, question="Is there a free trial?", time_limit_s=60)
    reader = await api.key("read")
    async with api.client.post(f"/api/research/{research_id}/cancel", headers=reader) as answer:
        assert answer.status == 403
    async with api.operator.post(f"/api/research/{research_id}/cancel") as answer:
        assert answer.status == 200
    async with asyncio.timeout(5):
        while (found := await got(api, research_id))["status"] != "cancelled":
            await asyncio.sleep(0.05)
    assert (found["error"]["code"], found["report"]) == ("cancelled", None)
    async with api.operator.post(f"/api/research/{research_id}/cancel") as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "not_running")


async def test_what_is_not_there_or_no_question_is_refused(api: ApiServer) -> None:
    for method, path, body, status, code in (
        ("get", "/x", None, 404, "thread_not_found"),
        ("get", "/x/events", None, 404, "stream_not_found"),
        ("post", "/x/cancel", None, 404, "thread_not_found"),
        ("post", "", {}, 400, "invalid_input"),
        ("post", "", {"question": "ab"}, 400, "invalid_value"),
        ("post", "", {"lead_id": "00000000-0000-0000-0000-000000000000"}, 404, "lead_not_found"),
        ("post", "", {"lead": {"nonsense": 1}}, 400, "invalid_input"),
    ):
        async with getattr(api.operator, method)(f"/api/research{path}", json=body) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (status, code)
    other = {"agent": "qualification", "input": {"lead": {"company_name": "Acme"}}}
    async with api.operator.post("/api/langgraph/invoke", json=other) as answer:
        thread_id = (await answer.json())["thread_id"]
    async with api.operator.get(f"/api/research/{thread_id}") as answer:
        assert answer.status == 404
