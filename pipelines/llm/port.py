"""The port every language model implements, the playbook of rules among them."""

from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

from msgspec import Struct

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "tool_calls", "length", "content_filter"]


class ToolCall(Struct, frozen=True):
    """A call the model made: ``arguments`` is JSON text exactly as the model wrote it."""

    call_id: str
    name: str
    arguments: str


class Message(Struct, frozen=True):
    """One message of the context. ``tool_calls`` only for the assistant, ``tool_call_id`` only for a tool's result.
    ``passing``: it is there this time alone; what stands before it comes again, and is worth caching."""

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    passing: bool = False


class ToolSpec(Struct, frozen=True):
    """A function the model may call; ``parameters`` is a JSON Schema object."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = {}


class NamedTool(Struct, frozen=True):
    """A tool choice that forces one function."""

    name: str


ToolChoice = Literal["auto", "none", "required"] | NamedTool


class ChatRequest(Struct, frozen=True):
    """Everything a model needs for one reply. Instructions are the first message, of role ``system``."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    """False: at most one call a reply."""
    max_output_tokens: int | None = None
    temperature: float | None = None
    response_schema: dict[str, Any] | None = None
    conversation_id: str | None = None
    """Whose cost it is; providers never see it."""
    execution_id: str | None = None
    """The agent's run whose cost it is, where one asks."""


class TextDelta(Struct, frozen=True, tag="text"):
    text: str


class ToolCallDelta(Struct, frozen=True, tag="tool_call"):
    """A piece of one call. The first of an ``index`` carries ``call_id`` and ``name``; later ones leave them empty."""

    index: int
    arguments: str = ""
    call_id: str = ""
    name: str = ""


class Usage(Struct, frozen=True):
    """Tokens of one request; zero when the model does not count."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """Part of the input: read from the provider's cache."""
    written_tokens: int = 0
    """Part of the input: written to it, where that has a price of its own."""


class Completed(Struct, frozen=True, tag="completed"):
    """Always the last event of a stream that did not fail."""

    finish_reason: FinishReason
    usage: Usage = Usage()


class Serving(Struct, frozen=True, tag="serving"):
    """Who answers, before the first word of it: the gateway tells, which chooses."""

    provider: str
    model: str


LlmEvent = Serving | TextDelta | ToolCallDelta | Completed


class LlmError(Exception):
    """A model refused, broke or ended without finishing. ``retryable``: another attempt or provider may work.

    ``retry_after_s`` is the provider's own wish, when it named one.
    """

    def __init__(self, code: str, message: str, *, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class LanguageModel(Protocol):
    """A model, shared by all conversations of the process."""

    @property
    def name(self) -> str: ...

    def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream a reply, ending with ``Completed``. Raises LlmError.

        Closing the iterator (``aclose``) stops the generation at the provider.
        """

    async def aclose(self) -> None: ...
