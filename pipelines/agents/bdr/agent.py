"""The BDR agent."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from pipelines.agents.definition import AgentDefinition, LeadInput
from pipelines.agents.errors import AgentError
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts
from pipelines.calendar.rules import read_zone
from storage.keys.secret_tokens import new_id

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

DAYS_AHEAD = 14


class BdrInput(LeadInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``time_zone``: in which the lead thinks of a time (an IANA name); when None the lead's own, as far as it is known
    · ``if_booked``: for a lead that has a meeting coming: ``ask`` whether to move it, or ``add`` a second."""

    time_zone: Annotated[str, Meta(max_length=64)] | None = None
    duration_minutes: Annotated[int, Meta(ge=5, le=240)] = 30
    if_booked: Literal["ask", "add"] = "ask"


def _begin(given: BdrInput, lead: LeadFacts) -> dict[str, Any]:
    if given.time_zone is not None:
        try:
            read_zone(given.time_zone)
        except ValueError as error:
            raise AgentError("invalid_input", f"{error}.", param="input.time_zone") from None
    return {
        "request_id": new_id("bdr"),
        "lead": lead.known(),
        "lead_id": str(given.lead_id) if given.lead_id else None,
        "time_zone": given.time_zone,
        "duration_minutes": given.duration_minutes,
        "days": DAYS_AHEAD,
        "if_booked": "refuse" if given.if_booked == "ask" else given.if_booked,
        "coming": None,
        "seen": [],
        "slots": [],
        "why": None,
        "wanted": None,
        "rounds": 0,
        "output": {},
    }


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.bdr.graph import bdr_graph  # noqa: PLC0415 - slow to import

    return bdr_graph(parts)


BDR = AgentDefinition(name="bdr", input=BdrInput, target_s=3.0, graph=_graph, begin=_begin)
"""Under two seconds a node: its model steps take 0.9 s and 1.2 s at most."""
