"""Campaigns: one message for each lead of an audience, written by whichever process gets to it, each once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from msgspec import Struct

from storage.cursor import Page, check_limit, decode_cursor, page_of
from storage.database import Database
from storage.errors import InvalidCursor, StorageError
from storage.named_query import load_queries

CampaignStatus = Literal["draft", "generating", "paused", "ready", "cancelled"]
MessageStatus = Literal["waiting", "drafted", "approved", "rejected", "skipped", "failed"]
PauseReason = Literal["preview", "budget", "person"]
SkipReason = Literal["opted_out", "no_consent", "no_email", "not_interested"]

LEASE_S: Final = 60.0
"""A message that takes longer to write was a dead process's."""

_MOVES: Final[dict[CampaignStatus, tuple[CampaignStatus, ...]]] = {
    "generating": ("draft", "paused", "generating"),
    "paused": ("generating",),
    "cancelled": ("draft", "generating", "paused", "ready"),
}
_SQL = load_queries("storage.queries", "campaigns.sql")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class CampaignRow(Struct, frozen=True, kw_only=True):
    """``counts``: messages by status, ``skipped`` by reason, ``failed`` by code."""

    id: UUID
    name: str
    channel: str
    goal: str
    audience: dict[str, Any]
    budget_usd: float
    status: CampaignStatus
    reason: PauseReason | None
    wanted: int | None
    created_at: datetime
    updated_at: datetime
    spent_usd: float = 0.0
    counts: dict[str, int] = {}
    skipped: dict[str, int] = {}
    failed: dict[str, int] = {}


class MessageRow(Struct, frozen=True, kw_only=True):
    campaign_id: UUID
    lead_id: UUID
    position: int
    status: MessageStatus
    reason: str | None
    subject: str | None
    body: str | None
    engine: str | None
    cost_usd: float
    updated_at: datetime
    contact_name: str | None
    contact_email: str | None
    company_name: str | None


class ToWrite(Struct, frozen=True):
    """A message in this process's hands. ``attempts``: how often it was begun."""

    campaign_id: UUID
    lead_id: UUID
    attempts: int
    goal: str


