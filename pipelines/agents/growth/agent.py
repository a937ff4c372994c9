"""The growth agent."""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from pipelines.agents.definition import AgentDefinition, LeadInput
from pipelines.agents.lead import LeadFacts
from pipelines.agents.notes import with_notes
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


class GrowthInput(LeadInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``topic``: what to look into; unset: whatever sells."""

    topic: Annotated[str, Meta(max_length=500)] | None = None


def _begin(given: GrowthInput, lead: LeadFacts) -> dict[str, Any]:
    lead = with_notes(lead)
    return {
        "lead": lead.known(),
        "topic": given.topic,
        "findings": [],
        "has_news": False,
        "queries": first_queries(lead, given.topic),
        "opportunities": [],
        "stated": None,
        "confidence": 0.0,
        "rounds": 0,
        "spent_usd": 0.0,
        "output": {},
    }


def first_queries(lead: LeadFacts, topic: str | None) -> list[str]:
    """What to look for before anything is known."""
    wanted = [
        topic,
        lead.need,
        f"{lead.company_name} {lead.industry or ''} news".strip() if lead.company_name else None,
        f"{lead.industry} sales" if lead.industry else None,
    ]
    queries = [" ".join(query.split())[:200] for query in wanted if query]
    return queries[:3] or ["What does it do?"]


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.growth.graph import growth_graph  # noqa: PLC0415 - slow to import

    return growth_graph(parts)


GROWTH = AgentDefinition(name="growth", input=GrowthInput, target_s=4.6, graph=_graph, begin=_begin)
