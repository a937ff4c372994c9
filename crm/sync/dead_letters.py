"""What is given up on, and what may be done about it: replayed or discarded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm.sync.store import SyncStore
from storage.campaigns.mails import mail_failed
from storage.crm.dead_letters import bury, settle_letter
from storage.crm.inbox import InboxEntry, RecordKind, call_for, settle_entry
from storage.crm.outbox import OutboxEntry, revive_sending, settle_sent
from storage.crm.sync_state import want_listing
from storage.postgres.database import Transaction

_PASSED_OVER = (
    "More records changed in this second than the CRM gives out of one, so some are missing here. Change those again"
    " over there, a few at a time; or have everything listed anew by trying this again once they changed."
)


async def bury_sending(transaction: Transaction, entry: OutboxEntry, reason: str, *, now: datetime) -> str | None:
    """Give up on a change that was to be sent; returns the letter's key. None: it changed again meanwhile, and that
    is tried from the beginning."""
    if not await settle_sent(transaction, entry, "dead", now=now, error=reason):
        return None
    if entry.kind == "email":
        await mail_failed(transaction, UUID(str(entry.payload["message_id"])), reason, now=now)
    payload = {"outbox": entry.reference, "kind": entry.kind, "subject": entry.subject}
    attempts = entry.attempts + 1
    return await bury(transaction, entry.platform, reason=reason, payload=payload, attempts=attempts, now=now)


async def bury_reading(
    transaction: Transaction, platform: str, entry: InboxEntry, reason: str, *, now: datetime
) -> str | None:
    """Give up on a record that was to be read; returns the letter's key. None as above."""
    if not await settle_entry(transaction, platform, entry):
        return None
    payload = {"inbox": entry.kind, "external_id": entry.external_id}
    return await bury(transaction, platform, reason=reason, payload=payload, attempts=entry.attempts + 1, now=now)


async def bury_listing(transaction: Transaction, platform: str, moment: datetime, *, now: datetime) -> str:
    """Note that a listing had to pass over some of what changed at ``moment``; returns the letter's key."""
    payload = {"listing": moment.isoformat(), "help": _PASSED_OVER}
    return await bury(transaction, platform, reason="listing_incomplete", payload=payload, attempts=1, now=now)


async def replay(store: SyncStore, key: str, *, now: datetime) -> bool:
    """Have it tried anew, from the beginning. False: there is no such letter, or it is settled."""
    letter = await store.dead_letters.get(key)
    if letter is None:
        return False
    async with store.database.transaction() as transaction:
        if not await settle_letter(transaction, key, "replayed", now=now):
            return False
        await _queue_again(transaction, letter.platform, letter.payload, now=now)
    return True


async def discard(store: SyncStore, key: str, *, now: datetime) -> bool:
    """Let it be. False: there is no such letter, or it is settled."""
    async with store.database.transaction() as transaction:
        return await settle_letter(transaction, key, "discarded", now=now)


async def _queue_again(transaction: Transaction, platform: str, payload: dict[str, Any], *, now: datetime) -> None:
    if "outbox" in payload:
        await revive_sending(transaction, str(payload["outbox"]), now=now)
    elif "listing" in payload:
        await want_listing(transaction, platform)
    else:
        kind: RecordKind = payload["inbox"]
        await call_for(transaction, platform, [(kind, str(payload["external_id"]))], now=now)
