"""Brings an outcome of a conversation to its lead, inside the transaction that records the outcome."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from storage.errors import StorageError
from storage.leads.after_outcomes import (
    SOURCE,
    OutcomeKind,
    after_outcome,
    carried_over,
    is_nobody,
    is_same_person,
    said,
)
from storage.leads.answers import news_of, with_news
from storage.leads.further import all_of
from storage.leads.leads import find_lead, insert_leads, lock_lead, new_lead, settle_numbers, update_leads
from storage.leads.of_callers import claim_number
from storage.leads.records import LeadRecord
from storage.phone_number import normalised
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "outcomes.sql")


async def lock_conversation(transaction: Transaction, conversation_id: str) -> None:
    """One outcome of a conversation after the other, so that two do not each bring a lead."""
    await transaction.fetch_value(_SQL["outcome_lock_conversation"], conversation_id=conversation_id)


async def bring_to_lead(
    transaction: Transaction,
    conversation_id: str,
    kind: OutcomeKind,
    data: Mapping[str, Any],
    *,
    idempotency_key: str,
    now: datetime,
) -> UUID | None:
    """Change the conversation's lead by an outcome just recorded. Returns the lead; a hand-over alone brings none.

    The lead is the one the conversation has, else the one with the address or number that was said, else a new one.
    """
    lead = await _of_conversation(transaction, conversation_id)
    if kind != "handoff":
        told = said(kind, data)
        earlier = await _earlier(transaction, conversation_id, idempotency_key)
        lead, told = await _whose(transaction, lead, told, conversation_id, now)
        before = [said(row["kind"], row["data"]) for row in earlier]
        changed = after_outcome(lead, kind, data, told=told, before=before, now=now)
        if kind == "lead_update" and (news := _news(data, earlier)):
            changed = with_news(changed, news, await _questions(transaction, conversation_id, news), now=now)
        if changed != lead:
            await update_leads(transaction, [changed])
        await _claim(transaction, lead, changed, {told.get("contact_phone")}, conversation_id)
        await transaction.execute(_SQL["conversation_set_lead"], conversation_id=conversation_id, lead_id=lead.id)
        await transaction.fetch_value(_SQL["conversation_give_to_lead"], conversation_id=conversation_id)
    if lead is None:
        return None
    await transaction.execute(_SQL["outcome_set_lead"], idempotency_key=idempotency_key, lead_id=lead.id)
    return lead.id


async def _of_conversation(transaction: Transaction, conversation_id: str) -> LeadRecord | None:
    """Its own row may not be there yet; then its outcomes tell."""
    lead_id = await transaction.fetch_value(_SQL["lead_of_conversation"], conversation_id=conversation_id)
    return await lock_lead(transaction, lead_id) if lead_id is not None else None


async def _earlier(transaction: Transaction, conversation_id: str, idempotency_key: str) -> list[Record]:
    """What the conversation told before, in order."""
    rows = await transaction.fetch_all(_SQL["select_outcomes"], conversation_id=conversation_id)
    return [row for row in rows if row["idempotency_key"] != idempotency_key]


def _news(data: Mapping[str, Any], earlier: Iterable[Record]) -> dict[str, str]:
    return news_of(data, (row["data"] for row in earlier if row["kind"] == "lead_update"))


async def _questions(transaction: Transaction, conversation_id: str, keys: Iterable[str]) -> dict[str, str]:
    """In the words of whoever talks, by key."""
    rows = await transaction.fetch_all(
        _SQL["questions_of_conversation"], conversation_id=conversation_id, keys=list(keys)
    )
    return {row["key"]: row["question"] for row in rows}


async def _whose(
    transaction: Transaction, lead: LeadRecord | None, told: dict[str, Any], conversation_id: str, now: datetime
) -> tuple[LeadRecord, dict[str, Any]]:
    """The lead, and what of the words said is for it."""
    other = await _known_by(transaction, told)
    if lead is None:
        return other or await _new(transaction, told, conversation_id, now), told
    if other is None or other.id == lead.id:
        return lead, told
    if lead.conversation_id == conversation_id or is_nobody(lead):
        # The lead was brought before it was said who is talking: somebody known. That they have a number on record
        # was no claim.
        await settle_numbers(transaction, {(lead.id, phone) for phone in all_of(other, "contact_phone")})
        await transaction.fetch_value(_SQL["leads_merge"], gone=lead.id, kept=other.id)
        merged = carried_over(other, lead, now=now)
        await update_leads(transaction, [merged])
        await _claim(transaction, other, merged, all_of(lead, "contact_phone"), conversation_id)
        return merged, told
    # Two leads on record, and one address: which of them is wrong is not for a machine to say.
    return lead, {name: value for name, value in told.items() if name != "contact_email"}


async def _claim(
    transaction: Transaction,
    before: LeadRecord,
    after: LeadRecord,
    given: Iterable[str | None],
    conversation_id: str,
) -> None:
    """A number that a conversation brings to a lead that was there before, or beside the one a lead has, tells nobody
    who calls."""
    claimed = {phone for phone in given if normalised(phone)} - all_of(after, "contact_phone")
    if before.conversation_id != conversation_id:
        claimed |= {after.contact_phone} - all_of(before, "contact_phone")
    for phone in sorted(filter(None, claimed)):
        await claim_number(transaction, after.id, phone)


async def _known_by(transaction: Transaction, told: Mapping[str, Any]) -> LeadRecord | None:
    email, phone = told.get("contact_email"), told.get("contact_phone")
    found = await find_lead(transaction, email=email, phone=phone) if email or phone else None
    lead = await lock_lead(transaction, found) if found is not None else None
    return lead if lead is not None and is_same_person(lead, told) else None


async def _new(transaction: Transaction, told: Mapping[str, Any], conversation_id: str, now: datetime) -> LeadRecord:
    lead = new_lead({**told, "source": SOURCE, "conversation_id": conversation_id}, now=now)
    if await insert_leads(transaction, [lead]):
        return lead
    # Somebody else brought a lead with this address at this very moment.
    other = await _known_by(transaction, told)
    if other is None:
        raise StorageError("database_conflict", "Another transaction was in the way.", retryable=True)
    return other
