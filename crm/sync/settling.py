"""What somebody's answer to a conflict makes of the contact. Pure."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from crm.contact import CONTACT_FIELDS, FURTHER
from crm.sync import further
from crm.sync.editing import edited
from crm.sync.merge import CRITICAL, WHOLE
from storage.crm.conflicts import ConflictRow
from storage.crm.contacts import ContactRow
from storage.keys.secret_tokens import new_id

Choice = Literal["local", "remote", "value"]


def settled(
    row: ContactRow, conflict: ConflictRow, choice: Choice, value: Any, *, waits: bool, now: datetime
) -> ContactRow:
    """``row`` itself when nothing changes. ``value``: neither side's, but this. ``waits``: what was last to be sent of
    the contact has not been yet."""
    if conflict.field == WHOLE:
        return _whole(row, conflict, choice, waits=waits, now=now)
    wanted = {"local": conflict.local_value, "remote": conflict.remote_value, "value": value}[choice]
    if conflict.kind == "refused" and choice == "local":
        return row  # stays here alone
    if wanted is None and conflict.kind == "cleared":
        # Empty here from now on; what they still have is known and not taken in again.
        others = {FURTHER[conflict.field]: ()} if conflict.field in FURTHER else {}
        return msgspec.structs.replace(
            row,
            **{conflict.field: None},
            **others,
            refused=row.refused | {conflict.field: None},
            field_times=row.field_times | {conflict.field: now},
            updated_at=now,
        )
    after = edited(row, {conflict.field: wanted}, now=now)
    if conflict.kind == "cleared" and choice == "local":
        # They emptied it: our value is news to them again.
        return msgspec.structs.replace(after, base=after.base | {conflict.field: None})
    return after


def replaced(
    before: ContactRow, after: ContactRow, conflict: ConflictRow, choice: Choice, *, now: datetime
) -> list[ConflictRow]:
    """Values that gave way and that whoever answered was not shown: edited since the question came up, or never sent
    from a contact that was deleted here. Each is kept beside the one that took its place."""
    kept = []
    for name in CONTACT_FIELDS if conflict.field == WHOLE else (conflict.field,):
        was, is_now = getattr(before, name), getattr(after, name)
        if was is None or was == is_now or was in _shown(conflict, name):
            continue
        kept.append(
            ConflictRow(
                id=new_id("conflict"),
                platform=conflict.platform,
                contact_id=conflict.contact_id,
                field=name,
                kind="both_changed",
                local_value=was,
                remote_value=is_now,
                local_at=before.field_times.get(name),
                remote_at=now,
                winner="remote",
                critical=name in CRITICAL,
                state="resolved",
                resolution=choice,
                created_at=now,
                resolved_at=now,
            )
        )
    return kept


def _shown(conflict: ConflictRow, name: str) -> tuple[Any, ...]:
    """The values of a field that the question showed."""
    if conflict.field != WHOLE:
        return conflict.local_value, conflict.remote_value
    return tuple(side.get(name) for side in (conflict.base_value, conflict.local_value, conflict.remote_value) if side)


def _whole(row: ContactRow, conflict: ConflictRow, choice: Choice, *, waits: bool, now: datetime) -> ContactRow:
    """One side deleted what the other changed. The side that is chosen has its way."""
    deleted_there = conflict.local_value is not None
    deletes = choice == ("remote" if deleted_there else "local")
    if deletes == (row.deleted_at is not None):
        return row
    if deletes:
        return _deleted(row, now=now) if not deleted_there else row
    back = msgspec.structs.replace(row, deleted_at=None, deleted_by=None, version=row.version + 1, updated_at=now)
    if deleted_there:
        return _made_anew(back)
    added = {
        others: (*further.all_of(back, name), *conflict.remote_value[others])
        for name, others in FURTHER.items()
        if others in conflict.remote_value
    }
    back = edited(back, conflict.remote_value | added, now=now)
    if not waits:
        return _made_anew(back)
    # Perhaps it is not deleted there yet. If it turns out to be, that what they changed is news asks somebody again.
    known = {name: agreed for name, agreed in back.base.items() if name not in conflict.remote_value}
    return msgspec.structs.replace(back, base=known | dict.fromkeys(added, ()))


def _deleted(row: ContactRow, *, now: datetime) -> ContactRow:
    return msgspec.structs.replace(row, deleted_at=now, deleted_by="local", version=row.version + 1, updated_at=now)


def _made_anew(row: ContactRow) -> ContactRow:
    """Its record is gone over there: it is to have another, under a reference of its own."""
    return msgspec.structs.replace(
        row,
        external_id=None,
        parent_id=None,
        reference=new_id("contact"),
        base={},
        writing={},
        remote_updated_at=None,
        create_tried_at=None,
    )
