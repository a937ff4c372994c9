"""What people and agents do to contacts here: each edit and the order to send it are one transaction.

Every method raises StorageError.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from crm.platforms import TWO_WAY
from crm.sync.editing import check_entered, edited, tidy
from crm.sync.further import knowing
from crm.sync.settling import Choice, replaced, settled
from crm.sync.store import SyncStore
from storage.crm.conflicts import ConflictRow, add_conflicts, lock_conflict, resolve_conflict
from storage.crm.contacts import ContactRow, lock_contact, save_contacts
from storage.crm.outbox import is_waiting, send_contacts
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Transaction


class ContactEdits:
    """Creates, edits and deletes contacts, and settles their conflicts."""

    def __init__(
        self,
        store: SyncStore,
        now: Callable[[], datetime],
        changed: Callable[[str], object] = lambda platform: None,
    ) -> None:
        """``changed`` hears of each platform something is to be sent to, once it is durable; it must not raise."""
        self._store = store
        self._now = now
        self._changed = changed

    async def create(
        self,
        fields: ContactFields,
        *,
        platform: str = "close",
        parent_id: str | None = None,
        lead_id: UUID | None = None,
    ) -> ContactRow:
        """Raises UnfitValue."""
        now, contact_id = self._now(), new_id("contact")
        check_entered({name: getattr(fields, name) for name in (*CONTACT_FIELDS, *FURTHER.values())})
        given = tidy(fields)
        values = {name: getattr(given, name) for name in CONTACT_FIELDS}
        times = {name: now for name, value in values.items() if value is not None}
        row = ContactRow(
            id=contact_id,
            crm_platform=platform,
            reference=contact_id,
            parent_id=parent_id,
            lead_id=lead_id,
            **values,
            enrichment_data=given.enrichment_data,
            field_times=times | ({"enrichment_data": now} if given.enrichment_data else {}),
            created_at=now,
            updated_at=now,
        )
        row = knowing(row, given)
        async with self._store.database.transaction() as transaction:
            await self._keep(transaction, row)
        self._tell(platform)
        return row

    async def edit(self, contact_id: str, changes: Mapping[str, Any]) -> ContactRow | None:
        """Set the named fields; None: there is no such contact. ``enrichment_data`` is merged key by key. Raises
        UnfitValue."""
        check_entered(changes)
        async with self._store.database.transaction() as transaction:
            row = await lock_contact(transaction, contact_id)
            if row is None or row.deleted_at is not None:
                return None
            after = edited(row, changes, now=self._now())
            if after is not row:
                await self._keep(transaction, after)
        self._tell(row.crm_platform)
        return after

    async def delete(self, contact_id: str) -> bool:
        """Delete here and, when its turn comes, over there. False: there is no such contact."""
        now = self._now()
        async with self._store.database.transaction() as transaction:
            row = await lock_contact(transaction, contact_id)
            if row is None or row.deleted_at is not None:
                return False
            deleted = msgspec.structs.replace(
                row, deleted_at=now, deleted_by="local", version=row.version + 1, updated_at=now
            )
            await self._keep(transaction, deleted)
        self._tell(row.crm_platform)
        return True

    async def resolve(self, conflict_id: str, choice: Choice, value: Any = None) -> ConflictRow | None:
        """Settle an open conflict; None: there is none. ``value``: neither side's, but this. Raises UnfitValue."""
        now = self._now()
        async with self._store.database.transaction() as transaction:
            conflict = await lock_conflict(transaction, conflict_id)
            if conflict is None or conflict.state != "open":
                return None
            if choice == "value":
                check_entered({conflict.field: value})
            row = await lock_contact(transaction, conflict.contact_id)
            if row is not None:
                waits = await is_waiting(transaction, row.id)
                after = settled(row, conflict, choice, value, waits=waits, now=now)
                if after is not row:
                    await self._keep(transaction, after)
                    await add_conflicts(transaction, replaced(row, after, conflict, choice, now=now))
            await resolve_conflict(transaction, conflict_id, choice, now=now)
        self._tell(conflict.platform)
        return msgspec.structs.replace(conflict, state="resolved", resolution=choice, resolved_at=now)

    async def _keep(self, transaction: Transaction, row: ContactRow) -> None:
        await save_contacts(transaction, [row])
        if row.crm_platform in TWO_WAY:
            await send_contacts(transaction, row.crm_platform, [row.id], now=self._now())

    def _tell(self, platform: str) -> None:
        if platform in TWO_WAY:
            self._changed(platform)
