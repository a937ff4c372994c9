"""What was done and what it cost, summed up."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from storage.errors import InvalidCursor
from storage.ledger.records import AgentType, ExecutionRecord, ExecutionStatus
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "reports.sql")
_MAX_CURSOR_CHARS = 200

T = TypeVar("T", bound=Struct)


class Cost(Struct, frozen=True, kw_only=True):
    """``unpriced``: calls whose price is not known; they are not in ``cost_usd``."""

    calls: int
    failed: int
    unpriced: int
    cost_usd: float


class DayCost(Cost, frozen=True, kw_only=True):
    """Of one day, in UTC."""

    day: date


class ProviderCost(Cost, frozen=True, kw_only=True):
    """``model`` is ``stt`` or ``tts`` for speech."""

    kind: str
    provider: str
    model: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    audio_seconds: float
    characters_spoken: int
    characters_discarded: int


class AgentCost(Struct, frozen=True, kw_only=True):
    """``mean_latency_ms`` of all runs, the failed ones too."""

    agent_type: str
    runs: int
    failed: int
    mean_latency_ms: float | None
    cost_usd: float


class ConversationCost(Cost, frozen=True, kw_only=True):
    """What live conversations used outside agents' runs; ``kind``: ``model`` or ``speech``."""

    kind: str


class LeadCost(Struct, frozen=True, kw_only=True):
    """Of one lead since it is known."""

    lead_id: UUID
    company_name: str | None
    contact_name: str | None
    calls: int
    unpriced: int
    cost_usd: float


class Reports:
    """Every method raises StorageError. Days are UTC days; ranges include both ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_day(self, first: date, last: date) -> tuple[DayCost, ...]:
        """Days on which something was used, oldest first."""
        return await self._summed("costs_by_day", DayCost, first=first, last=last)

    async def by_provider(self, first: date, last: date) -> tuple[ProviderCost, ...]:
        """Dearest first."""
        return await self._summed("costs_by_provider", ProviderCost, first=first, last=last)

    async def by_agent(self, first: date, last: date) -> tuple[AgentCost, ...]:
        """Dearest first."""
        return await self._summed("costs_by_agent", AgentCost, first=first, last=last)

    async def of_conversations(self, first: date, last: date) -> tuple[ConversationCost, ...]:
        return await self._summed("costs_of_conversations", ConversationCost, first=first, last=last)

    async def of_lead(self, lead_id: UUID, first: date, last: date) -> tuple[DayCost, ...]:
        """One lead's days, oldest first."""
        since = datetime.combine(first, time.min, UTC)
        until = datetime.combine(last, time.min, UTC) + timedelta(days=1)
        return await self._summed("costs_of_lead", DayCost, lead_id=lead_id, since=since, until=until)

    async def by_lead(self, *, limit: int = 50, cursor: str | None = None) -> Page[LeadCost]:
        """Dearest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before, before_id = _cost_place(cursor) if cursor is not None else (None, None)
        rows = await self._database.fetch_all(_SQL["costs_by_lead"], before=before, before_id=before_id, rows=limit + 1)
        items = tuple(msgspec.convert(dict(row), LeadCost, strict=False) for row in rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items, _cost_cursor(last["cost_usd"], last["lead_id"]) if last is not None else None)

    async def executions(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        agent_type: AgentType | None = None,
        status: ExecutionStatus | None = None,
        lead_id: UUID | None = None,
        conversation_id: str | None = None,
        thread_id: str | None = None,
        one_a_thread: bool = False,
    ) -> Page[ExecutionRecord]:
        """Newest first; ``one_a_thread``: of each thread its last alone. Raises InvalidCursor, or StorageError
        ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["executions_list"],
            agent_type=agent_type,
            status=status,
            lead_id=lead_id,
            conversation_id=conversation_id,
            thread_id=thread_id,
            one_a_thread=one_a_thread or None,
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
        )
        return page_of([ExecutionRecord(**row) for row in rows], limit, key=lambda row: (row.started_at, row.id))

    async def _summed(self, query: str, kind: type[T], **range_: Any) -> tuple[T, ...]:
        rows = await self._database.fetch_all(_SQL[query], **range_)
        return tuple(msgspec.convert(dict(row), kind, strict=False) for row in rows)


def _cost_cursor(cost_usd: Decimal, lead_id: UUID) -> str:
    return urlsafe_b64encode(f"{cost_usd} {lead_id}".encode()).rstrip(b"=").decode()


def _cost_place(cursor: str) -> tuple[Decimal, UUID]:
    try:
        if len(cursor) > _MAX_CURSOR_CHARS:
            raise InvalidCursor
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        cost, _, lead_id = text.partition(" ")
        place = Decimal(cost), UUID(lead_id)
    except (ValueError, InvalidOperation):
        raise InvalidCursor from None
    if not place[0].is_finite():
        raise InvalidCursor
    return place
