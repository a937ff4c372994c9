"""The marketing agent."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

from msgspec import Meta

from pipelines.agents.definition import AgentDefinition, LeadInput, lead_state
from pipelines.agents.lead import LeadFacts
from pipelines.agents.notes import with_notes
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


MAX_EARLIER_CHARS: Final = 2000
Part = Literal["email", "subjects", "linkedin", "call_script"]


class MarketingInput(LeadInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``goal``: what the texts are to bring about, as the operator says. ``follow_up``: 0 is a first message, 1 what
    follows it unanswered, and so on; ``earlier``: the messages it follows. ``agent``: the profile in whose name they
    are; where there is none such the default one's, and the output says whose. ``only``: what is to be written, and
    paid for; unset: everything."""

    goal: Annotated[str, Meta(max_length=1000)] | None = None
    follow_up: Annotated[int, Meta(ge=0, le=5)] = 0
    earlier: Annotated[tuple[Annotated[str, Meta(max_length=MAX_EARLIER_CHARS)], ...], Meta(max_length=5)] = ()
    agent: Annotated[str, Meta(max_length=40)] | None = None
    only: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=4)] = get_args(Part)


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.marketing.graph import marketing_graph  # noqa: PLC0415 - slow to import

    return marketing_graph(parts)


def _begin(given: MarketingInput, lead: LeadFacts) -> dict[str, Any]:
    about = {
        "goal": given.goal or "",
        "follow_up": given.follow_up,
        "earlier": [*given.earlier],
        "agent": given.agent,
        "only": [*dict.fromkeys(given.only)],
    }
    return {**lead_state(given, with_notes(lead)), **about}


MARKETING = AgentDefinition(name="marketing", input=MarketingInput, target_s=3.8, graph=_graph, begin=_begin)
