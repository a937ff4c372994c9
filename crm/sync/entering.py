"""Enters something with a contact's record once and for all, whatever breaks off in between."""

from contextlib import suppress
from datetime import timedelta
from typing import Protocol, TypeAlias

from msgspec import Struct

from crm.contact import Gone
from crm.errors import InvalidRecord, NotFound
from crm.provider import Capability, Provider
from crm.sync.outbox import CONTACT_NOT_READY, NOBODY_KNOWN, SETTLE_S, UNSETTLED, Waits, patience_s
from crm.sync.run import Run
from storage.crm.contacts import ContactRow
from storage.crm.outbox import OutboxEntry, hurry_contact, note_try, settle_sent
from storage.postgres.database import Transaction

_TOO_OLD = timedelta(days=30)
"""What waited longer, because no CRM was connected, is history."""
_LONGEST_CONVERSATION = timedelta(days=1)
_WRITTEN_BEHIND = timedelta(minutes=5)
"""How late what a conversation leaves behind may be written."""


class Entered(Struct, frozen=True):
    """It is over there, with that parent's record where one is known."""

    external_id: str
    parent: str | None


class Skipped(Struct, frozen=True):
    """It is not to be entered any more. ``reason`` is a stable code."""

    reason: str


CALLED_OFF = Skipped("called_off")
"""Or called for anew, since it was read."""

Outcome: TypeAlias = Entered | Skipped | Waits


class Effect(Protocol):
    """What is to be entered. Methods raise CrmError."""

    async def find(self, parent: str) -> str | None:
        """The id of what an earlier attempt entered with this parent, if it did."""
        ...

    async def attempt(self, parent: str, contact_id: str) -> Outcome:
        """Enter it with this parent and contact, once it is noted that it is tried."""
        ...


def not_worth(run: Run, provider: Provider, entry: OutboxEntry, needs: Capability) -> Skipped | None:
    """Whether there is no use in entering it."""
    if needs not in provider.capabilities:
        return Skipped("not_supported")
    if entry.tried_at is None and run.now() - entry.created_at > _TOO_OLD:
        return Skipped("too_old")
    return None


async def nobody(run: Run, entry: OutboxEntry) -> Outcome:
    """Who it was may turn out while the conversation goes on, and what tells so is written a moment later."""
    conversation = await run.store.conversations.get(entry.subject)
    goes_on = conversation is not None and conversation.ended_at is None
    if run.now() - entry.created_at < (_LONGEST_CONVERSATION if goes_on else _WRITTEN_BEHIND):
        return Waits(NOBODY_KNOWN, 60.0)
    return Skipped("no_contact")


async def enter_once(run: Run, provider: Provider, entry: OutboxEntry, contact: ContactRow, effect: Effect) -> Outcome:
    """Raises CrmError."""
    if contact.external_id is None or contact.parent_id is None:
        if contact.deleted_at is not None:
            return Skipped("contact_deleted")
        async with run.writing() as transaction:
            await hurry_contact(transaction, run.platform, contact.id)
        return Waits(CONTACT_NOT_READY, patience_s(run.now() - entry.created_at))
    parent = await run.store.contacts.current_name(run.platform, contact.parent_id)
    try:
        return await _enter_with(run, entry, parent, contact.external_id, effect)
    except (NotFound, InvalidRecord):  # the parent went away: the contact may have moved
        there = await provider.get_contact(contact.external_id)
        if isinstance(there, Gone) or there.parent_id is None:
            return Skipped("contact_gone")
        if there.parent_id == parent:
            raise
        return await _enter_with(run, entry, there.parent_id, contact.external_id, effect)


async def _enter_with(run: Run, entry: OutboxEntry, parent: str, contact_id: str, effect: Effect) -> Outcome:
    if entry.tried_at is not None:
        age_s = (run.now() - entry.tried_at).total_seconds()
        if age_s < SETTLE_S:
            return Waits(UNSETTLED, SETTLE_S - age_s)
        if (found := await _found(run, entry, parent, effect)) is not None:
            return Entered(found, parent)
    return await effect.attempt(parent, contact_id)


async def _found(run: Run, entry: OutboxEntry, parent: str, effect: Effect) -> str | None:
    """With the parent it was tried with, too: the contact may have another since."""
    tried = entry.payload.get("tried_parent")
    if isinstance(tried, str) and tried != parent:
        before = await run.store.contacts.current_name(run.platform, tried)
        with suppress(NotFound, InvalidRecord):  # it is gone, with everything in it
            if (found := await effect.find(before)) is not None:
                return found
    return await effect.find(parent)


async def is_noted(run: Run, entry: OutboxEntry, parent: str) -> bool:
    """That it is tried now. False: it is called off."""
    async with run.writing() as transaction:
        return await note_try(transaction, entry, parent, now=run.now())


async def settle(transaction: Transaction, run: Run, entry: OutboxEntry, outcome: Entered | Skipped) -> None:
    """The entry is through."""
    match outcome:
        case Entered(external_id=external_id):
            await settle_sent(transaction, entry, "done", now=run.now(), external_id=external_id)
        case Skipped(reason=reason):
            await settle_sent(transaction, entry, "skipped", now=run.now(), error=reason)
