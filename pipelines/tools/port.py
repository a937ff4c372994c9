"""The port of the server's own tools, for live conversations and graphs alike."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from pipelines.llm.port import ToolSpec

OnInterruption = Literal["finish", "cancel", "background"]
"""What becomes of a running tool when the caller takes the floor: it runs on and its result is kept, it is stopped, or
it runs on and its result is brought up at the next natural moment."""


class ToolPolicy(Struct, frozen=True):
    """How a conversation handles the tool.

    ``deadline_s``: it counts as failed after that · ``filler``: what the agent says when it takes longer than a beat;
    None: nothing · ``has_effect``: it changes something outside the conversation, so it runs only for a confirmed turn,
    once under its idempotency key, and never on the word of a text that was retrieved · ``retrieves``: its results hold
    text that others wrote. A model that reads it is offered no tool but those that only look things up, and later turns
    are not shown the text again.
    """

    deadline_s: float = 10.0
    filler: str | None = None
    on_interruption: OnInterruption = "finish"
    has_effect: bool = False
    retrieves: bool = False


class ToolContext(Struct, frozen=True):
    """On whose behalf a tool runs: in a conversation, or in an agent's run outside of any. Running twice under one
    ``idempotency_key`` must have the effect of running once. ``lead_id``: who is known to be talking, never by what
    they say."""

    conversation_id: str | None
    idempotency_key: str
    lead_id: UUID | None = None
    execution_id: str | None = None
    """The agent's execution it belongs to, for the ledger."""


class ToolError(Exception):
    """The tool could not do it; code and message go to the model, which tells the caller in its own words."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class Tool(Struct, frozen=True):
    """A tool: what the model is told of it, and what it does. ``run`` returns JSON-compatible values."""

    spec: ToolSpec
    run: Callable[[dict[str, Any], ToolContext], Awaitable[dict[str, Any]]]
    policy: ToolPolicy = ToolPolicy()
