"""What is to be told to endpoints: in the hands of one process at a time, and kept for a while afterwards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "webhook_deliveries.sql")

DeliveryStatus = Literal["waiting", "delivered", "given_up"]

MOST_ITEMS: Final = 1000
"""Of a conversation, told with its words."""


class WebhookDelivery(Struct, frozen=True, kw_only=True):
    """One event for one endpoint. ``due_at`` is the next attempt while it waits. ``answer_status``, ``answer`` and
    ``error`` are those of the last one."""

    id: str
    event_id: str
    endpoint_id: str
    type: str
    occurred_at: datetime
    data: dict[str, Any]
    lead_id: UUID | None
    conversation_id: str | None
    subject: str | None
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    tried_at: datetime | None
    answer_status: int | None
    answer: str | None
    error: str | None
    latency_ms: float | None
    created_at: datetime


class ClaimedDelivery(Struct, frozen=True, kw_only=True):
    """One attempt, the ``attempts``-th, that is this process's for a while. The secrets are encrypted."""

    id: str
    event_id: str
    endpoint_id: str
    type: str
    occurred_at: datetime
    data: dict[str, Any]
    conversation_id: str | None
    subject: str | None
    attempts: int
    url: str
    include_words: bool
    secret: bytes
    old_secret: bytes | None


class SaidItem(Struct, frozen=True):
    """``text``: what was heard."""

    id: str
    role: str
    text: str
    at: datetime


class WebhookDeliveries:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def claim(self, *, at_once: int, rows: int, lease_s: float) -> list[ClaimedDelivery]:
        """Up to ``rows`` that are due; of each endpoint as many as keep it at ``at_once`` over all processes."""
        async with self.database.transaction() as transaction:
            endpoints = await transaction.fetch_all(_SQL["webhook_claim_endpoints"])
            if not endpoints:
                return []
            found = await transaction.fetch_all(
                _SQL["webhook_claim"],
                endpoints=[row["id"] for row in endpoints],
                at_once=at_once,
                rows=rows,
                lease_s=lease_s,
            )
        return [ClaimedDelivery(**row) for row in found]

    async def claim_one(self, delivery_id: str, *, lease_s: float) -> ClaimedDelivery | None:
        """None: it or its endpoint is gone."""
        row = await self.database.fetch_one(_SQL["webhook_claim_one"], id=delivery_id, lease_s=lease_s)
        return ClaimedDelivery(**row) if row is not None else None

    async def next_s(self, *, at_once: int) -> float | None:
        """In how many seconds there is something to do. None: nothing waits."""
        found = await self.database.fetch_value(_SQL["webhook_next_s"], at_once=at_once)
        return float(found) if found is not None else None

    async def leave(self, claimed: ClaimedDelivery) -> None:
        """For another process, at once."""
        await self.database.execute(_SQL["webhook_leave"], id=claimed.id, attempts=claimed.attempts)

    async def add(
        self,
        delivery_id: str,
        event_id: str,
        endpoint_id: str,
        kind: str,
        data: dict[str, Any],
        *,
        lease_s: float,
        now: datetime,
    ) -> None:
        """One that whoever adds it delivers."""
        await self.database.execute(
            _SQL["webhook_delivery_insert"],
            id=delivery_id,
            event_id=event_id,
            endpoint_id=endpoint_id,
            type=kind,
            data=data,
            lease_s=lease_s,
            now=now,
        )

    async def get(self, endpoint_id: str, delivery_id: str) -> WebhookDelivery | None:
        row = await self.database.fetch_one(_SQL["webhook_delivery_get"], id=delivery_id, endpoint_id=endpoint_id)
        return _read(row) if row is not None else None

    async def list(
        self,
        endpoint_id: str,
        *,
        status: DeliveryStatus | None = None,
        kind: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[WebhookDelivery]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before = decode_cursor(cursor) if cursor is not None else None
        rows = await self.database.fetch_all(
            _SQL["webhook_deliveries_list"],
            endpoint_id=endpoint_id,
            status=status,
            type=kind,
            before=before.at if before is not None else None,
            before_id=before.id if before is not None else None,
            rows=limit + 1,
        )
        return page_of([_read(row) for row in rows], limit, key=lambda row: (row.created_at, row.id))

    async def redeliver(self, endpoint_id: str, delivery_id: str) -> bool:
        """From the first attempt on, under the same id. False: there is none, or it is under way at this moment."""
        done = await self.database.execute(_SQL["webhook_redeliver"], id=delivery_id, endpoint_id=endpoint_id)
        if done:
            await self.database.fetch_value(_SQL["webhook_tell"])
        return done == 1

    async def redeliver_since(self, endpoint_id: str, since: datetime, *, rows: int) -> int:
        """Everything of what happened since then that was given up, the oldest first; returns how many."""
        return await self.database.execute(
            _SQL["webhook_redeliver_since"], endpoint_id=endpoint_id, since=since, rows=rows
        )

    async def delete_of(self, endpoint_id: str) -> None:
        await self.database.execute(_SQL["webhook_deliveries_delete_of"], endpoint_id=endpoint_id)

    async def forget(self, before: datetime, *, rows: int) -> int:
        """What is older and through, or nobody's; returns how many."""
        return await self.database.execute(_SQL["webhook_deliveries_forget"], before=before, rows=rows)

    async def words_of_conversation(self, conversation_id: str) -> Sequence[SaidItem]:
        """In order; none once they are gone."""
        rows = await self.database.fetch_all(
            _SQL["webhook_words_of_conversation"], conversation_id=conversation_id, rows=MOST_ITEMS
        )
        return [SaidItem(**row) for row in rows]

    async def words_of_outcome(self, idempotency_key: str) -> dict[str, Any]:
        """What the tool was called with; nothing once it is gone."""
        found = await self.database.fetch_value(_SQL["webhook_words_of_outcome"], idempotency_key=idempotency_key)
        return found or {}


async def settle_delivery(
    transaction: Transaction,
    claimed: ClaimedDelivery,
    status: DeliveryStatus,
    *,
    again_s: float,
    answer_status: int | None,
    answer: str | None,
    error: str | None,
    latency_ms: float,
) -> bool:
    """False: its time was over, and another process has it by now."""
    settled = await transaction.execute(
        _SQL["webhook_settle"],
        id=claimed.id,
        attempts=claimed.attempts,
        status=status,
        again_s=again_s,
        answer_status=answer_status,
        answer=answer,
        error=error,
        latency_ms=latency_ms,
    )
    return settled == 1


def _read(row: Record) -> WebhookDelivery:
    return WebhookDelivery(**{name: row[name] for name in WebhookDelivery.__struct_fields__})
