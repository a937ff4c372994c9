"""The refine agent."""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from pipelines.agents.definition import AgentDefinition
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

MAX_ROUNDS = 5
MAX_TEXT_CHARS = 8000


class RefineInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``goal``: what the text is to do, for whom, in which tone · ``max_words``: no longer than that."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS, pattern=r"\S")]
    goal: Annotated[str, Meta(max_length=2000)] | None = None
    max_rounds: Annotated[int, Meta(ge=1, le=MAX_ROUNDS)] = 3
    max_words: Annotated[int, Meta(ge=5, le=2000)] | None = None


def _begin(given: RefineInput, _lead: LeadFacts) -> dict[str, Any]:
    text = given.text.strip()
    return {
        "given": text,
        "text": text,
        "goal": (given.goal or "").strip(),
        "max_rounds": given.max_rounds,
        "max_words": given.max_words,
        "best": {},
        "problems": [],
        "rounds": [],
        "output": {},
    }


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.refine.graph import refine_graph  # noqa: PLC0415 - slow to import

    return refine_graph(parts)


REFINE = AgentDefinition(name="refine", input=RefineInput, needs_lead=False, target_s=20.0, graph=_graph, begin=_begin)
