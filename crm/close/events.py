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


def since(moment: datetime) -> Request:
    """The newest page of what happened at ``moment`` or later."""
    return http.get("/event/", GROUP, {"date_updated__gte": moment.isoformat(), "_limit": PAGE_SIZE})


def older(cursor: str) -> Request:
    """The page before. With a cursor Close takes no time filter: ``is_past`` says where to stop."""
    return http.get("/event/", GROUP, {"_cursor": cursor, "_limit": PAGE_SIZE})


def older_created(object_type: str, cursor: str) -> Request:
    """The page before, of creations."""
    query = {"object_type": object_type, "action": "created", "_cursor": cursor, "_limit": PAGE_SIZE}
    return http.get("/event/", GROUP, query)


def created_since(object_type: str, moment: datetime) -> Request:
    """The newest creations, for finding out whether one of ours was applied."""
    query = {"object_type": object_type, "action": "created", "date_updated__gte": moment.isoformat()}
    return http.get("/event/", GROUP, query | {"_limit": PAGE_SIZE})


def of_object(object_type: str, object_id: str) -> Request:
    """The newest page of what happened to one object."""
    query = {"object_type": object_type, "object_id": object_id, "_limit": PAGE_SIZE}
    return http.get("/event/", GROUP, query)


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
