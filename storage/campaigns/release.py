"""Messages of campaigns whose turn it is: looked at under one lock, then into the outbox, put off, held or ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from storage.campaigns.results import ResultKind
from storage.crm.outbox import send_mail
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "campaign_sending.sql")


class SendingCampaign(Struct, frozen=True):
    """``per_hour`` None: as the server's setting has it. ``released_at``: its last message's turn."""

    id: UUID
    send: bool
    per_hour: int | None
    released_at: datetime | None


class Candidate(Struct, frozen=True, kw_only=True):
    """A message whose turn it is, and what is known of whom it goes to. ``company``: the one it names; None: it is from
    before that was kept · ``results``: what came of earlier ones · ``in_touch``: a person is to decide."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step: int
    position: int
    body: str | None = None
    company: str | None = None
    contact_email: str | None
    contact_phone: str | None
    time_zone: str | None
    opted_out_at: datetime | None
    lead_status: str
    custom: dict[str, Any]
    suppressed: bool
    results: Sequence[ResultKind]
    in_touch: bool


async def lock_release(transaction: Transaction) -> datetime | None:
    """Only one process at a time has it; the last release of all campaigns."""
    await transaction.execute(_SQL["campaigns_lock_release"])
    found = await transaction.fetch_value(_SQL["campaigns_last_release"])
    return found if isinstance(found, datetime) else None


async def sending_campaigns(transaction: Transaction) -> tuple[SendingCampaign, ...]:
    """Those whose last release is longest ago first."""
    return tuple(SendingCampaign(**row) for row in await transaction.fetch_all(_SQL["campaigns_sending"]))


async def candidates(transaction: Transaction, campaign_id: UUID, *, now: datetime, rows: int) -> tuple[Candidate, ...]:
    found = await transaction.fetch_all(_SQL["campaign_candidates"], campaign_id=campaign_id, now=now, rows=rows)
    return tuple(Candidate(**row) for row in found)


async def put_off(transaction: Transaction, message_id: UUID, until: datetime) -> None:
    await transaction.execute(_SQL["campaign_put_off"], id=message_id, until=until)


async def end_message(transaction: Transaction, message_id: UUID, reason: str, *, now: datetime) -> None:
    """It is not sent, nor what was to follow it."""
    await transaction.execute(_SQL["campaign_end_message"], id=message_id, reason=reason, now=now)


async def hold_message(transaction: Transaction, message_id: UUID, *, now: datetime) -> None:
    """It was surely not entered, and waits until a person approves it by itself."""
    await transaction.execute(_SQL["campaign_hold_message"], id=message_id, now=now)


async def release(
    transaction: Transaction, message: Candidate, platform: str, payload: dict[str, Any], *, now: datetime
) -> None:
    """Into the outbox, once for each message whatever happens."""
    await transaction.execute(_SQL["campaign_queue_message"], id=message.id, now=now)
    await transaction.execute(_SQL["campaign_released"], campaign_id=message.campaign_id, now=now)
    reference = f"campaign:{message.campaign_id}:{message.lead_id}:{message.step}"
    await send_mail(
        transaction,
        platform,
        lead_id=str(message.lead_id),
        reference=reference,
        payload={"message_id": str(message.id), **payload},
        now=now,
    )
