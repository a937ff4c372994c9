"""What the agents of a process are made with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from pipelines.agents.conversation.port import Conversations
from pipelines.agents.enrichment.sources import Cache, Source
from pipelines.agents.lead import LeadFacts
from pipelines.agents.marketing.brief import Sender
from pipelines.calendar.port import Calendar
from pipelines.knowledge.port import Knowledge
from pipelines.llm.gateway.no_models import NoModels
from pipelines.llm.gateway.port import Gateway
from pipelines.social.values import Post
from pipelines.tools.port import Tool
from storage.ledger.records import TrackedRecord, Tracker


class Leads(Protocol):
    """Where leads are kept."""

    async def facts_of(self, lead_id: UUID) -> LeadFacts | None:
        """None: there is no such lead. Raises StorageError."""


class Social(Protocol):
    """What companies said in public, as far as it is kept."""

    async def posts_of(self, lead_id: UUID | None, website: str | None, *, most: int = 20) -> list[Post]:
        """The newest first. Raises StorageError."""


class NoLedger:
    """A tracker that keeps nothing."""

    def record(self, _row: TrackedRecord) -> None:
        pass


async def _no_sources() -> Sequence[Source]:
    return ()


class AgentParts(Struct, frozen=True, kw_only=True):
    """``tools``: those that graphs may use, by name · ``sources``: those of facts about people, as they are connected
    now · ``zone``: the office's · ``sender``: in whose name texts are written, by a profile's slug (None: the default)
    · ``now``: the present moment in UTC."""

    gateway: Gateway = NoModels()
    tracker: Tracker = NoLedger()
    leads: Leads | None = None
    knowledge: Knowledge | None = None
    calendar: Calendar | None = None
    zone: ZoneInfo = ZoneInfo("UTC")
    tools: Mapping[str, Tool] = {}
    sources: Callable[[], Awaitable[Sequence[Source]]] = _no_sources
    enrichment_cache: Cache | None = None
    conversations: Conversations | None = None
    social: Social | None = None
    sender: Callable[[str | None], Sender] = lambda _: Sender()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
