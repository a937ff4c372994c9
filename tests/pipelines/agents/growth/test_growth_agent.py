"""The growth agent: opportunities with sources, round by round, within its bounds."""

from itertools import count
from typing import Any

import msgspec
from agent_world import running_agents
from fake_gateway import FakeGateway

from pipelines.agents.growth.agent import GROWTH
from pipelines.agents.growth.graph import MOST_ROUNDS
from pipelines.agents.growth.opportunities import confidence, grounded
from pipelines.agents.growth.pace import MOST_TOKENS, has_time_for_a_round, tokens_within
from pipelines.agents.requests import Asked
from pipelines.knowledge.index import load_knowledge
from pipelines.llm.port import ChatRequest, LlmError, ToolSpec
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from storage.ledger.records import ToolCallRecord
from storage.postgres.database import Database

LEAD = {"company_name": "Acme", "industry": "insurance", "need": "fewer missed calls", "company_size": "51-200"}
TIGHT_S = 2.7
"""Shorter than the agent\'s own target, which is long to wait."""


def opportunity(*sources: int) -> dict[str, Any]:
    return {
        "title": "Answer every call",
        "rationale": "They miss calls.",
        "sources": list(sources),
        "impact": 5,
        "effort": 2,
    }


def scripted(*, stated: float, queries: list[str]) -> FakeGateway:
    def answer(request: ChatRequest) -> Any:
        assert request.response_schema is not None
        return {"confidence": stated, "queries": queries, "opportunities": [opportunity(1, 2), opportunity(99)]}

    return FakeGateway(answer)


async def test_by_rules_every_opportunity_rests_on_something_found(database: Database) -> None:
    async with running_agents(database, knowledge=load_knowledge()) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert (reply.status, reply.engine) == ("completed", "rules")
    assert reply.output is not None
    ids = {source["id"] for source in reply.output["sources"]}
    assert reply.output["opportunities"]
    assert all(set(entry["sources"]) <= ids for entry in reply.output["opportunities"])


def news() -> dict[str, Tool]:
    """A search that finds something else each time."""
    numbers = count()

    async def search(_arguments: dict[str, Any], _context: ToolContext) -> dict[str, Any]:
        return {"results": [{"title": f"News {next(numbers)}", "snippet": "Acme grows.", "url": "https://news.test"}]}

    return {"search_web": Tool(ToolSpec("search_web"), search)}


async def test_it_looks_again_while_confidence_is_low_and_then_stops(database: Database) -> None:
    gateway = scripted(stated=0.2, queries=["more"])
    async with running_agents(database, gateway=gateway, tools=news()) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert reply.output is not None
    assert reply.output["rounds"] == MOST_ROUNDS
    assert len(gateway.requests) == MOST_ROUNDS


async def test_a_round_that_finds_nothing_new_asks_no_model(database: Database) -> None:
    gateway = scripted(stated=0.2, queries=["more"])
    async with running_agents(database, gateway=gateway) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert reply.output is not None
    assert (reply.output["rounds"], len(gateway.requests)) == (2, 1)
    assert (reply.engine, reply.output["opportunities"][0]["title"]) == ("fake-model", "Answer every call")


async def test_a_later_round_that_fails_leaves_what_the_model_found(database: Database) -> None:
    def answer(_request: ChatRequest) -> Any:
        if len(gateway.requests) > 1:
            raise LlmError("llm_unreachable", "gone", retryable=True)
        return {"confidence": 0.2, "queries": ["more"], "opportunities": [opportunity(1)]}

    gateway = FakeGateway(answer)
    async with running_agents(database, gateway=gateway, tools=news()) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert reply.output is not None
    assert (reply.output["rounds"], len(gateway.requests)) == (2, 2)
    assert (reply.engine, reply.steps) == ("fake-model", {"analyse": "fake-model"})
    assert [entry["title"] for entry in reply.output["opportunities"]] == ["Answer every call"]


