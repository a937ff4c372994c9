"""research → analyse → validate, and again while confidence is low and rounds, money and time are left.

A round asks a model once. Of two rounds the better list is kept: one that fails or comes too late takes nothing away.
"""

from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from msgspec import Meta, Struct, structs

from pipelines.agents.growth import findings as look
from pipelines.agents.growth.opportunities import ENOUGH, by_rules, confidence, grounded
from pipelines.agents.growth.pace import LEAST_TOKENS, has_time_for_a_round, tokens_within
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import RULES, AgentRun

MOST_ROUNDS: Final = 3
MOST_QUERIES: Final = 2
"""Of a model's, in a round: searching costs as well."""

MOST_USD: Final = 0.003
"""Spent so much, no further round is begun; a round of research is to cost less than $0.001."""

PROMPT_CHARS: Final = 280
"""Of each finding a model reads: what a page adds beyond that is not worth its price in every round."""


class Opportunity(Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(max_length=150)]
    rationale: Annotated[str, Meta(max_length=600)]
    sources: Annotated[list[int], Meta(max_length=20)]
    impact: Annotated[int, Meta(ge=1, le=5)]
    effort: Annotated[int, Meta(ge=1, le=5)]


class Analysis(Struct, frozen=True, forbid_unknown_fields=True):
    """The list comes last: an answer that is cut off loses its end alone."""

    confidence: Annotated[float, Meta(ge=0, le=1)]
    queries: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=6)]
    opportunities: Annotated[list[Opportunity], Meta(max_length=8)]


ANALYSE = ModelStep(name="analyse", task="research", prompt="growth/analyse.md", reply=Analysis, share=0.97)


class GrowthState(TypedDict, total=False):
    """Sources are numbers of ``findings``, from 1 · ``has_news``: this round found what was not known before."""

    lead: dict[str, Any]
    topic: str | None
    findings: list[dict[str, Any]]
    has_news: bool
    queries: list[str]
    opportunities: list[dict[str, Any]]
    stated: float | None
    confidence: float
    rounds: int
    spent_usd: float
    output: dict[str, Any]


def growth_graph(parts: AgentParts) -> "StateGraph[GrowthState, AgentRun, Any, Any]":
    async def research(state: GrowthState, runtime: Runtime[AgentRun]) -> GrowthState:
        """Gather what the queries find."""
        run, lead, first = runtime.context, state["lead"], state["rounds"] == 0
        known = list(state["findings"]) or look.of_lead(lead)
        found = known + await look.from_outside(parts, run, lead, state["queries"], first=first)
        found = _distinct(found + look.of_knowledge(parts, state["queries"]))
        return {"findings": found, "has_news": first or len(found) > len(known), "rounds": state["rounds"] + 1}

    async def analyse(state: GrowthState, runtime: Runtime[AgentRun]) -> GrowthState:
        """Have the model read what is new; without its answer keep the earlier one, or else go by rules."""
        run, found = runtime.context, state["findings"]
        paid_before = run.bill.cost_usd
        read = await _read(run, state) if state["has_news"] else None
        after: GrowthState = {
            "queries": list(read.queries[:MOST_QUERIES]) if read is not None else [],
            "spent_usd": state["spent_usd"] + run.bill.cost_usd - paid_before,
        }
        listed = msgspec.to_builtins(read.opportunities) if read is not None else []
        if read is None or not grounded(listed, found):
            if state["rounds"] > 1:
                return {**after, "opportunities": state["opportunities"]}
            run.engines[ANALYSE.name] = RULES
            return {**after, "opportunities": by_rules(state["lead"], found)}
        before = confidence(state["opportunities"], found, stated=state["stated"])
        if confidence(listed, found, stated=read.confidence) < before:
            return after
        return {**after, "opportunities": listed, "stated": read.confidence}

    async def validate(state: GrowthState, runtime: Runtime[AgentRun]) -> Command[Literal["research", "__end__"]]:
        """Keep what rests on findings; look further where that is little."""
        run, rounds = runtime.context, state["rounds"]
        sure = confidence(state["opportunities"], state["findings"], stated=state["stated"])
        again = (
            sure < ENOUGH
            and bool(state["queries"])
            and rounds < MOST_ROUNDS
            and state["spent_usd"] < MOST_USD
            and has_time_for_a_round(run.remaining_s, run.latency_ms / 1000 / rounds)
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


async def _read(run: AgentRun, state: GrowthState) -> Analysis | None:
    """What the model makes of the findings, in as many tokens as there is time for."""
    tokens = tokens_within(run.remaining_s)
    if tokens < LEAST_TOKENS:
        run.engines.setdefault(ANALYSE.name, RULES)
        return None
    step = structs.replace(ANALYSE, max_output_tokens=tokens)
    return await ask(run, step, {"topic": state["topic"], "findings": _numbered(state["findings"])})


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
    return [
        {"id": number, "title": entry["title"], "text": entry["text"][:PROMPT_CHARS]}
        for number, entry in enumerate(found, 1)
    ]


def _distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(entry["kind"], entry["title"], entry["text"]): entry for entry in found}.values())
