"""What is told while an agent runs."""

from typing import Any, Literal

from msgspec import Struct

EventKind = Literal[
    "started", "node_started", "node_finished", "token", "tool_started", "tool_finished", "round", "interrupt", "done"
]


class AgentEvent(Struct, frozen=True):
    """One thing that happened in a run. ``done`` carries the reply and is always the last."""

    kind: EventKind
    data: dict[str, Any]
