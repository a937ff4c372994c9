"""Brings a record in the CRM to the state of our contact, exactly once whatever fails in between.

What is to be written is kept before it is sent, so that it is recognised afterwards even when its answer was lost; a
creation that may have been applied is looked for by its reference before it is made.
"""

from datetime import datetime, timedelta

import msgspec

from crm.contact import FURTHER, ContactFields, ContactQuery, Gone, RemoteContact
from crm.errors import ChangedMeanwhile, CrmError, InvalidRecord, NotFound, RetryLater
from crm.provider import Capability, Provider
from crm.sync import echo, further, merge
from crm.sync.importing import save
from crm.sync.merge import Merged
from crm.sync.outbox import SETTLE_S, UNSETTLED, Waits
from crm.sync.run import Run
from crm.sync.same_person import is_same
from storage.crm.contacts import ContactRow, lock_contact, lock_matching, put_aliases, save_contacts
from storage.crm.outbox import OutboxEntry, Settled, settle_sent
from storage.crm.sync_runs import Tally
from storage.crm.sync_state import save_clock_offset
from storage.postgres.database import Transaction

_MOST_ROUNDS = 4
_PROMPT = timedelta(seconds=5)
"""An answer that took longer says too little about the CRM's clock."""


class ParentUnknown(RetryLater):
    """The parent is gone, and nothing tells where to yet."""


