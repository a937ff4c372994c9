"""Takes in what the CRM shows: one transaction for the rows, the conflicts, what is to be sent back, and the place in
the feed or listing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from crm.contact import ContactFields, Gone, Holding, RemoteContact
from crm.opportunity import RemoteOpportunity
from crm.provider import Provider
from crm.sync import echo, further, merge
from crm.sync.merge import Difference, Merged
from crm.sync.outbox import CONTACT_NOT_READY
from crm.sync.run import Run
from crm.sync.same_person import same_people
from storage.crm.conflicts import ConflictRow, add_conflicts
from storage.crm.contacts import (
    ContactRow,
    lock_matching,
    lock_unlinked,
    save_contacts,
    touch_contacts,
)
from storage.crm.inbox import InboxEntry, call_for
from storage.crm.outbox import send_contacts
from storage.crm.sync_runs import Tally
from storage.erasure.digests import CrmChoice
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Transaction


class Reading(Struct, frozen=True):
    """What a look at one record brought: contacts that are there, and ids of those that are not; of a parent, the deals
    it holds."""

    contacts: tuple[RemoteContact, ...] = ()
    gone: tuple[str, ...] = ()
    parent: str | None = None
    opportunities: tuple[RemoteOpportunity, ...] = ()


async def read_entry(run: Run, provider: Provider, entry: InboxEntry) -> Reading:
    """The record as it is now. Of a parent: its contacts, and each contact we know there that it no longer holds.
    Raises CrmError."""
    if entry.kind == "contact":
        return await _read_contacts(run, provider, [entry.external_id])
    ours = await run.store.contacts.of_parents(run.platform, [entry.external_id])
    known = {row.external_id: echo.fields_of(row) for row in ours if row.external_id}
    held = await provider.held_by(entry.external_id, known)
    there = Holding() if isinstance(held, Gone) else held
    shown = {contact.external_id for contact in there.contacts}
    missing = sorted(row.external_id for row in ours if row.external_id and row.external_id not in shown)
    rest = await _read_contacts(run, provider, missing)
    return Reading((*there.contacts, *rest.contacts), rest.gone, entry.external_id, there.opportunities)


async def take_in(
    transaction: Transaction, run: Run, contacts: Sequence[RemoteContact], *, listed: bool = False
) -> Tally:
    """Merge contacts into our rows. ``listed``: they come from a listing, which may show an older state; those are
    read again instead."""
    latest = {contact.external_id: contact for contact in contacts}
    rows = await _matches(transaction, run, tuple(latest.values()))
    now = run.now()
    erased = await _erased_before(transaction, run, [each for each in latest.values() if each.external_id not in rows])
    merged: list[Merged] = []
    created = 0
    stale: list[RemoteContact] = []
    for contact in latest.values():
        row = rows.get(contact.external_id)
        if row is None and contact.external_id in erased:
            merged.append(_tombstone(contact, erased[contact.external_id], now))
        elif row is None:
            created += 1
            merged.append(Merged(merge.from_remote(contact, new_id("contact"), now=now)))
        elif listed and merge.may_be_late(row, contact):
            stale.append(contact)
        elif row.deleted_at is not None:
            merged.append(_met_deleted(run, row, contact))
        else:
            merged.append(merge.merge(row, contact, now=now, clock_offset_s=run.clock_offset_s or 0.0))
    await call_for(transaction, run.platform, [("contact", contact.external_id) for contact in stale], now=now)
    await save(transaction, run, merged, before=rows.values())
    return Tally(processed=len(latest), created=created, updated=sum(result.changed for result in merged))


async def take_out(transaction: Transaction, run: Run, external_ids: Sequence[str]) -> Tally:
    """Mark what is no longer there."""
    rows = await lock_matching(transaction, run.platform, external_ids, [])
    merged = [merge.gone(row, now=run.now()) for row in rows]
    await save(transaction, run, merged, before=rows)
    return Tally(processed=len(merged), updated=sum(result.changed for result in merged))


async def save(transaction: Transaction, run: Run, merged: Iterable[Merged], *, before: Iterable[ContactRow]) -> None:
    """Keep merged rows, their conflicts, and what is to be sent; what waited for a contact to be there goes on."""
    merged = list(merged)
    known = {row.id: row for row in before}
    differ = [result.row for result in merged if _differs(result.row, known.get(result.row.id))]
    now = run.now()
    await save_contacts(transaction, differ)
    same = {result.row.id for result in merged} - {row.id for row in differ}
    await touch_contacts(transaction, same, now=now)
    await add_conflicts(
        transaction, (conflict(run, result.row, found) for result in merged for found in result.differences)
    )
    if any(row.external_id and (row.id not in known or not known[row.id].external_id) for row in differ):
        run.made_ready.add(CONTACT_NOT_READY)
    to_send = [result.row.id for result in merged if result.sends]
    await send_contacts(transaction, run.platform, to_send, now=now)


def conflict(run: Run, row: ContactRow, found: Difference) -> ConflictRow:
    """A difference as it is kept: open when somebody has to look at it."""
    return ConflictRow(
        id=new_id("conflict"),
        platform=run.platform,
        contact_id=row.id,
        field=found.field,
        kind=found.kind,
        base_value=found.base,
        local_value=found.local,
        remote_value=found.remote,
        local_at=found.local_at,
        remote_at=found.remote_at,
        winner=found.winner,
        critical=found.critical,
        state="open" if found.critical else "resolved",
        resolution=None if found.critical else "last_write_wins",
        created_at=run.now(),
        resolved_at=None if found.critical else run.now(),
    )


_DELETE_THERE = ContactFields(title="deleted")
"""Not for the wire: that there is something to send, which the row itself says."""


def _met_deleted(run: Run, row: ContactRow, contact: RemoteContact) -> Merged:
    if row.erased == "keep":
        return Merged(row)
    met = merge.meet_deleted(row, contact, now=run.now(), clock_offset_s=run.clock_offset_s or 0.0)
    return msgspec.structs.replace(met, to_send=_DELETE_THERE) if met.row.deleted_at is not None else met


async def _erased_before(transaction: Transaction, run: Run, contacts: Sequence[RemoteContact]) -> dict[str, CrmChoice]:
    """Contacts that are new here and old there, of somebody who was erased meanwhile; what becomes of each. One that
    was made since is a new beginning; an old one that was touched since is none: a merge of leads touches it, too."""
    addresses = {contact.external_id: further.all_of(contact.fields, "email") for contact in contacts}
    if run.store.erased is None or not any(addresses.values()):
        return {}
    known = await run.store.erased.among((("email", each) for held in addresses.values() for each in held), transaction)
    offset = timedelta(seconds=run.clock_offset_s or 0.0)
    return {
        contact.external_id: person.crm
        for contact in contacts
        for each in sorted(addresses[contact.external_id])
        if (person := known.get(("email", each))) is not None
        and ((made_at := contact.created_at or contact.updated_at) is None or made_at - offset <= person.erased_at)
    }


def _tombstone(contact: RemoteContact, choice: CrmChoice, now: datetime) -> Merged:
    """What says which record it is, and nothing of whose."""
    id_ = new_id("contact")
    row = ContactRow(
        id=id_,
        crm_platform=contact.platform,
        external_id=contact.external_id,
        reference=id_,
        parent_id=contact.parent_id,
        erased=choice,
        deleted_at=now,
        deleted_by="local",
        last_synced_at=now,
        created_at=now,
        updated_at=now,
    )
    return Merged(row, to_send=_DELETE_THERE if choice == "delete" else ContactFields())


async def _matches(transaction: Transaction, run: Run, contacts: Sequence[RemoteContact]) -> dict[str, ContactRow]:
    """Our row for each contact that has one, by external id: the one linked with it, the one whose creation it is,
    else one of the same person that is nowhere over there yet."""
    ids = [contact.external_id for contact in contacts]
    references = [contact.reference for contact in contacts if contact.reference]
    rows = await lock_matching(transaction, run.platform, ids, references)
    found = {row.external_id: row for row in rows if row.external_id is not None}
    created = {row.reference: row for row in rows if row.external_id is None and row.crm_platform == run.platform}
    for contact in contacts:
        if contact.external_id not in found and contact.reference in created:
            found[contact.external_id] = created.pop(contact.reference)
    left = [contact for contact in contacts if contact.external_id not in found and contact.fields.email]
    addresses = sorted(frozenset().union(*(further.all_of(contact.fields, "email") for contact in left)))
    unlinked = await lock_unlinked(transaction, run.platform, addresses)
    taken = {row.id for row in found.values()}
    found |= same_people({each.external_id: each.fields for each in left}, [r for r in unlinked if r.id not in taken])
    return {external_id: row for external_id, row in found.items() if external_id in ids}


async def _read_contacts(run: Run, provider: Provider, external_ids: Sequence[str]) -> Reading:
    if not external_ids:
        return Reading()
    rows = await run.store.contacts.of_external_ids(run.platform, external_ids)
    known = {row.external_id: echo.fields_of(row) for row in rows}
    there: list[RemoteContact] = []
    gone: list[str] = []
    for external_id in external_ids:
        contact = await provider.get_contact(external_id, known.get(external_id))
        if isinstance(contact, Gone):
            gone.append(external_id)
        else:
            there.append(contact)
    return Reading(tuple(there), tuple(gone))


def _differs(row: ContactRow, before: ContactRow | None) -> bool:
    return before is None or msgspec.structs.replace(row, last_synced_at=before.last_synced_at) != before
