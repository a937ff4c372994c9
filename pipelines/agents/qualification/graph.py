"""The qualification as a thread: one node that runs the chain."""

from typing import Any, TypedDict

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from pipelines.agents.lead import LeadFacts
from pipelines.agents.qualification.chain import qualification_chain
from pipelines.agents.run import AgentRun


class QualificationState(TypedDict, total=False):
    lead: dict[str, Any]
    output: dict[str, Any]


def qualification_graph() -> "StateGraph[QualificationState, AgentRun, Any, Any]":
    chain = qualification_chain()

    async def score(state: QualificationState, runtime: Runtime[AgentRun]) -> QualificationState:
        lead = msgspec.convert(state["lead"], LeadFacts)
        found = await chain.ainvoke(lead, {"configurable": {"run": runtime.context}})
        return {"output": msgspec.to_builtins(found)}

    graph = StateGraph(QualificationState, context_schema=AgentRun)
    graph.add_node("qualify", score)
    graph.add_edge(START, "qualify")
    graph.add_edge("qualify", END)
    return graph
