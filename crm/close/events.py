"""``GET /event/``: the event log, newest first, kept for 30 days.

Close consolidates: further actions on an object within a short time change an event that is already there and move its
``date_updated`` forward. So one event may come several times, each with more in it, and each reading starts a little
before the end of the last (``OVERLAP``). A reading's end may be kept only after its last page: pages go back in time.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from crm import http
from crm.close.records import Event, read
from crm.http import Request, Response

GROUP = "event:read"
PAGE_SIZE = 50
"""Close gives out no more."""
RETENTION = timedelta(days=30)
OVERLAP = timedelta(minutes=5)


class EventAnswer(Struct, frozen=True):
    """``cursor_next`` leads to older events; None: there are none."""

    data: list[msgspec.Raw]
    cursor_next: str | None = None


Wanted = dict[str, object]
"""Which events: Close's filters, or the cursor of a page before."""


def request(wanted: Wanted, rows: int) -> Request:
    """The newest ``rows`` of them."""
    return http.get("/event/", GROUP, wanted | {"_limit": rows})


def sizes() -> tuple[int, ...]:
    """Rows of a page, in turn, when it cannot be had as a whole: an event holds its object twice, however large that
    is."""
    return tuple(size for size in (PAGE_SIZE, PAGE_SIZE // 5, 1) if size)


def since(moment: datetime) -> Wanted:
    """What happened at ``moment`` or later."""
    return {"date_updated__gte": moment.isoformat()}


def older(cursor: str) -> Wanted:
    """The page before. With a cursor Close takes no time filter: ``is_past`` says where to stop."""
    return {"_cursor": cursor}


def older_created(object_type: str, cursor: str) -> Wanted:
    """The page before, of creations."""
    return {"object_type": object_type, "action": "created", "_cursor": cursor}


def created_since(object_type: str, moment: datetime) -> Wanted:
    """Creations, for finding out whether one of ours was applied."""
    return {"object_type": object_type, "action": "created", "date_updated__gte": moment.isoformat()}


def end_of(object_id: str) -> Wanted:
    """How one object came to be no more: alone, since of the events of one moment any may come first."""
    return {"object_id": object_id, "action": "deleted"}


def events(response: Response) -> tuple[tuple[Event, ...], str | None]:
    """A page's events, newest first, and the cursor to older ones. Raises msgspec.DecodeError."""
    answer = msgspec.json.decode(response.body, type=EventAnswer)
    return tuple(event(raw) for raw in answer.data), answer.cursor_next


_NAMES = ("id", "object_type", "object_id", "action", "lead_id", "date_created", "date_updated")


def event(raw: bytes | msgspec.Raw) -> Event:
    """One event; of one with parts in another form than documented, what it is and which record it concerns: that is
    read anyway. Raises msgspec.DecodeError."""
    told = msgspec.json.decode(raw, type=dict[str, object])
    try:
        return read(Event, told)
    except msgspec.ValidationError:
        return read(Event, {name: told[name] for name in _NAMES if name in told})


def is_past(page: tuple[Event, ...], moment: datetime) -> bool:
    """Whether a whole page lies before ``moment``, so that older ones do too."""
    return all(entry.date_updated is not None and entry.date_updated < moment for entry in page)
