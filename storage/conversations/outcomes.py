"""What conversations led to: meetings, opt-outs, hand-overs, what was learned of a lead."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from storage.calls.do_not_call import suppress_conversation
from storage.keys.secret_tokens import utc_now
from storage.leads.after_outcomes import OutcomeKind
from storage.leads.of_outcomes import bring_to_lead, lock_conversation
from storage.postgres.conflicts import begun_again
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_QUERIES = load_queries("storage.queries", "outcomes.sql")


class OutcomeRecord(Struct, frozen=True, kw_only=True):
    """One effect of a conversation. ``data``: the arguments the tool was called with."""

    idempotency_key: str
    conversation_id: str
    kind: OutcomeKind
    data: dict[str, Any]
    created_at: datetime


class Outcomes:
    """The repository of outcomes. Every method raises StorageError."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    @begun_again
    async def record(self, idempotency_key: str, conversation_id: str, kind: OutcomeKind, data: dict[str, Any]) -> bool:
        """Record an effect once, and bring what was learned to the conversation's lead. False: this very call was
        recorded before.
        """
        async with self._database.transaction() as transaction:
            return await record_outcome(transaction, idempotency_key, conversation_id, kind, data, now=self._now())

    async def of_conversation(self, conversation_id: str) -> tuple[OutcomeRecord, ...]:
        """Oldest first."""
        rows = await self._database.fetch_all(_QUERIES["select_outcomes"], conversation_id=conversation_id)
        return tuple(OutcomeRecord(**row) for row in rows)


async def record_outcome(
    transaction: Transaction,
    idempotency_key: str,
    conversation_id: str,
    kind: OutcomeKind,
    data: Mapping[str, Any],
    *,
    now: datetime,
) -> bool:
    """``Outcomes.record`` within a transaction that does more."""
    await lock_conversation(transaction, conversation_id)
    rows = await transaction.execute(
        _QUERIES["insert_outcome"],
        idempotency_key=idempotency_key,
        conversation_id=conversation_id,
        kind=kind,
        data=data,
        created_at=now,
    )
    if rows == 1:
        lead_id = await bring_to_lead(
            transaction, conversation_id, kind, data, idempotency_key=idempotency_key, now=now
        )
        if kind == "opt_out":
            await suppress_conversation(transaction, conversation_id, lead_id, now=now)
    return rows == 1
