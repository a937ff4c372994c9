"""Messages of campaigns on their way out: whose turn it is, what is over there, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from storage.crm.outbox import send_mail, tell_unsubscription
from storage.errors import StorageError
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

Sending = Literal["off", "on", "paused", "stopped"]
HeldCode = Literal["sender_refused"]
"""Why sending pauses by itself."""
ResultKind = Literal["replied", "booked", "unsubscribed", "bounced"]

_MOVES: dict[Sending, tuple[Sending, ...]] = {
    "on": ("off", "paused", "on"),
    "paused": ("on", "paused"),
    "stopped": ("off", "on", "paused", "stopped"),
}
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
    """One that is over there. ``sent_at`` None: a draft, so far."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step: int
    status: str
    mail_id: str
    entered_at: datetime
    sent_at: datetime | None
    contact_email: str | None


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


class CampaignSending(Struct, frozen=True):
    """The repository. Every method raises StorageError."""

    database: Database

    async def move(self, campaign_id: UUID, sending: Sending, *, now: datetime) -> bool:
        """False: there is no such campaign. Raises ``campaign_state`` where it cannot be done as it is."""
        async with self.database.transaction() as transaction:
            before = await transaction.fetch_value(_SQL["campaign_lock_sending"], id=campaign_id)
            if before is None:
                return False
            if before not in _MOVES[sending]:
                raise StorageError("campaign_state", f"Its sending is {before}, and cannot become {sending}.")
            await transaction.execute(_SQL["campaign_set_sending"], id=campaign_id, sending=sending, now=now)
        return True

    async def has_due(self, *, now: datetime) -> bool:
        """Whether anybody's turn has come, the pace left aside."""
        return bool(await self.database.fetch_value(_SQL["campaigns_has_due"], now=now))

    async def numbers_of_due(self, *, now: datetime, rows: int) -> tuple[str, ...]:
        """Telephone numbers of those whose turn has come, up to ``rows`` messages of each campaign."""
        found = await self.database.fetch_all(_SQL["campaigns_numbers_of_due"], now=now, rows=rows)
        return tuple(row["contact_phone"] for row in found)

    async def company_of(self, message_id: UUID) -> str | None:
        """The one a message names; None: none, or the message is gone."""
        found = await self.database.fetch_value(_SQL["campaign_message_company"], id=message_id)
        return str(found) if found else None

    async def next_due(self, *, after: datetime) -> datetime | None:
        """When the next message's turn comes, of those whose turn has not come at ``after``."""
        found = await self.database.fetch_value(_SQL["campaigns_next_due"], now=after)
        return found if isinstance(found, datetime) else None

    async def of_parent(self, platform: str, parent: str, *, after: datetime) -> tuple[EnteredMail, ...]:
        """Messages entered since ``after`` with this record over there."""
        rows = await self.database.fetch_all(_SQL["mails_of_parent"], platform=platform, parent=parent, after=after)
        return tuple(EnteredMail(**row) for row in rows)

    async def by_day(self, campaign_id: UUID) -> tuple[DayResults, ...]:
        rows = await self.database.fetch_all(_SQL["results_by_day"], id=campaign_id)
        return tuple(DayResults(**(dict(row) | {"day": row["day"].isoformat()})) for row in rows)

    async def by_variant(self, campaign_id: UUID) -> tuple[VariantResults, ...]:
        rows = await self.database.fetch_all(_SQL["results_by_variant"], id=campaign_id)
        return tuple(VariantResults(**row) for row in rows)

    async def suppressed(self, emails: Sequence[str]) -> frozenset[str]:
        """Those that unsubscribed, bounced or were erased."""
        rows = await self.database.fetch_all(_SQL["suppressed_addresses"], emails=list(emails))
        return frozenset(row["email"] for row in rows)

    async def unsubscribe(self, message_id: UUID, address_hash: bytes, platform: str, *, now: datetime) -> None:
        """No message of a campaign goes to this address any more, which is told there. The message may be gone."""
        async with self.database.transaction() as transaction:
            await suppress(transaction, address_hash, "unsubscribed", now=now)
            await tell_unsubscription(transaction, platform, address_hash, now=now)
            row = await transaction.fetch_one(_SQL["message_of_id"], id=message_id)
            if row is not None:
                await add_result(transaction, row["campaign_id"], row["lead_id"], "unsubscribed", at=now)


# Releasing


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


# Entering, and what came of it


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


async def hold_message(transaction: Transaction, message_id: UUID, *, now: datetime) -> None:
    """It was surely not entered, and waits until a person approves it by itself."""
    await transaction.execute(_SQL["campaign_hold_message"], id=message_id, now=now)


async def hold_campaign(
    transaction: Transaction, message_id: UUID, code: HeldCode, *, refused: bool = False, now: datetime
) -> None:
    """Pause the sending of this message's campaign until a person lets it go on. What waits to be entered is approved
    again, since it would be entered as it was released; ``refused``: this message too, which surely was not entered."""
    await transaction.execute(_SQL["campaign_hold"], id=message_id, code=code, now=now)
    await transaction.execute(_SQL["campaign_call_back"], id=message_id, refused=refused, now=now)


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
