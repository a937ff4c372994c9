"""The port of the server's own tools."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from pipelines.llm.port import ToolSpec


class ToolContext(Struct, frozen=True):
    """On whose behalf a tool runs. Running twice under one ``idempotency_key`` must have the effect of running once."""

    conversation_id: str
    idempotency_key: str


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
