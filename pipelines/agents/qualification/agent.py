"""The qualification agent."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pipelines.agents.definition import AgentDefinition, LeadInput, lead_state
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts
from pipelines.agents.qualification.result import Qualification
from pipelines.agents.run import AgentRun
from pipelines.loading import loaded

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable
    from langgraph.graph import StateGraph


class Qualified(Struct, frozen=True, kw_only=True):
    """A qualification and what it took."""

    qualification: Qualification
    engine: str
    latency_ms: float
    cost_usd: float
    execution_id: str


def _graph(_parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.qualification.graph import qualification_graph  # noqa: PLC0415 - slow to import

    return qualification_graph()


QUALIFICATION = AgentDefinition(
    name="qualification", input=LeadInput, target_s=0.85, durability="exit", graph=_graph, begin=lead_state
)


class QuickQualification:
    """The chain alone, without a thread around it; loaded when first wanted."""

    def __init__(self) -> None:
        self._chain: Runnable[LeadFacts, Qualification] | None = None

    async def __call__(self, run: AgentRun, lead: LeadFacts) -> Qualification:
        if self._chain is None:
            self._chain = await loaded(_load_chain)
        return await self._chain.ainvoke(lead, {"configurable": {"run": run}})


def _load_chain() -> "Runnable[LeadFacts, Qualification]":
    from pipelines.agents.qualification.chain import qualification_chain  # noqa: PLC0415 - slow to import

    return qualification_chain()
