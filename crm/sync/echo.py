"""Knowing our own writes again when they come back from the CRM. Pure.

A write whose answer was lost may have been applied, so what it sets is kept with the contact (``writing``) before it is
sent. A value that comes back and is the one we were writing is no news: both sides agree on it. Without this, a further
edit of ours would look like a contradiction to our own earlier one.
"""

from typing import Any

import msgspec

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields, RemoteContact
from crm.mapping import names
from storage.crm.contacts import ContactRow


def fields_of(row: ContactRow) -> ContactFields:
    """Our side of a contact."""
    names = (*CONTACT_FIELDS, *FURTHER.values(), "address_types", "enrichment_data")
    return ContactFields(**{name: getattr(row, name) for name in names})


def as_known(row: ContactRow, remote: RemoteContact) -> ContactFields:
    """What the CRM shows, with a full name divided where we, or the last agreement, divide it."""
    shown = remote.fields
    full = names.joined(shown.first_name, shown.last_name)
    for first, last in (
        (row.first_name, row.last_name),
        (row.base.get("first_name"), row.base.get("last_name")),
        (row.writing.get("first_name", row.first_name), row.writing.get("last_name", row.last_name)),
    ):
        if full is not None and names.joined(first, last) == full:
            return msgspec.structs.replace(shown, first_name=first, last_name=last)
    return shown


def agreed(row: ContactRow, shown: ContactFields) -> dict[str, Any]:
    """What both sides last agreed on, by field: as noted, or what we were writing where just that has come back.

    Of a creation that nobody answered everything has: it is there whole or not at all, and what differs now was changed
    by somebody who saw it.
    """
    base = {name: row.base.get(name) for name in CONTACT_FIELDS}
    for name in CONTACT_FIELDS:
        if name in row.writing and (_was_created(row) or row.writing[name] == getattr(shown, name)):
            base[name] = row.writing[name]
    return base


def outstanding(row: ContactRow, shown: ContactFields) -> dict[str, Any]:
    """What we were writing and has not come back yet. What has is through: shown again later, it is somebody's edit."""
    if _was_created(row):
        return {}
    return {name: value for name, value in row.writing.items() if not _has_come(shown, name, value)}


def _has_come(shown: ContactFields, name: str, value: Any) -> bool:
    has = getattr(shown, name)
    if isinstance(value, dict):
        return all(has.get(key) == each for key, each in value.items())
    return set(has or ()) == set(value) if name in FURTHER.values() else bool(has == value)


def _was_created(row: ContactRow) -> bool:
    """``row``, which a record over there is met with, waits to hear of its creation: then that record is it."""
    return row.external_id is None and row.create_tried_at is not None


def agreed_enrichment(row: ContactRow, shown: ContactFields) -> dict[str, Any]:
    """The same for enrichment data, by key."""
    writing = row.writing.get("enrichment_data") or {}
    back = {key: value for key, value in writing.items() if shown.enrichment_data.get(key) == value}
    return {**(row.base.get("enrichment_data") or {}), **back}
