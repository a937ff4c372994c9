"""The research agent."""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from pipelines.agents.definition import AgentDefinition, LeadInput
from pipelines.agents.errors import AgentError
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


class ResearchInput(LeadInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``question``: what to find out; unset: what is worth knowing of the lead."""

    question: Annotated[str, Meta(min_length=3, max_length=1000)] | None = None


def _begin(given: ResearchInput, lead: LeadFacts) -> dict[str, Any]:
    question = " ".join((given.question or "").split())
    if not question and not lead.known():
        raise AgentError("invalid_input", "Ask something: 'question', or a lead.", param="input.question")
    return {
        "question": question or f"What is worth knowing of {_named(lead)} before we talk to them?",
        "asked": bool(question),
        "lead": lead.known(),
        "queries": first_queries(question, lead),
        "findings": [],
        "not_searched": [],
        "claims": [],
        "gaps": [],
        "rounds": 0,
        "output": {},
    }


def first_queries(question: str, lead: LeadFacts) -> list[str]:
    """What to look for before anything is known."""
    company = lead.company_name or ""
    wanted = [
        f"{company} {question}" if company and question and company.lower() not in question.lower() else question,
        f"{company} {lead.industry or ''}" if company else lead.industry,
        f"{company} news" if company and not question else None,
        lead.need if not question else None,
    ]
    queries = [" ".join(query.split())[:200] for query in wanted if query and query.strip()]
    return list(dict.fromkeys(queries))[:3]


def _named(lead: LeadFacts) -> str:
    return lead.company_name or lead.contact_name or "this lead"


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.research.graph import research_graph  # noqa: PLC0415 - slow to import

    return research_graph(parts)


RESEARCH = AgentDefinition(
    name="research", input=ResearchInput, needs_lead=False, target_s=30.0, graph=_graph, begin=_begin
)
