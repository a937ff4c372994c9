"""One contact, two sides: a three-way merge per field. Pure.

For each field there are our value, theirs, and the one both last agreed on. A side that changed wins over one that did
not. When both changed, the later edit wins, the other value is kept in a conflict; for the critical fields somebody is
asked. An empty value never replaces one: when a side emptied a field that is noted as a conflict too, both sides stay
as they are, and somebody decides. Further addresses and numbers are sets (``further.py``).
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields, RemoteContact
from crm.sync import echo, further
from crm.sync.further import Further
from storage.crm.conflicts import ConflictKind, Side
from storage.crm.contacts import ContactRow

CRITICAL = frozenset({"email", "first_name", "last_name"})
"""Who somebody is and how they are reached: a wrong one is worse than a question."""
WHOLE = "contact"
"""The field name of conflicts about a contact as a whole."""


class Difference(Struct, frozen=True):
    """Edits that contradict each other. ``winner``: the side whose value holds for now."""

    field: str
    kind: ConflictKind
    base: Any
    local: Any
    remote: Any
    winner: Side
    critical: bool
    local_at: datetime | None = None
    remote_at: datetime | None = None


class Merged(Struct, frozen=True):
    """``row`` as it is to be; ``changed``: it differs for people. ``to_send``: what the CRM does not have yet."""

    row: ContactRow
    changed: bool = False
    to_send: ContactFields = ContactFields()
    differences: tuple[Difference, ...] = ()

    @property
    def sends(self) -> bool:
        return self.to_send != ContactFields()


class _Field(Struct, frozen=True):
    """The fate of one field."""

    value: Any
    base: Any
    send: bool = False
    difference: Difference | None = None


def merge(row: ContactRow, remote: RemoteContact, *, now: datetime, clock_offset_s: float = 0.0) -> Merged:
    """``row`` after meeting ``remote``, read just now. ``clock_offset_s``: how far the CRM's clock is ahead."""
    shown = echo.as_known(row, remote)
    bases = echo.agreed(row, shown)
    remote_at = remote.updated_at - timedelta(seconds=clock_offset_s) if remote.updated_at else None
    fates = {name: _decide(row, name, getattr(shown, name), bases[name], remote_at) for name in CONTACT_FIELDS}
    lists = _merge_further(row, shown, fates)
    enrichment, enrichment_base, send_enrichment = _merge_enrichment(row, shown, remote_at)
    values = {name: fate.value for name, fate in fates.items()}
    taken = [name for name, value in values.items() if value != getattr(row, name)]
    others = {name: found.value for name, found in lists.items()}
    changed = bool(taken) or enrichment != row.enrichment_data or row.external_id is None
    changed |= any(value != getattr(row, name) for name, value in others.items())
    merged = msgspec.structs.replace(
        row,
        **values,
        **others,
        enrichment_data=enrichment,
        base={name: fate.base for name, fate in fates.items()}
        | {name: None if found.base is None else [*found.base] for name, found in lists.items()}
        | {"enrichment_data": enrichment_base},
        field_times=row.field_times | dict.fromkeys(taken, remote_at or now),
        refused={name: value for name, value in row.refused.items() if name not in taken},
        external_id=remote.external_id,
        writing=echo.outstanding(row, shown),
        parent_id=remote.parent_id or row.parent_id,
        remote_updated_at=remote.updated_at,
        create_tried_at=None,
        last_synced_at=now,
        updated_at=now if changed else row.updated_at,
    )
    merged = msgspec.structs.replace(merged, address_types=further.types(merged, shown.address_types))
    send: dict[str, Any] = {name: fate.value for name, fate in fates.items() if fate.send}
    send |= {name: found.send for name, found in lists.items() if found.send is not None}
    if {*FURTHER.values()} & send.keys():
        send["address_types"] = merged.address_types
    to_send = ContactFields(**send, enrichment_data=send_enrichment)
    differences = tuple(fate.difference for fate in fates.values() if fate.difference is not None)
    return Merged(merged, changed, to_send, differences)


