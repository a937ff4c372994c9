"""What conversations and graphs ask of the model gateway."""

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from pipelines.bill import Bills
from pipelines.llm.port import ChatRequest, FinishReason, LanguageModel, ToolCall, Usage

Task = Literal["conversation", "reasoning", "research", "private"]
"""What a model is wanted for. ``conversation``: the fastest · ``reasoning``: the best · ``research``: cheap and long ·
``private``: only models on the operator's own machines."""


class Attribution(Struct, frozen=True):
    """Whose cost a request is."""

    conversation_id: str | None = None
    lead_id: UUID | None = None
    execution_id: str | None = None


class Completion(Struct, frozen=True, kw_only=True):
    """A whole reply, and what it took. ``latency_ms`` and ``cost_usd`` include retries and failover;
    ``cost_is_known`` False: not every model of them has a known price, and ``cost_usd`` is what is known."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    provider: str
    model: str
    usage: Usage = Usage()
    latency_ms: float
    cost_usd: float
    cost_is_known: bool = True
    attempts: int = 1


class Gateway(Protocol):
    """Shared by all conversations and graphs of the process."""

    @property
    def bills(self) -> Bills:
        """A run that opens its bill here is charged for what is asked in its name."""

    def has_model(self, task: Task) -> bool:
        """Whether any model is configured for the task. Without one ``complete`` raises LlmError
        ``no_model_configured`` and agents take their rules."""

    def ladder(self, task: Task) -> Sequence[LanguageModel]:
        """Rungs for a live turn: each streams on the best provider that has not failed this very turn. The playbook is
        not among them."""

    def warm(self, task: Task) -> None:
        """A call begins: have the connections open by the time its first turn ends. Returns at once."""

    async def complete(self, task: Task, request: ChatRequest, whose: Attribution, *, deadline_s: float) -> Completion:
        """A whole reply for work that can wait: failover over providers within ``deadline_s``, retries where there is
        time. Raises LlmError."""
