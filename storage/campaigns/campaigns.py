"""Campaigns: whom they are for, what they may cost, and how far they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, UnsetType

from storage.campaigns.mails import HeldCode, Sending
from storage.campaigns.messages import SkipReason, insert_messages
from storage.errors import StorageError
from storage.postgres.cursor import Page, check_limit, page_after, page_of
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

CampaignStatus = Literal["draft", "generating", "paused", "ready", "cancelled"]
PauseReason = Literal["preview", "budget", "person"]

_MOVES: Final[dict[CampaignStatus, tuple[CampaignStatus, ...]]] = {
    "generating": ("draft", "paused", "generating"),
    "paused": ("generating",),
    "cancelled": ("draft", "generating", "paused", "ready"),
}
_SQL = load_queries("storage.queries", "campaigns.sql")


class CampaignRow(Struct, frozen=True, kw_only=True):
    """``agent``: the profile in whose name it writes; None: the default one. ``send``: the CRM sends its messages, else
    they are drafts there. ``held_code``: why sending is paused though nobody paused it. ``per_hour`` None: as the
    setting has it. ``variants``: subjects tried beside each other. ``follow_up_days``: after the first message.
    ``counts``: messages by status, ``skipped`` by reason, ``failed`` by code; ``approvable``: drafts that are approved
    with all others."""

    id: UUID
    name: str
    channel: str
    goal: str
    agent: str | None
    audience: dict[str, Any]
    budget_usd: float
    status: CampaignStatus
    reason: PauseReason | None
    wanted: int | None
    send: bool
    sending: Sending
    held_code: HeldCode | None
    per_hour: int | None
    variants: int
    follow_up_days: Sequence[int]
    created_at: datetime
    updated_at: datetime
    spent_usd: float = 0.0
    counts: dict[str, int] = {}
    approvable: int = 0
    skipped: dict[str, int] = {}
    failed: dict[str, int] = {}


class Campaigns:
    """The repository of campaigns. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        *,
        name: str,
        channel: str,
        goal: str,
        audience: dict[str, Any],
        budget_usd: float,
        leads: Sequence[tuple[UUID, SkipReason | None]],
        send: bool = False,
        per_hour: int | None = None,
        variants: int = 1,
        follow_up_days: Sequence[int] = (),
        agent: str | None = None,
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
                agent=agent,
                audience=audience,
                budget_usd=budget_usd,
                send=send,
                per_hour=per_hour,
                variants=variants,
                follow_up_days=[*follow_up_days],
                now=now,
            )
            await insert_messages(
                transaction, campaign_id, leads, variants=variants, follow_ups=len(follow_up_days), now=now
            )
        return campaign_id

    async def get(self, campaign_id: UUID) -> CampaignRow | None:
        row = await self._database.fetch_one(_SQL["select_campaign"], id=campaign_id)
        return (await self._counted([dict(row)]))[0] if row is not None else None

    async def list(self, *, limit: int = 50, cursor: str | None = None) -> Page[CampaignRow]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before, before_id = page_after(cursor)
        rows = await self._database.fetch_all(
            _SQL["list_campaigns"], before=before, before_id=before_id, rows=limit + 1
        )
        counted = await self._counted([dict(row) for row in rows])
        return page_of(counted, limit, key=lambda row: (row.created_at, str(row.id)))

    async def _counted(self, rows: Sequence[dict[str, Any]]) -> Sequence[CampaignRow]:
        counts: dict[UUID, dict[str, Any]] = {
            row["id"]: {"spent_usd": 0.0, "counts": {}, "approvable": 0, "skipped": {}, "failed": {}} for row in rows
        }
        for count in await self._database.fetch_all(_SQL["count_messages"], ids=list(counts)):
            of = counts[count["campaign_id"]]
            of["spent_usd"] += count["cost_usd"]
            of["approvable"] += count["approvable"]
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

    async def change(
        self,
        campaign_id: UUID,
        *,
        name: str | None,
        budget_usd: float | None,
        per_hour: int | None = None,
        agent: str | UnsetType | None = UNSET,
        now: datetime,
    ) -> bool:
        """None leaves a field as it is; of ``agent`` it means the default one. False: there is no such campaign."""
        touched = await self._database.execute(
            _SQL["change_campaign"],
            id=campaign_id,
            name=name,
            budget_usd=budget_usd,
            per_hour=per_hour,
            agent=None if agent is UNSET else agent,
            agent_given=agent is not UNSET,
            now=now,
        )
        return touched == 1

    async def settle(self, *, now: datetime) -> None:
        """Pause what has spent its budget or has its preview, end what is written."""
        await self._database.execute(_SQL["settle_campaigns"], now=now)
