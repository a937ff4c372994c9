"""What people and agents do to contacts here: each edit and the order to send it are one transaction.

Every method raises StorageError.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from crm.contact import CONTACT_FIELDS, ContactFields
from crm.mapping import linkedin_url, names
from crm.platforms import TWO_WAY
from crm.sync.merge import WHOLE
from crm.sync.store import SyncStore
from storage import email_address, phone_number
from storage.crm_conflicts import ConflictRow, lock_conflict, resolve_conflict
from storage.crm_contacts import ContactRow, lock_contact, save_contacts
from storage.crm_outbox import send_contacts
from storage.database import Transaction
from storage.secret_tokens import new_id

Choice = Literal["local", "remote", "value"]


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
        now, contact_id = self._now(), new_id("contact")
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
        async with self._store.database.transaction() as transaction:
            await self._keep(transaction, row)
        self._tell(platform)
        return row

    async def edit(self, contact_id: str, changes: Mapping[str, Any]) -> ContactRow | None:
        """Set the named fields; None: there is no such contact. ``enrichment_data`` is merged key by key."""
        async with self._store.database.transaction() as transaction:
            row = await lock_contact(transaction, contact_id)
            if row is None or row.deleted_at is not None:
                return None
            edited = self._edited(row, changes)
            if edited is not row:
                await self._keep(transaction, edited)
        self._tell(row.crm_platform)
        return edited

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
        """Settle an open conflict; None: there is none. ``value``: neither side's, but this."""
        now = self._now()
        async with self._store.database.transaction() as transaction:
            conflict = await lock_conflict(transaction, conflict_id)
            if conflict is None or conflict.state != "open":
                return None
            row = await lock_contact(transaction, conflict.contact_id)
            if row is not None:
                settled = self._settled(row, conflict, choice, value)
                if settled is not row:
                    await self._keep(transaction, settled)
            await resolve_conflict(transaction, conflict_id, choice, now=now)
        self._tell(conflict.platform)
        return msgspec.structs.replace(conflict, state="resolved", resolution=choice, resolved_at=now)

    def _edited(self, row: ContactRow, changes: Mapping[str, Any]) -> ContactRow:
        now = self._now()
        known = {name: value for name, value in changes.items() if name in CONTACT_FIELDS}
        given = tidy(ContactFields(**known))
        values = {name: getattr(given, name) for name in known}
        news = {name: value for name, value in values.items() if value != getattr(row, name)}
        extra = changes.get("enrichment_data") or {}
        data = row.enrichment_data | extra
        if not news and data == row.enrichment_data:
            return row
        stamped = [*news, *(["enrichment_data"] if data != row.enrichment_data else [])]
        return msgspec.structs.replace(
            row,
            **news,
            enrichment_data=data,
            field_times=row.field_times | dict.fromkeys(stamped, now),
            refused={name: value for name, value in row.refused.items() if name not in news},
            version=row.version + 1,
            updated_at=now,
        )

    def _settled(self, row: ContactRow, conflict: ConflictRow, choice: Choice, value: Any) -> ContactRow:
        if conflict.field == WHOLE:
            return self._settled_whole(row, conflict, choice)
        wanted = {"local": conflict.local_value, "remote": conflict.remote_value, "value": value}[choice]
        if conflict.kind == "refused" and choice == "local":
            return row  # stays here alone
        if wanted is None and conflict.kind == "cleared":
            # Empty here from now on; what they still have is known and not taken in again.
            now = self._now()
            return msgspec.structs.replace(
                row,
                **{conflict.field: None},
                refused=row.refused | {conflict.field: None},
                field_times=row.field_times | {conflict.field: now},
                updated_at=now,
            )
        edited = self._edited(row, {conflict.field: wanted})
        if conflict.kind == "cleared" and choice == "local":
            # They emptied it: our value is news to them again.
            return msgspec.structs.replace(edited, base=edited.base | {conflict.field: None})
        return edited

    def _settled_whole(self, row: ContactRow, conflict: ConflictRow, choice: Choice) -> ContactRow:
        """One side deleted what the other changed. The side that is chosen has its way."""
        now = self._now()
        deleted_there = conflict.local_value is not None
        if deleted_there and choice != "remote" and row.deleted_at is not None:
            return msgspec.structs.replace(
                row,
                external_id=None,
                parent_id=None,
                reference=new_id("contact"),
                base={},
                writing={},
                remote_updated_at=None,
                create_tried_at=None,
                deleted_at=None,
                deleted_by=None,
                version=row.version + 1,
                updated_at=now,
            )
        if not deleted_there and choice == "local" and row.deleted_at is None:
            return msgspec.structs.replace(
                row, deleted_at=now, deleted_by="local", version=row.version + 1, updated_at=now
            )
        return row

    async def _keep(self, transaction: Transaction, row: ContactRow) -> None:
        await save_contacts(transaction, [row])
        if row.crm_platform in TWO_WAY:
            await send_contacts(transaction, row.crm_platform, [row.id], now=self._now())

    def _tell(self, platform: str) -> None:
        if platform in TWO_WAY:
            self._changed(platform)


def tidy(fields: ContactFields) -> ContactFields:
    """Addresses, numbers and links in their one form, so that the same value is the same on both sides."""
    return ContactFields(
        email=email_address.normalised(fields.email),
        first_name=names.tidy(fields.first_name),
        last_name=names.tidy(fields.last_name),
        company=names.tidy(fields.company),
        title=names.tidy(fields.title),
        phone=phone_number.normalised_or_text(fields.phone),
        linkedin_url=linkedin_url.normalised(fields.linkedin_url) or names.tidy(fields.linkedin_url),
        enrichment_data=fields.enrichment_data,
    )