class Campaigns:
    """The repository of campaigns. Every method raises StorageError."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self._lease_s = lease_s

    async def create(
        self,
        *,
        name: str,
        channel: str,
        goal: str,
        audience: dict[str, Any],
        budget_usd: float,
        leads: Sequence[tuple[UUID, SkipReason | None]],
        now: datetime,
    ) -> UUID:
        """``leads``: whom it is for, and why some of them are left out."""
        campaign_id = uuid4()
        async with self._database.transaction() as transaction:
            await transaction.execute(
                _SQL["insert_campaign"],
                id=campaign_id,
                name=name,
                channel=channel,
                goal=goal,
                audience=audience,
                budget_usd=budget_usd,
                now=now,
            )
            await transaction.execute(
                _SQL["insert_messages"],
                id=campaign_id,
                lead_ids=[lead_id for lead_id, _ in leads],
                positions=list(range(len(leads))),
                reasons=[reason for _, reason in leads],
                now=now,
            )
        return campaign_id

    async def get(self, campaign_id: UUID) -> CampaignRow | None:
        row = await self._database.fetch_one(_SQL["select_campaign"], id=campaign_id)
        return (await self._counted([dict(row)]))[0] if row is not None else None

    async def list(self, *, limit: int = 50, cursor: str | None = None) -> Page[CampaignRow]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        try:
            before_id = UUID(after.id) if after is not None else None
        except ValueError:
            raise InvalidCursor from None
        rows = await self._database.fetch_all(
            _SQL["list_campaigns"], before=after.at if after else None, before_id=before_id, rows=limit + 1
        )
        counted = await self._counted([dict(row) for row in rows])
        return page_of(counted, limit, key=lambda row: (row.created_at, str(row.id)))

    async def _counted(self, rows: Sequence[dict[str, Any]]) -> Sequence[CampaignRow]:
        counts: dict[UUID, dict[str, Any]] = {
            row["id"]: {"spent_usd": 0.0, "counts": {}, "skipped": {}, "failed": {}} for row in rows
        }
        for count in await self._database.fetch_all(_SQL["count_messages"], ids=list(counts)):
            of = counts[count["campaign_id"]]
            of["spent_usd"] += count["cost_usd"]
            of["counts"][count["status"]] = of["counts"].get(count["status"], 0) + count["messages"]
            if count["status"] in ("skipped", "failed"):
                of[count["status"]][count["reason"] or "unknown"] = count["messages"]
        return [CampaignRow(**row, **counts[row["id"]]) for row in rows]

    async def move(
        self,
        campaign_id: UUID,
        status: CampaignStatus,
        *,
        more: int | None = None,
        reason: PauseReason | None = None,
        now: datetime,
    ) -> bool:
        """``more``: so many messages beside those there are; None: all. False: there is no such campaign. Raises
        ``campaign_state`` where it cannot be done to one that is as it is."""
        async with self._database.transaction() as transaction:
            before = await transaction.fetch_value(_SQL["lock_campaign"], id=campaign_id)
            if before is None:
                return False
            if before not in _MOVES[status]:
                raise StorageError("campaign_state", f"A campaign that is {before} cannot become {status}.")
            written = int(await transaction.fetch_value(_SQL["written_of"], id=campaign_id)) if more else 0
            await transaction.execute(
                _SQL["set_status"],
                id=campaign_id,
                status=status,
                reason=reason,
                wanted=written + more if more else None,
                now=now,
            )
        return True

    async def change(self, campaign_id: UUID, *, name: str | None, budget_usd: float | None, now: datetime) -> bool:
        """False: there is no such campaign."""
        touched = await self._database.execute(
            _SQL["change_campaign"], id=campaign_id, name=name, budget_usd=budget_usd, now=now
        )
        return touched == 1

    # Writing

    async def settle(self, *, now: datetime) -> None:
        """Pause what has spent its budget or has its preview, end what is written."""
        await self._database.execute(_SQL["settle_campaigns"], now=now)

    async def claim(self) -> ToWrite | None:
        """The next message to write; None: there is none."""
        row = await self._database.fetch_one(_SQL["claim_message"], lease_s=self._lease_s)
        return ToWrite(**row) if row is not None else None

    async def written(
        self,
        message: ToWrite,
        *,
        subject: str,
        body: str,
        engine: str,
        execution_id: str,
        cost_usd: float,
        now: datetime,
    ) -> bool:
        """False: it is another process's by now, or its lead wants none."""
        touched = await self._database.execute(
            _SQL["message_written"],
            campaign_id=message.campaign_id,
            lead_id=message.lead_id,
            attempts=message.attempts,
            subject=subject,
            body=body,
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
            campaign_id=message.campaign_id,
            lead_id=message.lead_id,
            attempts=message.attempts,
            status=status,
            reason=reason,
            cost_usd=cost_usd,
            again_s=again_s,
            now=now,
        )

    # Messages

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
            after=int(after) if after is not None else None,
            rows=limit + 1,
        )
        return page_of([MessageRow(**row) for row in rows], limit, key=lambda row: (_BEGINNING, str(row.position)))

    async def message(self, campaign_id: UUID, lead_id: UUID) -> MessageRow | None:
        rows = await self._database.fetch_all(
            _SQL["list_messages"], id=campaign_id, status=None, lead_id=lead_id, after=None, rows=1
        )
        return MessageRow(**rows[0]) if rows else None

    async def change_message(
        self,
        campaign_id: UUID,
        lead_id: UUID,
        *,
        subject: str | None,
        body: str | None,
        status: MessageStatus | None,
        now: datetime,
    ) -> bool:
        """False: there is no such message, or none that is written."""
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["skip_opted_out"], id=campaign_id, now=now)
            touched = await transaction.execute(
                _SQL["change_message"],
                id=campaign_id,
                lead_id=lead_id,
                subject=subject,
                body=body,
                status=status,
                now=now,
            )
        return touched == 1

    async def approve(self, campaign_id: UUID, *, now: datetime) -> int:
        """Everything that is drafted. How many that were."""
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["skip_opted_out"], id=campaign_id, now=now)
            return await transaction.execute(_SQL["approve_messages"], id=campaign_id, now=now)

    async def skip_opted_out(self, campaign_id: UUID, *, now: datetime) -> None:
        """Whoever wants no messages since has none."""
        await self._database.execute(_SQL["skip_opted_out"], id=campaign_id, now=now)
