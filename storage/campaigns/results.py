"""What came of messages of campaigns, and who gets none any more."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

ResultKind = Literal["replied", "booked", "unsubscribed", "bounced"]

_SQL = load_queries("storage.queries", "campaign_sending.sql")


class DayResults(Struct, frozen=True):
    """``day``: in UTC. ``sent``: messages; the others: people."""

    day: str
    sent: int
    replied: int
    unsubscribed: int
    bounced: int
    booked: int


class VariantResults(Struct, frozen=True):
    """Of the people who were sent a first message. ``subject``: one of its subjects."""

    variant: int
    people: int
    replied: int
    booked: int
    unsubscribed: int
    subject: str | None


async def add_result(
    transaction: Transaction, campaign_id: UUID, lead_id: UUID, kind: ResultKind, *, at: datetime
) -> None:
    """It ends what this person would still get of the campaign."""
    await transaction.execute(_SQL["campaign_add_result"], campaign_id=campaign_id, lead_id=lead_id, kind=kind, at=at)
    await end_rest(transaction, campaign_id, lead_id, kind, now=at)


async def end_rest(
    transaction: Transaction, campaign_id: UUID, lead_id: UUID, reason: ResultKind, *, now: datetime
) -> None:
    """What this person would still get of the campaign is not sent."""
    await transaction.execute(
        _SQL["campaign_end_rest"], campaign_id=campaign_id, lead_id=lead_id, reason=reason, now=now
    )


async def suppress(
    transaction: Transaction, address_hash: bytes, reason: Literal["unsubscribed", "bounced"], *, now: datetime
) -> None:
    """``address_hash``: see ``storage.email_address``."""
    await transaction.execute(_SQL["suppress_address"], address_hash=address_hash, reason=reason, now=now)