def may_be_late(row: ContactRow, listed: RemoteContact) -> bool:
    """Whether a listing perhaps shows less than what was seen of it before: it is older, was found deleted, or differs
    without being dated anew, as when its company was renamed."""
    seen_at, shown_at = row.remote_updated_at, listed.updated_at
    if row.deleted_by == "remote":
        return True
    if seen_at is None or shown_at is None or shown_at != seen_at:
        return seen_at is not None and shown_at is not None and shown_at < seen_at
    shown = echo.as_known(row, listed)
    if any(getattr(shown, name) not in (None, row.base.get(name)) for name in CONTACT_FIELDS):
        return True
    known = ((name, row.base.get(name)) for name in FURTHER.values())
    return any((getattr(shown, name) or ()) != tuple(agreed) for name, agreed in known if agreed is not None)


def from_remote(remote: RemoteContact, contact_id: str, *, now: datetime) -> ContactRow:
    """A contact that is new here."""
    blank = ContactRow(
        id=contact_id, crm_platform=remote.platform, reference=contact_id, created_at=now, updated_at=now
    )
    return merge(blank, remote, now=now).row


def unsent(row: ContactRow) -> dict[str, Any]:
    """Our values the CRM has not been seen with, by field; those it refused are left out."""
    return {
        name: getattr(row, name)
        for name in CONTACT_FIELDS
        if getattr(row, name) not in (None, row.base.get(name)) and not _is_refused(row, name)
    } | further.unsent(row)


def gone(row: ContactRow, *, now: datetime) -> Merged:
    """``row`` after the CRM lost its record. Its values stay; edits that never got there are flagged."""
    if row.deleted_at is not None:
        return Merged(row)
    lost = unsent(row)
    deleted = msgspec.structs.replace(row, deleted_at=now, deleted_by="remote", last_synced_at=now, updated_at=now)
    if not lost:
        return Merged(deleted, changed=True)
    known = {name: row.base.get(name) for name in lost}
    difference = Difference(WHOLE, "deleted", known, lost, None, "remote", critical=True, remote_at=now)
    return Merged(deleted, changed=True, differences=(difference,))


def meet_deleted(row: ContactRow, remote: RemoteContact, *, now: datetime, clock_offset_s: float = 0.0) -> Merged:
    """``row`` is deleted here, and there its record still is; a result that is still deleted means: delete it there.

    Somebody's edit that is later than our deletion brings the contact back; one that is earlier goes, and is kept in
    the conflict. Both are flagged. A record the CRM brought back comes back here too. Somebody who was erased does not.
    """
    if row.erased is not None:
        return Merged(row)
    back = msgspec.structs.replace(row, deleted_at=None, deleted_by=None)
    if row.deleted_by == "remote":
        return merge(back, remote, now=now, clock_offset_s=clock_offset_s)
    assert row.deleted_at is not None  # the caller's precondition
    shown = echo.as_known(row, remote)
    bases = echo.agreed(row, shown)
    news = {name: getattr(shown, name) for name in CONTACT_FIELDS if getattr(shown, name) not in (None, bases[name])}
    news |= further.news(row, shown)
    if not news:
        return Merged(row)
    edited_at = remote.updated_at - timedelta(seconds=clock_offset_s) if remote.updated_at else None
    comes_back = edited_at is not None and edited_at > row.deleted_at
    difference = Difference(
        WHOLE,
        "deleted",
        {name: bases[name] if name in bases else row.base.get(name) for name in news},
        None,
        news,
        "remote" if comes_back else "local",
        critical=True,
        local_at=row.deleted_at,
        remote_at=edited_at,
    )
    if not comes_back:
        return Merged(msgspec.structs.replace(row, base=row.base | bases | news), differences=(difference,))
    merged = merge(back, remote, now=now, clock_offset_s=clock_offset_s)
    return msgspec.structs.replace(merged, changed=True, differences=(*merged.differences, difference))


def written(row: ContactRow, sent: ContactFields, answer: RemoteContact, *, now: datetime) -> Merged:
    """``row`` after ``sent`` was written and the CRM answered with what it has now.

    A value that does not show is one the CRM does not take in that form; it is flagged and not sent again.
    """
    shown = echo.as_known(row, answer)
    base, refused = dict(row.base), dict(row.refused)
    differences = []
    for name in CONTACT_FIELDS:
        value = getattr(sent, name)
        if value is None:
            continue
        has = getattr(shown, name)
        before = base.get(name)
        base[name] = has
        refused.pop(name, None)
        if has != value:
            refused[name] = value
            differences.append(refusal(row, name, value, has, before))
    for first, others in FURTHER.items():
        wanted, shown_others = getattr(sent, others), getattr(shown, others)
        if wanted is None or shown_others is None:
            continue
        base |= {first: getattr(shown, first), others: shown_others}
        lacking = sorted({*wanted} - further.all_of(shown, first))
        refused.pop(others, None)
        if lacking:
            refused[others] = lacking
            differences.append(refusal(row, others, lacking, shown_others))
    enrichment_base = dict(base.get("enrichment_data") or {}) | sent.enrichment_data
    updated = msgspec.structs.replace(
        row,
        base=base | {"enrichment_data": enrichment_base},
        refused=refused,
        writing={},
        parent_id=answer.parent_id or row.parent_id,
        remote_updated_at=answer.updated_at,
        last_synced_at=now,
    )
    return Merged(updated, differences=tuple(differences))