class ContactSender:
    """Carries out one outbox entry of kind ``contact``."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry

    async def send(self) -> Waits | None:
        """None: the entry is settled. Raises CrmError."""
        row = await self._run.store.contacts.get(self._entry.subject)
        if row is None or row.crm_platform != self._run.platform or row.erased == "keep":
            await self._settle("skipped")
            return None
        for _ in range(_MOST_ROUNDS):
            if row.external_id is None:
                found = await self._establish(row)
            else:
                found = await self._bring_up_to_date(row, row.external_id)
            if not isinstance(found, ContactRow):
                return found
            row = found
        raise ChangedMeanwhile("changed_meanwhile", "the contact keeps changing", platform=self._run.platform)

    async def _bring_up_to_date(self, row: ContactRow, external_id: str) -> ContactRow | None:
        """None: done. Else the row as it is now, to go on with."""
        seen = await self._provider.get_contact(external_id, echo.fields_of(row))
        if isinstance(seen, Gone):
            await self._lost(row)
            return None
        prepared = await self._prepare(row.id, seen)
        if prepared is None:
            return None
        if prepared.row.deleted_at is not None:
            await self._provider.delete_contact(external_id)
            await self._settle("done", updated=1)
            return None
        return await self._write(prepared, seen)

    async def _prepare(self, contact_id: str, seen: RemoteContact) -> Merged | None:
        """Merge what is there, and note what will be written; None when nothing is left to write."""
        run = self._run
        async with run.writing() as transaction:
            row = await self._locked(transaction, contact_id)
            if row.erased == "keep":
                await settle_sent(transaction, self._entry, "skipped", now=run.now())
                return None
            if row.deleted_at is not None:
                merged = merge.meet_deleted(row, seen, now=run.now(), clock_offset_s=run.clock_offset_s or 0.0)
                if merged.row.deleted_at is not None:
                    await save(transaction, run, [merged], before=[row])
                    return merged
            else:
                merged = merge.merge(row, seen, now=run.now(), clock_offset_s=run.clock_offset_s or 0.0)
            intent = msgspec.to_builtins(merged.to_send) if merged.sends else merged.row.writing
            merged = msgspec.structs.replace(merged, row=msgspec.structs.replace(merged.row, writing=intent))
            await save(transaction, run, [msgspec.structs.replace(merged, to_send=ContactFields())], before=[row])
            if not merged.sends:
                await settle_sent(transaction, self._entry, "done", now=run.now())
                return None
        return merged

    async def _write(self, prepared: Merged, seen: RemoteContact) -> ContactRow | None:
        run, began = self._run, self._run.now()
        try:
            answer = await self._provider.update_contact(seen, prepared.to_send)
        except ChangedMeanwhile:
            return prepared.row
        except InvalidRecord as error:
            return await self._refuse(prepared.row.id, prepared.to_send, error)
        moved = answer.updated_at is not None and answer.updated_at != seen.updated_at
        async with run.writing(lambda: Tally(processed=1, updated=1)) as transaction:
            row = await self._locked(transaction, prepared.row.id)
            done = merge.written(row, prepared.to_send, answer, now=run.now())
            await save(transaction, run, [done], before=[row])
            await settle_sent(transaction, self._entry, "done", now=run.now(), external_id=row.external_id)
            if moved:
                await self._learn_clock(transaction, answer, began)
        return None

    async def _establish(self, row: ContactRow) -> ContactRow | Waits | None:
        """Find or make the record of a contact that has none yet; None: there is nothing to do any more."""
        fields = echo.fields_of(row)
        if row.create_tried_at is not None:
            left_s = SETTLE_S - (self._run.now() - row.create_tried_at).total_seconds()
            if left_s > 0:
                return Waits(UNSETTLED, left_s)
            found = await self._provider.find_created(row.reference, fields, since=row.create_tried_at)
            if isinstance(found, Gone):
                await self._lost(row)
                return None
            if found is not None:
                return await self._link(row.id, found)
        if row.deleted_at is not None:
            await self._settle("skipped")
            return None
        same = await self._same_person(row) if row.create_tried_at is None else None
        if same is not None:
            return await self._link(row.id, same)
        return await self._create(row)

    async def _same_person(self, row: ContactRow) -> RemoteContact | None:
        """Somebody over there with an address of theirs whom we do not know yet: one person, not to be doubled."""
        if row.email is None or Capability.SEARCH not in self._provider.capabilities:
            return None
        addresses = tuple(sorted(further.all_of(row, "email")))
        found = await self._provider.find_contacts(ContactQuery(emails=addresses))
        found = tuple(contact for contact in found if is_same(row, contact.fields))
        known = await self._run.store.contacts.of_external_ids(self._run.platform, [c.external_id for c in found])
        ours = {contact.external_id for contact in known}
        left = [contact for contact in found if contact.external_id not in ours]
        first = [contact for contact in left if contact.fields.email == row.email]
        return first[0] if first else left[0] if len(left) == 1 else None

    async def _create(self, row: ContactRow) -> ContactRow | None:
        run, began = self._run, self._run.now()
        async with run.writing() as transaction:
            row = await self._locked(transaction, row.id)
            if row.deleted_at is not None or row.external_id is not None:
                return row
            fields = sendable(row)
            if row.parent_id is not None:  # its company is what the parent is called already; an update tells
                fields = msgspec.structs.replace(fields, company=None)
            intent = msgspec.to_builtins(self._provider.takes(fields))
            await save_contacts(transaction, [msgspec.structs.replace(row, create_tried_at=began, writing=intent)])
        parent = await run.store.contacts.current_name(run.platform, row.parent_id) if row.parent_id else None
        try:
            made = await self._provider.create_contact(fields, reference=row.reference, parent_id=parent)
        except CrmError as error:
            if error.outcome != "unknown":
                await self._not_created(row.id)
            if (
                parent is not None
                and isinstance(error, NotFound | InvalidRecord)
                and await self._follow(row.id, parent)
            ):
                return await run.store.contacts.get(row.id)
            if isinstance(error, InvalidRecord) and error.outcome != "unknown":
                return await self._refuse(row.id, fields, error)
            raise
        async with run.writing(lambda: Tally(processed=1, created=1)) as transaction:
            row = await self._locked(transaction, row.id)
            linked = msgspec.structs.replace(row, external_id=made.external_id, create_tried_at=None)
            done = merge.written(linked, fields, made, now=run.now())
            await save(transaction, run, [done], before=[row])
            await self._learn_clock(transaction, made, began)
            if done.row.deleted_at is None and not merge.unsent(done.row):
                await settle_sent(transaction, self._entry, "done", now=run.now(), external_id=made.external_id)
                return None
        return done.row

    async def _follow(self, contact_id: str, parent: str) -> bool:
        """Whether the parent is gone: its place is taken by what it was merged into, or by one made for the contact."""
        run = self._run
        if not isinstance(await self._provider.held_by(parent), Gone):
            return False
        heir = await self._provider.successor(parent)
        if heir is None:
            if self._entry.attempts == 0:  # the log may be late
                raise ParentUnknown("parent_unknown", "the contact's parent is gone", platform=run.platform)
            return False
        async with run.writing() as transaction:
            if isinstance(heir, Gone):
                row = await self._locked(transaction, contact_id)
                await save_contacts(transaction, [msgspec.structs.replace(row, parent_id=None)])
            else:
                await put_aliases(transaction, run.platform, {parent: heir})
        return True

    async def _link(self, contact_id: str, found: RemoteContact) -> ContactRow:
        run = self._run
        async with run.writing() as transaction:
            row = await self._locked(transaction, contact_id)
            await self._absorb(transaction, row, found.external_id)
            if row.deleted_at is None:
                merged = merge.merge(row, found, now=run.now(), clock_offset_s=run.clock_offset_s or 0.0)
            else:
                bases = echo.agreed(row, echo.as_known(row, found))
                merged = Merged(
                    msgspec.structs.replace(
                        row, external_id=found.external_id, create_tried_at=None, base=row.base | bases
                    )
                )
            await save(transaction, run, [msgspec.structs.replace(merged, to_send=ContactFields())], before=[row])
        return merged.row

    async def _absorb(self, transaction: Transaction, row: ContactRow, external_id: str) -> None:
        """Where the CRM keeps no references, a creation of ours may have been taken for somebody else's meanwhile: the
        row made for it gives way."""
        for other in await lock_matching(transaction, self._run.platform, [external_id], []):
            if other.id != row.id:
                now = self._run.now()
                given = msgspec.structs.replace(
                    other, external_id=None, deleted_at=now, deleted_by="remote", updated_at=now
                )
                await save_contacts(transaction, [given])

    async def _not_created(self, contact_id: str) -> None:
        async with self._run.writing() as transaction:
            row = await self._locked(transaction, contact_id)
            await save_contacts(transaction, [msgspec.structs.replace(row, create_tried_at=None, writing={})])

    async def _refuse(self, contact_id: str, sent: ContactFields, error: InvalidRecord) -> ContactRow:
        """Note the values the CRM refused, to send the others. Raises the error when it names none of them."""
        run = self._run
        async with run.writing() as transaction:
            row = await self._locked(transaction, contact_id)
            values = further.refusable(row, sent, error.fields)
            if not values:
                raise error
            differences = tuple(merge.refusal(row, name, value, row.base.get(name)) for name, value in values.items())
            values |= {
                name: [*further.refused(row, first), *values[name]] for first, name in FURTHER.items() if name in values
            }
            refused = msgspec.structs.replace(row, refused=row.refused | values, writing={})
            await save(transaction, run, [Merged(refused, differences=differences)], before=[row])
        return refused

    async def _lost(self, row: ContactRow) -> None:
        """The record is gone over there."""
        run = self._run
        async with run.writing() as transaction:
            row = await self._locked(transaction, row.id)
            await save(transaction, run, [merge.gone(row, now=run.now())], before=[row])
            await settle_sent(transaction, self._entry, "done", now=run.now())

    async def _settle(self, state: Settled, *, updated: int = 0) -> None:
        async with self._run.writing(lambda: Tally(processed=updated, updated=updated)) as transaction:
            await settle_sent(transaction, self._entry, state, now=self._run.now())

    async def _locked(self, transaction: Transaction, contact_id: str) -> ContactRow:
        row = await lock_contact(transaction, contact_id)
        assert row is not None  # rows of contacts are never deleted
        return row

    async def _learn_clock(self, transaction: Transaction, answer: RemoteContact, began: datetime) -> None:
        """How far the CRM's clock is ahead, from a write it has just dated."""
        ended = self._run.now()
        if answer.updated_at is None or ended - began > _PROMPT:
            return
        offset_s = (answer.updated_at - began - (ended - began) / 2).total_seconds()
        self._run.clock_offset_s = offset_s
        await save_clock_offset(transaction, self._run.platform, offset_s)


def sendable(row: ContactRow) -> ContactFields:
    """Everything the CRM may be given of a contact: without what it refused."""
    fields = echo.fields_of(row)
    known = {name: None for name, value in row.refused.items() if getattr(fields, name, None) == value}
    others = {
        name: tuple(each for each in getattr(row, name) if each not in further.refused(row, first))
        for first, name in FURTHER.items()
    }
    plain = {k: v for k, v in row.enrichment_data.items() if isinstance(v, str | int | float | bool)}
    return msgspec.structs.replace(fields, **(known | others), enrichment_data=plain)
