"""What the agents of a process are made with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from pipelines.agents.conversation.port import Conversations
from pipelines.agents.enrichment.sources import Cache, Source
from pipelines.agents.lead import LeadFacts
from pipelines.agents.marketing.templates import Sender
from pipelines.calendar.port import Calendar
from pipelines.knowledge.port import Knowledge
from pipelines.llm.gateway.port import Attribution, Completion, Gateway, Task
from pipelines.llm.port import ChatRequest, LanguageModel, LlmError
from pipelines.llm.prices import PriceList
from pipelines.tools.port import Tool
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

    def warm(self, _task: Task) -> None:
        pass

    async def complete(
        self, _task: Task, _request: ChatRequest, _whose: Attribution, *, deadline_s: float
    ) -> Completion:
        raise LlmError("no_model_configured", f"No model within {deadline_s} s or ever.", retryable=False)


class NoLedger:
    """A tracker that keeps nothing."""

    def record(self, _row: TrackedRecord) -> None:
        pass


async def _no_sources() -> Sequence[Source]:
    return ()


class AgentParts(Struct, frozen=True, kw_only=True):
    """``tools``: those that graphs may use, by name · ``sources``: those of facts about people, as they are connected
    now · ``sender``: in whose name texts are written · ``prices``: of a conversation's models · ``now``: the present
    moment in UTC."""

    gateway: Gateway = NoModels()
    tracker: Tracker = NoLedger()
    leads: Leads | None = None
    knowledge: Knowledge | None = None
    calendar: Calendar | None = None
    tools: Mapping[str, Tool] = {}
    sources: Callable[[], Awaitable[Sequence[Source]]] = _no_sources
    enrichment_cache: Cache | None = None
    conversations: Conversations | None = None
    sender: Sender = Sender()
    prices: PriceList = PriceList()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
