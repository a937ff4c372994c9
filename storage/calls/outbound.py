"""Calls that were asked for, from the wish to its end, the refused ones too."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from storage.calls.consents import ConsentKind
from storage.erasure.digests import Digests
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

CallStatus = Literal[
    "queued",
    "dialling",
    "ringing",
    "in_progress",
    "unknown",
    "completed",
    "voicemail",
    "busy",
    "no_answer",
    "failed",
    "canceled",
    "refused",
]
OPEN: Final[frozenset[CallStatus]] = frozenset({"queued", "dialling", "ringing", "in_progress", "unknown"})
"""Not over yet."""

_SQL = load_queries("storage.queries", "outbound_calls.sql")


class OutboundCall(Struct, frozen=True, kw_only=True):
    """One call. ``status`` "unknown": the carrier was asked and did not answer, so it is not asked again · ``code`` and
    ``message``: why it was refused or failed · ``answered_by``: as the carrier judged, "human" or a machine ·
    ``purpose``: why we call, as it is said · ``carrier``: who was asked, by name · ``left_message``: on a voicemail ·
    ``list_entry_id``: the person of a call list it is made for · ``agent``: the profile that talks; None: the default
    one."""

    id: str
    idempotency_key: str | None = None
    number: str
    lead_id: UUID | None = None
    conversation_id: str
    purpose: str | None = None
    requested_by: str | None = None
    status: CallStatus
    code: str | None = None
    message: str | None = None
    retry_at: datetime | None = None
    carrier: str | None = None
    carrier_call_id: str | None = None
    answered_by: str | None = None
    cancel_requested: bool = False
    left_message: bool = False
    list_entry_id: UUID | None = None
    agent: str | None = None
    created_at: datetime
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class ListedCall(OutboundCall, frozen=True, kw_only=True):
    """A call with whom it was for, as its lead is called now."""

    company_name: str | None
    contact_name: str | None


class KnownOfNumber(Struct, frozen=True, kw_only=True):
    """What the tables say of a number. ``time_zone``: of its lead, in words."""

    suppressed: bool
    consent: ConsentKind | None
    consent_until: datetime | None
    in_call: bool
    attempts: tuple[datetime, ...]
    time_zone: str | None


class ConsentOfNumber(Struct, frozen=True, kw_only=True):
    """What the tables say of a number before anybody thinks of calling it."""

    number: str
    suppressed: bool
    consent: ConsentKind | None
    consent_until: datetime | None


class OutboundCalls(Struct, frozen=True):
    """The repository of calls. Every method raises StorageError."""

    database: Database

    async def get(self, call_id: str) -> OutboundCall | None:
        row = await self.database.fetch_one(_SQL["outbound_get"], id=call_id)
        return of_row(OutboundCall, row) if row is not None else None

    async def of_conversation(self, conversation_id: str) -> OutboundCall | None:
        row = await self.database.fetch_one(_SQL["outbound_of_conversation"], conversation_id=conversation_id)
        return of_row(OutboundCall, row) if row is not None else None

    async def change(self, call_id: str, change: Callable[[OutboundCall], OutboundCall]) -> OutboundCall | None:
        """One change after the other. Returns the call as it is then; None: there is none."""
        async with self.database.transaction() as transaction:
            call = await lock_call(transaction, call_id)
            if call is None or (changed := change(call)) == call:
                return call
            await update_call(transaction, changed)
            return changed

    async def list(
        self,
        *,
        status: CallStatus | None = None,
        lead_id: UUID | None = None,
        number: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ListedCall]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before = decode_cursor(cursor) if cursor is not None else None
        rows = await self.database.fetch_all(
            _SQL["outbound_list"],
            status=status,
            lead_id=lead_id,
            number=number,
            before_at=before.at if before is not None else None,
            before_id=before.id if before is not None else None,
            rows=limit + 1,
        )
        return page_of([of_row(ListedCall, row) for row in rows], limit, key=lambda call: (call.created_at, call.id))

    async def was_told_on_voicemail(self, call: OutboundCall) -> bool:
        """By another call to the same person of a list."""
        if call.list_entry_id is None:
            return False
        told = await self.database.fetch_value(_SQL["outbound_told"], list_entry_id=call.list_entry_id, but=call.id)
        return bool(told)

    async def consents_of(self, numbers: Sequence[str]) -> dict[str, ConsentOfNumber]:
        """Those of people who were erased are not among the suppressed ones."""
        rows = await self.database.fetch_all(_SQL["outbound_consents"], numbers=sorted(set(numbers)))
        return {row["number"]: ConsentOfNumber(**row) for row in rows}

    async def awaited(self, answered_after: datetime) -> Sequence[str]:
        """Calls under way that nobody has answered yet, or just now."""
        rows = await self.database.fetch_all(_SQL["outbound_awaited"], answered_after=answered_after)
        return [row["id"] for row in rows]

    async def count_awaited(self) -> int:
        """Calls under way that nobody has answered yet, of all processes."""
        return int(await self.database.fetch_value(_SQL["outbound_pending"]))

    async def stale(self, before: datetime, *, in_call_before: datetime, limit: int) -> Sequence[OutboundCall]:
        """Open calls of which nothing was heard since; those that are talked in, since ``in_call_before``."""
        rows = await self.database.fetch_all(
            _SQL["outbound_stale"], before=before, in_call_before=in_call_before, rows=limit
        )
        return [of_row(OutboundCall, row) for row in rows]


async def lock_number(transaction: Transaction, number: str, lead_id: UUID | None) -> None:
    """One decision after the other."""
    await transaction.fetch_value(_SQL["outbound_lock"], number=number)
    if lead_id is not None:
        await transaction.fetch_value(_SQL["outbound_lock_lead"], lead_id=lead_id)


async def call_by_key(transaction: Transaction, idempotency_key: str) -> OutboundCall | None:
    row = await transaction.fetch_one(_SQL["outbound_by_key"], idempotency_key=idempotency_key)
    return of_row(OutboundCall, row) if row is not None else None


async def lock_call(transaction: Transaction, call_id: str) -> OutboundCall | None:
    row = await transaction.fetch_one(_SQL["outbound_lock_row"], id=call_id)
    return of_row(OutboundCall, row) if row is not None else None


async def known_of(
    transaction: Transaction,
    number: str,
    lead_id: UUID | None,
    *,
    digests: Digests,
    now: datetime,
    but: str | None = None,
) -> KnownOfNumber:
    """``but``: a call that does not count."""
    row = await transaction.fetch_one(
        _SQL["outbound_facts"],
        number=number,
        digests=digests.any_of("phone", number),
        lead_id=lead_id,
        but=but,
        now=now,
    )
    assert row is not None, "a row without a table"
    return KnownOfNumber(**{**row, "attempts": tuple(row["attempts"])})


async def pending(transaction: Transaction) -> int:
    """Calls under way that nobody has answered yet, of all processes."""
    return int(await transaction.fetch_value(_SQL["outbound_pending"]))


async def take_turn(
    transaction: Transaction, account: str, *, now: datetime, interval_s: float, at_most_s: float
) -> datetime | None:
    """When the account may dial next. None: later than ``at_most_s`` from now, and no turn was taken."""
    at: datetime = await transaction.fetch_value(_SQL["outbound_pace"], account=account, now=now)
    if at > now + timedelta(seconds=at_most_s):
        return None
    await transaction.execute(_SQL["outbound_pace_take"], account=account, next_at=at + timedelta(seconds=interval_s))
    return at


async def insert_call(transaction: Transaction, call: OutboundCall) -> None:
    fields = msgspec.structs.asdict(call)
    names = (
        "id idempotency_key number lead_id conversation_id purpose requested_by status code message retry_at"
        " list_entry_id agent created_at ended_at"
    )
    await transaction.execute(_SQL["outbound_insert"], **{name: fields[name] for name in names.split()})


async def update_call(transaction: Transaction, call: OutboundCall) -> None:
    fields = msgspec.structs.asdict(call)
    names = (
        "id status code message retry_at carrier carrier_call_id answered_by cancel_requested left_message dialled_at"
        " answered_at ended_at updated_at"
    )
    await transaction.execute(_SQL["outbound_update"], **{name: fields[name] for name in names.split()})
