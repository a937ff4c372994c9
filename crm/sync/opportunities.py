"""Deals: mirrored from the CRM, which is their one truth, and made or changed there by order, exactly once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from crm.opportunity import OpportunityFields, RemoteOpportunity
from crm.sync.outbox import wire_reference
from crm.sync.run import Run
from crm.sync.store import SyncStore
from storage.crm.contacts import ContactRow, our_ids
from storage.crm.inbox import call_for
from storage.crm.opportunities import (
    OpportunityRow,
    drop_opportunities,
    lock_opportunities,
    opportunities_of_parents,
    save_opportunities,
)
from storage.crm.outbox import order_opportunity
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Transaction


async def take_in_listed(
    transaction: Transaction, run: Run, parents: Iterable[str], shown: Sequence[RemoteOpportunity]
) -> None:
    """From a listing, which may show an older state: a parent that lacks one we know, or has one that is deleted, is
    read by itself."""
    rows = await lock_opportunities(transaction, run.platform, [deal.external_id for deal in shown], [])
    deleted = {row.external_id for row in rows if row.deleted_at is not None}
    await _keep(transaction, run, [deal for deal in shown if deal.external_id not in deleted])
    there = {deal.external_id for deal in shown}
    known = await opportunities_of_parents(transaction, run.platform, set(parents))
    unclear = {row.parent_id for row in known if row.external_id not in there and row.parent_id}
    unclear |= {deal.parent_id for deal in shown if deal.external_id in deleted}
    await call_for(transaction, run.platform, [("parent", parent) for parent in unclear], now=run.now())


async def take_in_held(transaction: Transaction, run: Run, parent: str, shown: Sequence[RemoteOpportunity]) -> None:
    """All that a parent holds, read just now: others of it are gone."""
    await _keep(transaction, run, shown)
    kept = [deal.external_id for deal in shown]
    await drop_opportunities(transaction, run.platform, parent, kept=kept, now=run.now())


async def take_in_seen(transaction: Transaction, run: Run, deal: RemoteOpportunity) -> None:
    """One that was just written."""
    await _keep(transaction, run, [deal])


async def _keep(transaction: Transaction, run: Run, shown: Sequence[RemoteOpportunity]) -> None:
    if not shown:
        return
    marks = [deal.mark for deal in shown if deal.mark]
    rows = await lock_opportunities(transaction, run.platform, [deal.external_id for deal in shown], marks)
    known = {row.external_id: row for row in rows if row.external_id is not None}
    made = {row.mark: row for row in rows if row.external_id is None}
    marked = {row.mark for row in rows}
    people = await _contacts(transaction, run, shown)
    seen = []
    for deal in {deal.external_id: deal for deal in shown}.values():
        row = known.get(deal.external_id) or made.pop(deal.mark, None)
        is_copy = row is None and deal.mark in marked  # somebody copied the note of another
        marked.add(deal.mark)
        shown_as = msgspec.structs.replace(deal, mark=None) if is_copy else deal
        seen.append(mirrored(row, shown_as, people, run.platform, run.now()))
    await save_opportunities(transaction, seen)


def mirrored(
    row: OpportunityRow | None, deal: RemoteOpportunity, people: dict[str, str], platform: str, now: datetime
) -> OpportunityRow:
    """The row after ``deal`` was seen; an older state than the one that is known changes nothing. ``people``: our
    contacts by their ids over there."""
    if row is None:
        row = OpportunityRow(id=new_id("deal"), platform=platform, mark=deal.mark, created_at=now, updated_at=now)
    elif row.remote_updated_at and deal.updated_at and deal.updated_at < row.remote_updated_at:
        return row
    values = {name: getattr(deal.fields, name) for name in OpportunityFields.__struct_fields__}
    seen = msgspec.structs.replace(
        row,
        **values,
        external_id=deal.external_id,
        parent_id=deal.parent_id,
        contact_id=people.get(deal.contact_id or "") or row.contact_id,
        status_kind=deal.status_kind,
        remote_updated_at=deal.updated_at,
        deleted_at=None,
    )
    return row if seen == row else msgspec.structs.replace(seen, updated_at=now)


async def _contacts(transaction: Transaction, run: Run, shown: Sequence[RemoteOpportunity]) -> dict[str, str]:
    """Our contacts by their ids over there, of those the deals name."""
    wanted = {deal.contact_id for deal in shown if deal.contact_id}
    return await our_ids(transaction, run.platform, wanted) if wanted else {}


class OpportunityOrders:
    """Orders to make or change deals. Every method raises StorageError."""

    def __init__(self, store: SyncStore) -> None:
        self._store = store

    async def create(self, contact: ContactRow, fields: OpportunityFields, *, now: datetime) -> OpportunityRow:
        """Here at once, without ``external_id``; over there when its turn comes."""
        deal_id = new_id("deal")
        reference = f"opportunity:{deal_id}"
        row = OpportunityRow(
            id=deal_id,
            platform=contact.crm_platform,
            contact_id=contact.id,
            mark=wire_reference(reference),
            **{name: getattr(fields, name) for name in OpportunityFields.__struct_fields__},
            created_at=now,
            updated_at=now,
        )
        payload = {"contact_id": contact.id, "fields": msgspec.to_builtins(fields)}
        async with self._store.database.transaction() as transaction:
            await save_opportunities(transaction, [row])
            await order_opportunity(
                transaction, contact.crm_platform, deal_id, reference=reference, payload=payload, now=now
            )
        return row

    async def change(self, row: OpportunityRow, fields: OpportunityFields, *, now: datetime) -> None:
        """The deal shows it once it is carried out."""
        payload = {"contact_id": row.contact_id, "changes": msgspec.to_builtins(fields)}
        reference = f"opportunity:{row.id}:{new_id('change')}"
        async with self._store.database.transaction() as transaction:
            await order_opportunity(transaction, row.platform, row.id, reference=reference, payload=payload, now=now)
