"""The enrichment agent."""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from pipelines.agents.definition import AgentDefinition, LeadInput
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


class EnrichmentInput(LeadInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``email``: whom to look up; the lead's own address when None."""

    email: Annotated[str, Meta(max_length=254)] | None = None


def _begin(given: EnrichmentInput, lead: LeadFacts) -> dict[str, Any]:
    return {"lead": lead.known(), "email": given.email}


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.enrichment.graph import enrichment_graph  # noqa: PLC0415 - slow to import

    return enrichment_graph(parts)


ENRICHMENT = AgentDefinition(
    name="enrichment", input=EnrichmentInput, target_s=2.8, durability="exit", graph=_graph, begin=_begin
)
