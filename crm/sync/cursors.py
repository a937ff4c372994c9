"""Where a sync goes on from. Pure.

The rules, for any provider:

* A cursor is saved in the transaction that takes in what lies before it, so nothing is skipped; whatever lies after may
  come again, and taking something in twice changes nothing.
* With a change feed the cursor is the feed's own. It is set *before* a full listing begins: what changes while the
  listing runs is in the feed.
* Without one, what changed is listed from the latest time seen, less an overlap: records become visible late, and
  several share one time. Those at the edge come again and are told apart by id and time (``Edge``).
* How a listing gets past the most records a search gives out is the provider's: ``crm.close.search`` cuts it by date.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from crm.contact import Change, RemoteContact
from storage.crm.inbox import EventName, RecordKind
from storage.crm.sync_state import SyncState

OVERLAP = timedelta(minutes=5)
FEED_PATIENCE = timedelta(days=25)
"""A feed that was not read for longer may be about to lose what we have not seen: list everything instead."""


class Edge(Struct, frozen=True):
    """The latest time seen."""

    at: datetime | None = None

    def since(self) -> datetime | None:
        """Where the next listing begins; None: at the beginning."""
        return self.at - OVERLAP if self.at is not None else None

    def after(self, contacts: Iterable[RemoteContact]) -> "Edge":
        times = [contact.updated_at for contact in contacts if contact.updated_at is not None]
        return Edge(max([*times, *([self.at] if self.at else [])], default=None))


def goes_on(state: SyncState, asked_at: datetime | None) -> bool:
    """Whether a walk that was cut off is to be gone on with: not one from before somebody asked for one."""
    began_at = state.listing_started_at if state.listing_id is not None else None
    return began_at is not None and (asked_at is None or began_at >= asked_at)


def to_read(changes: Iterable[Change]) -> set[tuple[RecordKind, str]]:
    """The records a batch of changes concerns, each once: whole parents where they are named."""
    wanted: set[tuple[RecordKind, str]] = set()
    for change in changes:
        if change.record == "mail":
            wanted |= {("mail", parent) for parent in (change.parent_id,) if parent}
            continue
        if change.record == "unsubscription":
            wanted.add(("unsubscription", change.external_id))
            continue
        parents = {change.parent_id, change.merged_from, change.merged_into}
        if change.record == "parent":
            parents.add(change.external_id)
        wanted |= {("parent", parent) for parent in parents if parent}
        if change.record == "contact" and (change.kind == "deleted" or change.parent_id is None):
            wanted.add(("contact", change.external_id))
    return wanted


def name_of(change: Change) -> EventName:
    """By which what was taken in before is known."""
    return f"{change.event_id}.{change.digest}", change.at


def aliases(changes: Iterable[Change]) -> dict[str, str]:
    """Which parents took over which."""
    return {
        change.merged_from: change.merged_into
        for change in changes
        if change.merged_from and change.merged_into and change.merged_from != change.merged_into
    }
