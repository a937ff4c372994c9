"""Close's events in the product's terms. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, get_args

import msgspec

from crm.close.records import Event
from crm.contact import Change, ChangeKind, ChangePage
from storage import email_address

_RECORDS: Mapping[str, Literal["contact", "parent", "opportunity", "mail", "unsubscription"]] = {
    "lead": "parent",
    "contact": "contact",
    "opportunity": "opportunity",
    "activity.email": "mail",
    "unsubscribed_email": "unsubscription",
}
"""Close's names of kinds of records, and ours."""


def _digest(event: Event) -> str:
    """Of what the event holds: one that takes in a further edit of the same instant has a name of its own."""
    held = msgspec.json.encode((event.data, event.previous_data), order="deterministic")
    return hashlib.blake2s(held, digest_size=8).hexdigest()


def change(event: Event) -> Change | None:
    """The change an event tells of; None when it concerns neither leads, contacts, opportunities nor e-mail.

    An unsubscription is known by its address's hash; that somebody subscribes again changes nothing. Events of a merge
    name both leads in ``meta``: what happens to the source's records is not a deletion by somebody.
    """
    if event.object_type not in _RECORDS or event.action not in get_args(ChangeKind):
        return None
    at = event.date_updated or event.date_created
    name = _unsubscribed(event) if event.object_type == "unsubscribed_email" else event.object_id
    if at is None or name is None:
        return None
    kind: ChangeKind = event.action  # type: ignore[assignment] # one of them, as checked above
    return Change(
        event_id=event.id,
        digest=_digest(event),
        at=at,
        kind=kind,
        record=_RECORDS[event.object_type],
        external_id=name,
        parent_id=event.lead_id,
        merged_from=event.meta.get("merge_source_lead_id"),
        merged_into=event.meta.get("merge_destination_lead_id"),
    )


def _unsubscribed(event: Event) -> str | None:
    """The hash of the address; None: it is one that gets messages again, or is not told."""
    held = (event.data or {}).get("email") if event.action == "created" else None
    address = email_address.normalised(held) if isinstance(held, str) else None
    return email_address.hashed(address).hex() if address is not None else None


class Reading:
    """Gathers the changes of one reading of the event log, page by page; the objects in the events are let go."""

    def __init__(self, start: datetime, reached: datetime) -> None:
        self._start = start
        self._reached = reached
        self._changes: dict[tuple[str, datetime], Change] = {}

    def take(self, events: Iterable[Event]) -> None:
        for event in events:
            self._reached = max(self._reached, event.date_updated or self._reached)
            entry = change(event)
            if entry is not None and entry.at >= self._start:
                self._changes[entry.event_id, entry.at] = entry

    def page(self) -> ChangePage:
        """Oldest first; the next reading goes on at the latest time seen."""
        ordered = sorted(self._changes.values(), key=lambda entry: (entry.at, entry.event_id))
        return ChangePage(tuple(ordered), self._reached.isoformat())
