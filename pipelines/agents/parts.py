"""What the agents of a process are made with."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from pipelines.agents.lead import LeadFacts
from pipelines.llm.gateway.port import Attribution, Completion, Gateway, Task
from pipelines.llm.port import ChatRequest, LanguageModel, LlmError
from storage.tracking_records import TrackedRecord, Tracker


class Leads(Protocol):
    """Where leads are kept."""

    async def facts_of(self, lead_id: UUID) -> LeadFacts | None:
        """None: there is no such lead. Raises StorageError."""


class NoModels:
    """A gateway without any model: every agent goes by its rules."""

    def has_model(self, _task: Task) -> bool:
        return False

    def ladder(self, _task: Task) -> Sequence[LanguageModel]:
        return ()

    async def complete(
        self, _task: Task, _request: ChatRequest, _whose: Attribution, *, deadline_s: float
    ) -> Completion:
        raise LlmError("no_model_configured", f"No model within {deadline_s} s or ever.", retryable=False)


class NoLedger:
    """A tracker that keeps nothing."""

    def record(self, _row: TrackedRecord) -> None:
        pass


class AgentParts(Struct, frozen=True, kw_only=True):
    """``now``: the present moment in UTC."""

    gateway: Gateway = NoModels()
    tracker: Tracker = NoLedger()
    leads: Leads | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