async def test_an_answer_that_was_cut_off_counts_as_far_as_it_goes(database: Database) -> None:
    whole = msgspec.json.encode(
        {"confidence": 0.6, "queries": ["more"], "opportunities": [opportunity(1), opportunity(2)]}
    ).decode()
    gateway = FakeGateway(lambda _: whole[:-30], finish_reason="length")
    async with running_agents(database, gateway=gateway) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert reply.output is not None
    assert reply.engine == "fake-model"
    assert [entry["sources"] for entry in reply.output["opportunities"]] == [[1]]
    assert len(gateway.requests) == 1


def test_an_answer_is_as_long_as_there_is_time_for() -> None:
    assert [tokens_within(left_s) for left_s in (10.0, 3.2, 1.3, 0.5)] == [MOST_TOKENS, 200, 10, 0]
    assert has_time_for_a_round(3.0, 1.5)
    assert not has_time_for_a_round(3.0, 3.1)
    assert not has_time_for_a_round(2.0, 0.1)


async def test_it_stops_when_it_is_sure_or_has_nothing_left_to_ask(database: Database) -> None:
    gateway = scripted(stated=0.2, queries=[])
    async with running_agents(database, gateway=gateway) as world:
        reply = await world.agents.invoke("growth", {"lead": LEAD})
    assert reply.output is not None
    assert reply.output["rounds"] == 1
    assert [entry["sources"] for entry in reply.output["opportunities"]] == [[1, 2]]


async def test_slow_models_leave_it_to_the_rules_in_time(database: Database) -> None:
    gateway = scripted(stated=0.9, queries=["more"])
    gateway.latency_s = 10.0
    async with running_agents(database, gateway=gateway) as world:
        await world.agents.warm()
        reply = await world.agents.run(Asked(agent="growth", input={"lead": LEAD}, target_s=TIGHT_S))
    assert gateway.requests, "there was time to ask"
    assert reply.engine == "rules"
    assert reply.latency_ms < TIGHT_S * 1000 + 200
    assert GROWTH.target_s <= 4.6, "of the five seconds it has"


async def test_tools_look_outside_and_their_failures_cost_nothing(database: Database) -> None:
    async def search(arguments: dict[str, Any], _context: ToolContext) -> dict[str, Any]:
        return {
            "results": [{"title": "Acme grows", "snippet": "Acme opens three offices.", "url": "https://news.test"}]
        }

    async def stack(_arguments: dict[str, Any], _context: ToolContext) -> dict[str, Any]:
        raise ToolError("site_unreachable", "no answer")

    async def book(_arguments: dict[str, Any], _context: ToolContext) -> dict[str, Any]:
        raise AssertionError("a tool with an effect was called")

    tools = {
        "search_web": Tool(ToolSpec("search_web"), search),
        "analyze_tech_stack": Tool(ToolSpec("analyze_tech_stack"), stack),
        "book_meeting": Tool(ToolSpec("book_meeting"), book, ToolPolicy(has_effect=True)),
    }
    lead = {**LEAD, "company_website": "https://acme.test"}
    async with running_agents(database, tools=tools, knowledge=load_knowledge()) as world:
        reply = await world.agents.invoke("growth", {"lead": lead})
    assert reply.output is not None
    assert "web" in {source["kind"] for source in reply.output["sources"]}
    calls = {row.name: row.error_code for row in world.rows.of(ToolCallRecord)}
    assert calls == {"search_web": None, "analyze_tech_stack": "site_unreachable"}


def test_confidence_needs_sources() -> None:
    found = [{"kind": "lead", "title": "Need", "text": "x", "url": None}]
    assert confidence([], found, stated=1.0) == 0.0
    assert confidence([opportunity(7)], found, stated=1.0) == 0.0
    assert 0 < confidence([opportunity(1)], found, stated=1.0) <= 1.0
    assert confidence([opportunity(1)], found, stated=0.1) == 0.1
    assert grounded([opportunity(1, 1, 9)], found)[0]["sources"] == [1]
