"""What an agent is to the service that runs it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from pipelines.agents.lead import GivenLead, LeadFacts
from pipelines.agents.parts import AgentParts
from storage.ledger.records import AgentType

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

Durability = Literal["sync", "exit"]
"""When the state is kept: after each node before the next one begins, or once at the end or at a question."""


class LeadInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom an agent works on: a lead as given, or one of ours by its id, what is given going before what is kept."""

    lead: GivenLead | None = None
    lead_id: UUID | None = None


class AgentDefinition(Struct, frozen=True, kw_only=True):
    """``target_s``: the answer is there by then, by rules where the models are slower · ``grace_s``: how much longer a
    run may take before it is given up (tools that hang) · ``is_conversation``: a thread is a conversation of the same
    id · ``needs_lead``: its input names one · ``graph``: makes the graph; imports LangGraph, so it is called in a
    thread · ``begin``: the state a run starts from, given the checked input and the lead."""

    name: AgentType
    input: type[Struct]
    target_s: float
    grace_s: float = 10.0
    durability: Durability = "sync"
    is_conversation: bool = False
    needs_lead: bool = True
    graph: Callable[[AgentParts], "StateGraph[Any, Any, Any, Any]"]
    begin: Callable[[Any, LeadFacts], dict[str, Any]]


def lead_state(_given: Any, lead: LeadFacts) -> dict[str, Any]:
    """The state of agents that need the lead alone."""
    return {"lead": lead.known()}


def merged(given: LeadFacts | None, kept: LeadFacts | None) -> LeadFacts:
    """Both together; what was given goes first."""
    if given is None or kept is None:
        return given or kept or LeadFacts()
    return msgspec.convert({**kept.known(), **given.known()}, LeadFacts)
