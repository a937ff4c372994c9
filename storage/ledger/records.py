"""What is tracked of every execution and cent: one frozen record a row. Ids are the writer's, so that rows can be
written behind, in any order and more than once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

ExecutionStatus = Literal["pending", "running", "success", "failed"]
CallStatus = Literal["success", "failed", "cancelled"]
AgentType = Literal["qualification", "enrichment", "growth", "marketing", "bdr", "conversation", "research", "refine"]


class ModelCallRecord(Struct, frozen=True, kw_only=True):
    """One request to one provider, the failed and the cancelled ones too: they cost as well.

    ``cost_usd`` None: the model's price is not known. Reports say so; they never count it as free.
    """

    id: str
    provider: str
    model: str
    task: str
    conversation_id: str | None = None
    lead_id: UUID | None = None
    execution_id: str | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    first_token_ms: float | None = None
    latency_ms: float
    cost_usd: float | None
    status: CallStatus
    error_code: str | None = None
    created_at: datetime


class SpeechUsageRecord(Struct, frozen=True, kw_only=True):
    """What a conversation, or a run of an agent, used of one speech provider. ``characters_discarded``: synthesised by
    speculation for nothing. ``cost_usd`` None: the price is not known."""

    id: str
    provider: str
    kind: Literal["stt", "tts"]
    conversation_id: str | None = None
    lead_id: UUID | None = None
    execution_id: str | None = None
    audio_seconds: float = 0.0
    characters_spoken: int = 0
    characters_discarded: int = 0
    cost_usd: float | None = 0.0
    created_at: datetime


class ExecutionRecord(Struct, frozen=True, kw_only=True):
    """One run of an agent. ``engine``: ``rules`` or the model that answered."""

    id: str
    agent_type: AgentType
    thread_id: str | None = None
    lead_id: UUID | None = None
    conversation_id: str | None = None
    status: ExecutionStatus
    engine: str | None = None
    started_at: datetime
    completed_at: datetime | None = None
    latency_ms: float | None = None
    cost_usd: float = 0.0
    error_code: str | None = None
    error_message: str | None = None


class ToolCallRecord(Struct, frozen=True, kw_only=True):
    """One run of a tool. Its arguments are customer words and are not kept here."""

    id: str
    name: str
    execution_id: str | None = None
    conversation_id: str | None = None
    lead_id: UUID | None = None
    status: CallStatus
    latency_ms: float
    error_code: str | None = None
    created_at: datetime


class QualificationResultRecord(Struct, frozen=True, kw_only=True):
    execution_id: str
    lead_id: UUID | None = None
    score: int
    tier: str
    reasoning: str
    metadata: dict[str, Any] = {}
    created_at: datetime


class EnrichmentResultRecord(Struct, frozen=True, kw_only=True):
    execution_id: str
    lead_id: UUID | None = None
    enriched_data: dict[str, Any]
    source: str
    credits: int = 0
    created_at: datetime


class WorkflowStateRecord(Struct, frozen=True, kw_only=True):
    """Where a thread of an agent stands. ``emails`` and ``phones``, each in one spelling: whom it is about, where that
    is no lead of ours; they are added to those of earlier runs."""

    thread_id: str
    lead_id: UUID | None = None
    current_agent: AgentType
    status: Literal["pending", "running", "completed", "failed"]
    metadata: dict[str, Any] = {}
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    updated_at: datetime


TrackedRecord = (
    ModelCallRecord
    | SpeechUsageRecord
    | ExecutionRecord
    | ToolCallRecord
    | QualificationResultRecord
    | EnrichmentResultRecord
    | WorkflowStateRecord
)


class Tracker(Protocol):
    def record(self, row: TrackedRecord) -> None:
        """Have the row written soon; a later row with the same id replaces it. Never blocks, never raises."""