def refusal(row: ContactRow, name: str, value: Any, has: Any, before: Any = None) -> Difference:
    """The CRM does not take ``value``."""
    local_at = row.field_times.get(name)
    return Difference(name, "refused", before, value, has, "local", name in CRITICAL, local_at)


def _merge_further(row: ContactRow, shown: ContactFields, fates: dict[str, _Field]) -> dict[str, Further]:
    """By their field; of a CRM that has one of each there is nothing to merge."""
    return {
        others: further.merged(row, name, shown, fates[name].value, fates[name].base, sends=fates[name].send)
        for name, others in FURTHER.items()
        if getattr(shown, others) is not None
    }


def _decide(row: ContactRow, name: str, remote: Any, base: Any, remote_at: datetime | None) -> _Field:
    local = getattr(row, name)
    if local == remote:
        return _Field(local, base=remote)
    if remote is None:
        return _remote_empty(row, name, base)
    if local is None and remote == base and base is not None:
        quiet = name in row.refused
        emptied = None if quiet else _difference(row, name, "cleared", base, remote, remote_at=remote_at)
        return _Field(None, base, difference=emptied)
    if local in (None, base) or (_is_refused(row, name) and remote != base):
        return _Field(remote, base=remote)
    if remote == base:
        return _Field(local, base, send=not _is_refused(row, name))
    local_at = row.field_times.get(name, row.created_at)
    winner: Side = "remote" if remote_at is not None and remote_at >= local_at else "local"
    both = _difference(row, name, "both_changed", base, remote, winner=winner, remote_at=remote_at)
    value = remote if winner == "remote" else local
    # Theirs is known from here on: what is left is to send ours, and no contradiction again.
    return _Field(value, base=remote, send=winner == "local", difference=both)


def _remote_empty(row: ContactRow, name: str, base: Any) -> _Field:
    """They have nothing, we have something."""
    local = getattr(row, name)
    if base is None:
        return _Field(local, None, send=not _is_refused(row, name))
    if local == base:
        return _Field(local, base, difference=_difference(row, name, "cleared", base, None))
    both = _difference(row, name, "both_changed", base, None)
    return _Field(local, None, send=True, difference=both)


def _difference(
    row: ContactRow,
    name: str,
    kind: ConflictKind,
    base: Any,
    remote: Any,
    *,
    winner: Side = "local",
    remote_at: datetime | None = None,
) -> Difference:
    critical = name in CRITICAL or kind == "cleared"
    local_at = row.field_times.get(name)
    return Difference(name, kind, base, getattr(row, name), remote, winner, critical, local_at, remote_at)


def _is_refused(row: ContactRow, name: str) -> bool:
    return name in row.refused and row.refused[name] == getattr(row, name)


def _merge_enrichment(
    row: ContactRow, shown: ContactFields, remote_at: datetime | None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The data of both sides together, what is agreed, and what the CRM lacks. A key one side lacks is no deletion."""
    base = echo.agreed_enrichment(row, shown)
    data, theirs = dict(row.enrichment_data), shown.enrichment_data
    local_at = row.field_times.get("enrichment_data", row.created_at)
    remote_is_later = remote_at is not None and remote_at >= local_at
    for key, value in theirs.items():
        ours = data.get(key)
        if ours is None or ours == base.get(key) or (value != base.get(key) and remote_is_later):
            data[key] = ours | value if isinstance(ours, dict) and isinstance(value, dict) else value
        base[key] = value
    plain = {key: value for key, value in data.items() if isinstance(value, str | int | float | bool)}
    send = {key: value for key, value in plain.items() if value != base.get(key)}
    return data, base, send
