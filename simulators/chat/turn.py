"""What a model is asked, whichever protocol it came by."""

from typing import Any

from msgspec import Struct


class Tool(Struct, frozen=True):
    name: str
    schema: dict[str, Any]


class Turn(Struct, frozen=True):
    """One request.

    ``user_text``: the last user message · ``user_turns``: how many there are · ``tool_result``: the last message, when
    it is a tool's result · ``tool_results``: all that the model reads, oldest first · ``forced_tool``: the function
    that has to be called · ``schema``: of the reply, when it has to be JSON (``{}``: any) · ``prompt``: everything the
    model reads, as text, for counting and caching.
    """

    provider: str
    model: str
    prompt: str
    user_text: str = ""
    user_turns: int = 0
    tool_result: str | None = None
    tool_results: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    forced_tool: str | None = None
    may_call: bool = True
    schema: dict[str, Any] | None = None
    most_tokens: int | None = None
    stop: tuple[str, ...] = ()

    def tool(self, name: str) -> Tool | None:
        return next((tool for tool in self.tools if tool.name == name), None)
