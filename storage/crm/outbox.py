"""Changes to be made over there, written in the transaction that caused them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_outbox.sql")

OutboxKind = Literal["contact", "call", "note", "opportunity", "email", "unsubscription", "removal"]
Settled = Literal["done", "skipped", "dead"]


class OutboxEntry(Struct, frozen=True, kw_only=True):
    """``subject``: the contact, the deal, the lead a message goes to, the hash of an address that
    unsubscribed, what is to be deleted over there, or the conversation an activity tells of.
    ``tried_at``: the last attempt.
    ``urgent``: an activity waits for this contact to be there."""

    id: int
    platform: str
    kind: OutboxKind
    subject: str
    reference: str
    payload: dict[str, Any]
    state: str
    generation: int
    attempts: int
    tried_at: datetime | None
    due_at: datetime
    created_at: datetime
    done_at: datetime | None
    external_id: str | None
    error: str | None
    urgent: bool


class CrmOutbox:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, platform: str, kinds: Iterable[OutboxKind], *, now: datetime, rows: int, pressing: bool = False
    ) -> tuple[OutboxEntry, ...]:
        """Of each kind as many as ``rows``: urgent ones, then those that wait longest. ``pressing``: of contacts the
        urgent ones alone."""
        found = await self._database.fetch_all(
            _SQL["crm_outbox_due"], platform=platform, kinds=[*kinds], now=now, rows=rows, pressing=pressing or None
        )
        return tuple(of_row(OutboxEntry, row) for row in found)

    async def is_due(self, platform: str, *, now: datetime, pressing: bool = False) -> bool:
        """Whether anything is to be sent now. ``pressing``: an activity, a deal, or a contact that one waits for."""
        query = _SQL["crm_outbox_is_due"]
        return bool(await self._database.fetch_value(query, platform=platform, now=now, pressing=pressing or None))

    async def next_due(self, platform: str, *, after: datetime) -> datetime | None:
        """When the next entry's time comes, of those whose time has not come at ``after``."""
        found = await self._database.fetch_value(_SQL["crm_outbox_next_due"], platform=platform, now=after)
        return found if isinstance(found, datetime) else None

    async def is_superseded(self, execution_id: str) -> bool:
        """Whether the lead that was judged then was judged again soon after."""
        query = _SQL["crm_qualification_is_superseded"]
        return bool(await self._database.fetch_value(query, execution_id=execution_id))

    async def forget(self, before: datetime) -> None:
        """Let contacts' entries go that were settled before then."""
        await self._database.execute(_SQL["crm_outbox_forget"], before=before)


async def send_contacts(
    transaction: Transaction, platform: str, contact_ids: Collection[str], *, now: datetime
) -> None:
    """Have the records over there brought to the state of these contacts."""
    if contact_ids:
        await transaction.execute(
            _SQL["crm_outbox_add_contacts"], platform=platform, contact_ids=sorted(contact_ids), now=now
        )


async def order_opportunity(
    transaction: Transaction,
    platform: str,
    opportunity_id: str,
    *,
    reference: str,
    payload: dict[str, Any],
    now: datetime,
) -> None:
    """Have a deal made or changed."""
    await transaction.execute(
        _SQL["crm_outbox_add"],
        platform=platform,
        kind="opportunity",
        subject=opportunity_id,
        reference=reference,
        payload=payload,
        now=now,
    )


async def send_mail(
    transaction: Transaction, platform: str, *, lead_id: str, reference: str, payload: dict[str, Any], now: datetime
) -> None:
    """Have a message entered; the same ``reference`` again changes nothing."""
    await transaction.execute(
        _SQL["crm_outbox_add"],
        platform=platform,
        kind="email",
        subject=lead_id,
        reference=reference,
        payload=payload,
        now=now,
    )


async def tell_unsubscription(transaction: Transaction, platform: str, address_hash: bytes, *, now: datetime) -> None:
    """Have it told there, once."""
    await transaction.execute(
        _SQL["crm_outbox_add"],
        platform=platform,
        kind="unsubscription",
        subject=address_hash.hex(),
        reference=f"unsubscription:{address_hash.hex()}",
        payload={},
        now=now,
    )


async def note_try(transaction: Transaction, entry: OutboxEntry, parent: str, *, now: datetime) -> bool:
    """To be committed before the attempt: what was tried once may have been applied, with that parent's record. False:
    it was called off, or called for anew, since it was read."""
    touched = await transaction.execute(
        _SQL["crm_outbox_try"], id=entry.id, generation=entry.generation, parent=parent, now=now
    )
    return touched == 1


async def drop_entry(transaction: Transaction, entry: OutboxEntry) -> None:
    """It is through, and nothing is to be known of it any more."""
    await transaction.execute(_SQL["crm_outbox_drop"], id=entry.id)


async def settle_sent(
    transaction: Transaction,
    entry: OutboxEntry,
    state: Settled,
    *,
    now: datetime,
    external_id: str | None = None,
    error: str | None = None,
) -> bool:
    """The entry is through. False: it was called for anew since it was read."""
    settled = await transaction.execute(
        _SQL["crm_outbox_settle"],
        id=entry.id,
        generation=entry.generation,
        state=state,
        now=now,
        external_id=external_id,
        error=error,
    )
    return settled == 1


async def postpone_sending(
    transaction: Transaction, entry: OutboxEntry, *, due_at: datetime, error: str, attempts: int
) -> None:
    await transaction.execute(
        _SQL["crm_outbox_postpone"],
        id=entry.id,
        generation=entry.generation,
        due_at=due_at,
        error=error,
        attempts=attempts,
    )


async def wake_waiting(transaction: Transaction, platform: str, error: str, *, now: datetime) -> None:
    """What was put off for this reason is worth another look."""
    await transaction.execute(_SQL["crm_outbox_wake"], platform=platform, error=error, now=now)


async def is_waiting(transaction: Transaction, contact_id: str) -> bool:
    """Whether something of this contact is still to be sent."""
    return bool(await transaction.fetch_value(_SQL["crm_outbox_is_waiting"], contact_id=contact_id))


async def hurry_contact(transaction: Transaction, platform: str, contact_id: str) -> None:
    """Have this contact sent before all others, if it is to be sent."""
    await transaction.execute(_SQL["crm_outbox_hurry"], platform=platform, contact_id=contact_id)


async def revive_sending(transaction: Transaction, reference: str, *, now: datetime) -> bool:
    """Try a dead entry anew; False: there is none."""
    return await transaction.execute(_SQL["crm_outbox_revive"], reference=reference, now=now) == 1
