"""The enrichment as a thread: one node that runs the chain."""

from typing import Any, TypedDict

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from pipelines.agents.enrichment.chain import enrichment_chain
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun


class EnrichmentState(TypedDict, total=False):
    lead: dict[str, Any]
    email: str | None
    output: dict[str, Any]


def enrichment_graph(parts: AgentParts) -> "StateGraph[EnrichmentState, AgentRun, Any, Any]":
    chain = enrichment_chain(parts)

    async def enrich(state: EnrichmentState, runtime: Runtime[AgentRun]) -> EnrichmentState:
        given = (msgspec.convert(state["lead"], LeadFacts), state["email"])
        return {"output": await chain.ainvoke(given, {"configurable": {"run": runtime.context}})}

    graph = StateGraph(EnrichmentState, context_schema=AgentRun)
    graph.add_node("enrich", enrich)
    graph.add_edge(START, "enrich")
    graph.add_edge("enrich", END)
    return graph
