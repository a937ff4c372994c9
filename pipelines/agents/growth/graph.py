"""research → analyse → validate, and again while confidence is low and rounds, money and time are left."""

from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from msgspec import Meta, Struct

from pipelines.agents.growth import findings as look
from pipelines.agents.growth.opportunities import ENOUGH, by_rules, confidence, grounded
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun

MOST_ROUNDS: Final = 3
MOST_USD: Final = 0.003
"""Spent so much, no further round is begun; a round of research is to cost less than $0.001."""

ROUND_S: Final = 1.2
"""With less time left no further round is begun."""

MOST_FINDINGS: Final = 30


class Insight(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=500)]
    sources: Annotated[list[int], Meta(max_length=20)]


class Research(Struct, frozen=True, forbid_unknown_fields=True):
    insights: Annotated[list[Insight], Meta(max_length=12)]
    queries: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=6)]


class Opportunity(Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(max_length=150)]
    rationale: Annotated[str, Meta(max_length=600)]
    sources: Annotated[list[int], Meta(max_length=20)]
    impact: Annotated[int, Meta(ge=1, le=5)]
    effort: Annotated[int, Meta(ge=1, le=5)]


class Analysis(Struct, frozen=True, forbid_unknown_fields=True):
    opportunities: Annotated[list[Opportunity], Meta(max_length=8)]
    confidence: Annotated[float, Meta(ge=0, le=1)]


RESEARCH = ModelStep(
    name="research", task="research", prompt="growth/research.md", reply=Research, share=0.45, most_s=2.0
)
ANALYSE = ModelStep(
    name="analyse", task="research", prompt="growth/analyse.md", reply=Analysis, share=0.9, most_s=2.5,
    max_output_tokens=800,
)  # fmt: skip


class GrowthState(TypedDict, total=False):
    """Sources are numbers of ``findings``, from 1."""

    lead: dict[str, Any]
    topic: str | None
    findings: list[dict[str, Any]]
    insights: list[dict[str, Any]]
    queries: list[str]
    opportunities: list[dict[str, Any]]
    stated: float | None
    confidence: float
    rounds: int
    spent_usd: float
    output: dict[str, Any]


def growth_graph(parts: AgentParts) -> "StateGraph[GrowthState, AgentRun, Any, Any]":
    async def research(state: GrowthState, runtime: Runtime[AgentRun]) -> GrowthState:
        """Gather what the queries find, and have the model read it."""
        run, lead, first = runtime.context, state["lead"], state["rounds"] == 0
        paid_before = run.cost_usd
        found = list(state["findings"]) or look.of_lead(lead)
        found += look.of_knowledge(parts, state["queries"])
        found += await look.from_outside(parts, run, lead, state["queries"], first=first)
        found = _distinct(found)[:MOST_FINDINGS]
        read = await ask(run, RESEARCH, {"lead": lead, "topic": state["topic"], "findings": _numbered(found)})
        insights = msgspec.to_builtins(read.insights) if read is not None else []
        return {
            "findings": found,
            "insights": insights,
            "queries": list(read.queries) if read is not None else [],
            "rounds": state["rounds"] + 1,
            "spent_usd": state["spent_usd"] + run.cost_usd - paid_before,
        }

    async def analyse(state: GrowthState, runtime: Runtime[AgentRun]) -> GrowthState:
        run, found = runtime.context, state["findings"]
        paid_before = run.cost_usd
        about = {"lead": state["lead"], "topic": state["topic"], "insights": state["insights"]}
        read = await ask(run, ANALYSE, {**about, "findings": _numbered(found)})
        opportunities = by_rules(state["lead"], found) if read is None else msgspec.to_builtins(read.opportunities)
        return {
            "opportunities": opportunities,
            "stated": read.confidence if read is not None else None,
            "spent_usd": state["spent_usd"] + run.cost_usd - paid_before,
        }

    async def validate(state: GrowthState, runtime: Runtime[AgentRun]) -> Command[Literal["research", "__end__"]]:
        """Keep what rests on findings; look further where that is little."""
        sure = confidence(state["opportunities"], state["findings"], stated=state["stated"])
        again = (
            sure < ENOUGH
            and bool(state["queries"])
            and state["rounds"] < MOST_ROUNDS
            and state["spent_usd"] < MOST_USD
            and runtime.context.remaining_s > ROUND_S
        )
        if again:
            return Command(goto="research", update={"confidence": sure})
        return Command(goto="__end__", update={"confidence": sure, "output": _output(state, sure)})

    graph = StateGraph(GrowthState, context_schema=AgentRun)
    graph.add_node("research", research)
    graph.add_node("analyse", analyse)
    graph.add_node("validate", validate, destinations=("research", "__end__"))
    graph.add_edge(START, "research")
    graph.add_edge("research", "analyse")
    graph.add_edge("analyse", "validate")
    return graph


def _output(state: GrowthState, sure: float) -> dict[str, Any]:
    kept = grounded(state["opportunities"], state["findings"])
    used = sorted({number for entry in kept for number in entry["sources"]})
    return {
        "opportunities": kept,
        "sources": [{"id": number, **state["findings"][number - 1]} for number in used],
        "confidence": sure,
        "rounds": state["rounds"],
        "spent_usd": round(state["spent_usd"], 8),
    }


def _numbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": number, "title": entry["title"], "text": entry["text"]} for number, entry in enumerate(found, 1)]


def _distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(entry["kind"], entry["title"], entry["text"]): entry for entry in found}.values())
