"""What somebody wants of an agent, checked."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from pipelines.agents.definition import AgentDefinition, LeadInput
from pipelines.agents.errors import AgentError
from pipelines.agents.lead import GivenLead, LeadFacts
from pipelines.agents.registry import AGENTS


class Asked(Struct, frozen=True, kw_only=True):
    """One run that somebody wants. ``input`` is the agent's input as plain values, or with ``resume`` a person's
    answer. ``target_s``: within which the answer is wanted; unset: the agent's own."""

    agent: str
    input: Any = None
    thread_id: str | None = None
    conversation_id: str | None = None
    resume: bool = False
    target_s: float | None = None


def definition_of(agent: str) -> AgentDefinition:
    """Raises AgentError ``unknown_agent``."""
    try:
        return AGENTS[agent]
    except KeyError:
        known = ", ".join(AGENTS)
        raise AgentError("unknown_agent", f"There are the agents {known}.", param="agent") from None


def checked_input(definition: AgentDefinition, given: Any) -> Struct:
    """Raises AgentError ``invalid_input``, which says where and why: nothing given is passed over in silence."""
    plain = {} if given is None else given
    if isinstance(plain, Mapping):
        _check_members(plain, definition.input, definition.input, "input")
        if isinstance(lead := plain.get("lead"), Mapping):
            _check_members(lead, GivenLead, LeadFacts, "input.lead")
    try:
        checked: Struct = msgspec.convert(plain, definition.input)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        where = path.rstrip("`")
        raise AgentError("invalid_input", f"{message}.", param=f"input{where}") from None
    return checked


def input_help() -> str:
    """What may be given to each agent, for people."""
    lead = frozenset(LeadInput.__struct_fields__)
    beside = {
        name: [field for field in agent.input.__struct_fields__ if field not in lead]
        for name, agent in AGENTS.items()
        if not agent.is_conversation
    }
    more = "; ".join(f"{name}: {', '.join(fields)}" for name, fields in beside.items() if fields)
    return (
        '`{"lead": {…}}` or `{"lead_id": …}`; for the conversation `{"message": …}` or `{"audio": base64, "format": …}`'
        f". A lead has {', '.join(LeadFacts.__struct_fields__)}. Beside the lead: {more}. The conversation takes"
        f" {', '.join(AGENTS['conversation'].input.__struct_fields__)}. Anything else is refused (`invalid_input`)."
    )


def _check_members(given: Mapping[str, Any], taken: type[Struct], read: type[Struct], where: str) -> None:
    """Raises AgentError ``invalid_input`` for a member that is not taken, and names those that are read."""
    unknown = next((name for name in given if name not in taken.__struct_fields__), None)
    if unknown is not None:
        shown = unknown[:80].encode("utf-8", "replace").decode()
        members = ", ".join(read.__struct_fields__)
        raise AgentError("invalid_input", f"There is no '{shown}' here; there are {members}.", param=f"{where}.{shown}")
