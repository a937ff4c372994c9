"""Messages of campaigns, each written once by whichever process gets to it, and approved by people."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from storage.errors import InvalidCursor
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.leases import Leases
from storage.postgres.named_query import load_queries

MessageStatus = Literal["waiting", "drafted", "approved", "rejected", "skipped", "failed", "queued", "entered", "sent"]
SkipReason = Literal["opted_out", "no_consent", "no_email", "not_interested", "suppressed"]

LEASE_S: Final = 60.0
"""A message that takes longer to write was a dead process's."""

_SQL = load_queries("storage.queries", "campaign_messages.sql")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class MessageRow(Struct, frozen=True, kw_only=True):
    """``step``: 0 is the first message, the others follow it."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step: int
    position: int
    status: MessageStatus
    reason: str | None
    variant: int
    subject: str | None
    body: str | None
    agent: str | None
    engine: str | None
    cost_usd: float
    sent_at: datetime | None
    updated_at: datetime
    contact_name: str | None
    contact_email: str | None
    company_name: str | None


class ToWrite(Struct, frozen=True):
    """A message in this process's hands. ``attempts``: how often it was begun · ``agent``: the profile in whose name it
    is to be; None: the default one · ``earlier``: what it follows, the first first."""

    id: UUID
    lead_id: UUID
    step: int
    variant: int
    attempts: int
    goal: str
    agent: str | None
    earlier: Sequence[str]


class CampaignMessages:
    """The repository of messages. Every method raises StorageError."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self._leases = Leases(database, ToWrite, _SQL["claim_message"], lease_s=lease_s)

    async def claim(self) -> ToWrite | None:
        """The next message to write; None: there is none."""
        return await self._leases.claim()

    async def next_lease_end(self) -> datetime | None:
        """When what another process may have died over is to be looked at again."""
        found = await self._database.fetch_value(_SQL["next_lease_end"])
        return found if isinstance(found, datetime) else None

    async def written(
        self,
        message: ToWrite,
        *,
        subject: str,
        body: str,
        engine: str,
        execution_id: str,
        cost_usd: float,
        agent: str | None = None,
        company: str | None = None,
        now: datetime,
    ) -> bool:
        """``agent`` and ``company``: whose name it is in. False: it is another process's by now, or its lead wants
        none."""
        touched = await self._database.execute(
            _SQL["message_written"],
            id=message.id,
            attempts=message.attempts,
            subject=subject,
            body=body,
            agent=agent,
            company=company,
            engine=engine,
            execution_id=execution_id,
            cost_usd=cost_usd,
            now=now,
        )
        return touched == 1

    async def not_written(
        self,
        message: ToWrite,
        *,
        status: Literal["skipped", "failed"] | None,
        reason: str | None,
        cost_usd: float = 0.0,
        again_s: float = 0.0,
        now: datetime,
    ) -> None:
        """``status`` None: it is tried again, after ``again_s``."""
        await self._database.execute(
            _SQL["message_not_written"],
            id=message.id,
            attempts=message.attempts,
            status=status,
            reason=reason,
            cost_usd=cost_usd,
            again_s=again_s,
            now=now,
        )

    async def give_back(self, message: ToWrite, *, again_s: float, now: datetime) -> None:
        """It was not tried: whoever has it next, after ``again_s``, has it as this process had it."""
        await self._database.execute(
            _SQL["message_give_back"], id=message.id, attempts=message.attempts, again_s=again_s, now=now
        )

    # Approving

    async def messages(
        self, campaign_id: UUID, *, status: MessageStatus | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[MessageRow]:
        """In the audience's order. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor).id if cursor is not None else None
        if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 9):
            raise InvalidCursor
        rows = await self._database.fetch_all(
            _SQL["list_messages"],
            id=campaign_id,
            status=status,
            lead_id=None,
            step=None,
            after=int(after) if after is not None else None,
            rows=limit + 1,
        )
        return page_of([MessageRow(**row) for row in rows], limit, key=lambda row: (_BEGINNING, str(row.position)))

    async def in_touch(self, ids: Sequence[UUID], *, now: datetime) -> frozenset[UUID]:
        """Those whose lead answered another campaign or has a meeting coming, and which nobody approved knowing it."""
        rows = await self._database.fetch_all(_SQL["messages_in_touch"], ids=list(ids), now=now)
        return frozenset(row["id"] for row in rows)

    async def message(self, campaign_id: UUID, lead_id: UUID, step: int = 0) -> MessageRow | None:
        rows = await self._database.fetch_all(
            _SQL["list_messages"], id=campaign_id, status=None, lead_id=lead_id, step=step, after=None, rows=1
        )
        return MessageRow(**rows[0]) if rows else None

    async def change_message(
        self,
        campaign_id: UUID,
        lead_id: UUID,
        step: int = 0,
        *,
        subject: str | None,
        body: str | None,
        status: MessageStatus | None,
        approved_by: str | None = None,
        may_approve: bool = True,
        now: datetime,
    ) -> bool:
        """``may_approve``: whether new words leave it approved. False: there is no such message, or none that is
        written."""
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["skip_unwanted"], id=campaign_id, now=now)
            touched = await transaction.execute(
                _SQL["change_message"],
                id=campaign_id,
                lead_id=lead_id,
                step=step,
                subject=subject,
                body=body,
                status=status,
                approved_by=approved_by,
                may_approve=may_approve,
                now=now,
            )
        return touched == 1

    async def approve(self, campaign_id: UUID, *, approved_by: str | None = None, now: datetime) -> int:
        """Everything that is drafted. How many that were."""
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["skip_unwanted"], id=campaign_id, now=now)
            return await transaction.execute(_SQL["approve_messages"], id=campaign_id, approved_by=approved_by, now=now)


async def insert_messages(
    transaction: Transaction,
    campaign_id: UUID,
    leads: Sequence[tuple[UUID, SkipReason | None]],
    *,
    variants: int,
    follow_ups: int,
    now: datetime,
) -> None:
    """One for each lead, and as many to follow it."""
    await transaction.execute(
        _SQL["insert_messages"],
        id=campaign_id,
        lead_ids=[lead_id for lead_id, _ in leads],
        positions=list(range(len(leads))),
        variants=[variant_of(campaign_id, lead_id, variants) for lead_id, _ in leads],
        reasons=[reason for _, reason in leads],
        leads=len(leads),
        follow_ups=follow_ups,
        now=now,
    )


def variant_of(campaign_id: UUID, lead_id: UUID, variants: int) -> int:
    """Which subject a person gets: by a hash, so that it says nothing of them, and is the same whoever asks."""
    digest = hashlib.blake2s(campaign_id.bytes + lead_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big") % variants
