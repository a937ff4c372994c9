"""The marketing agent."""

from typing import TYPE_CHECKING, Any

from pipelines.agents.definition import AgentDefinition, LeadInput, lead_state
from pipelines.agents.lead import LeadFacts
from pipelines.agents.notes import with_notes
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.marketing.graph import marketing_graph  # noqa: PLC0415 - slow to import

    return marketing_graph(parts)


def _begin(given: LeadInput, lead: LeadFacts) -> dict[str, Any]:
    return lead_state(given, with_notes(lead))


MARKETING = AgentDefinition(name="marketing", input=LeadInput, target_s=3.8, graph=_graph, begin=_begin)
