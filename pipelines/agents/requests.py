"""What somebody wants of an agent, checked."""

from typing import Any

import msgspec
from msgspec import Struct

from pipelines.agents.definition import AgentDefinition
from pipelines.agents.errors import AgentError
from pipelines.agents.registry import AGENTS


class Asked(Struct, frozen=True, kw_only=True):
    """One run that somebody wants. ``input`` is the agent's input as plain values, or with ``resume`` a person's
    answer."""

    agent: str
    input: Any = None
    thread_id: str | None = None
    conversation_id: str | None = None
    resume: bool = False


def definition_of(agent: str) -> AgentDefinition:
    """Raises AgentError ``unknown_agent``."""
    try:
        return AGENTS[agent]
    except KeyError:
        known = ", ".join(AGENTS)
        raise AgentError("unknown_agent", f"There are the agents {known}.", param="agent") from None


def checked_input(definition: AgentDefinition, given: Any) -> Struct:
    """Raises AgentError ``invalid_input``, which says where and why."""
    try:
        checked: Struct = msgspec.convert(given if given is not None else {}, definition.input)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        where = path.rstrip("`")
        raise AgentError("invalid_input", f"{message}.", param=f"input{where}") from None
    return checked
