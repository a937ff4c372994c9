"""Messages of campaigns at the CRM: entered, sent, or failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from storage.campaigns.results import ResultKind
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

Sending = Literal["off", "on", "paused", "stopped"]
HeldCode = Literal["sender_refused"]
"""Why sending pauses by itself."""

_SQL = load_queries("storage.queries", "campaign_sending.sql")


class MailToSend(Struct, frozen=True, kw_only=True):
    """A message as it stands in the moment before it is entered. ``reply_to``: the message before, over there ·
    ``approved_alone_at``: when a person last approved one to them by itself."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step: int
    status: str
    send: bool
    sending: Sending
    subject: str | None
    body: str | None
    reply_to: str | None
    contact_email: str | None
    opted_out_at: datetime | None
    suppressed: bool
    results: Sequence[ResultKind]
    in_touch: bool
    approved_alone_at: datetime | None


class EnteredMail(Struct, frozen=True, kw_only=True):
    """One that is over there. ``sent_at`` None: a draft, so far · ``further_emails``: where they may answer from."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step: int
    status: str
    mail_id: str
    entered_at: datetime
    sent_at: datetime | None
    contact_email: str | None
    further_emails: Sequence[str] = ()


async def mail_to_send(transaction: Transaction, message_id: UUID, *, now: datetime) -> MailToSend | None:
    """Locked, with its lead and campaign, until the end of the transaction. None: it is gone."""
    row = await transaction.fetch_one(_SQL["mail_to_send"], id=message_id, now=now)
    return MailToSend(**row) if row is not None else None


async def mail_entered(
    transaction: Transaction, message_id: UUID, mail_id: str, parent: str, *, sent: bool, now: datetime
) -> None:
    """It is over there: ``sent``, or as a draft."""
    sent_at = now if sent else None
    touched = await transaction.execute(
        _SQL["mail_entered"], id=message_id, mail_id=mail_id, mail_parent=parent, sent_at=sent_at, now=now
    )
    if touched and sent_at is not None:
        await transaction.execute(_SQL["mail_schedule_next"], id=message_id, sent_at=sent_at)


async def mail_sent(transaction: Transaction, message_id: UUID, sent_at: datetime, *, now: datetime) -> None:
    """What was a draft has gone out."""
    if await transaction.execute(_SQL["mail_sent"], id=message_id, sent_at=sent_at, now=now):
        await transaction.execute(_SQL["mail_schedule_next"], id=message_id, sent_at=sent_at)


async def mail_failed(transaction: Transaction, message_id: UUID, reason: str, *, now: datetime) -> None:
    """Nothing follows it."""
    await transaction.execute(_SQL["mail_failed"], id=message_id, reason=reason, now=now)
    await transaction.execute(_SQL["campaign_end_follow_ups"], id=message_id, reason="not_sent", now=now)


async def approve_again(transaction: Transaction, message_id: UUID, *, now: datetime) -> None:
    """It was surely not entered, and is released once more."""
    await transaction.execute(_SQL["campaign_approve_again"], id=message_id, now=now)


async def hold_campaign(
    transaction: Transaction, message_id: UUID, code: HeldCode, *, refused: bool = False, now: datetime
) -> None:
    """Pause the sending of this message's campaign until a person lets it go on. What waits to be entered is approved
    again, since it would be entered as it was released; ``refused``: this message too, which surely was not entered."""
    await transaction.execute(_SQL["campaign_hold"], id=message_id, code=code, now=now)
    await transaction.execute(_SQL["campaign_call_back"], id=message_id, refused=refused, now=now)
