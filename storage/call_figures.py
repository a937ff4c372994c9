"""What became of the calls that were asked for, by the hour they were asked for."""

from datetime import date
from typing import Final, Literal

from msgspec import Struct

from storage.database import Database
from storage.named_query import load_queries
from storage.outbound_calls import CallStatus

CallOutcome = Literal["under_way", "answered", "voicemail", "unanswered", "failed", "refused"]

OUTCOMES: Final[dict[CallStatus, CallOutcome]] = {
    "queued": "under_way",
    "dialling": "under_way",
    "ringing": "under_way",
    "in_progress": "answered",
    "completed": "answered",
    "voicemail": "voicemail",
    "busy": "unanswered",
    "no_answer": "unanswered",
    "canceled": "unanswered",
    "unknown": "failed",
    "failed": "failed",
    "refused": "refused",
}

_SQL = load_queries("storage.queries", "call_figures.sql")


class CountedCalls(Struct, frozen=True, kw_only=True):
    """``hour``: 0 to 23, of the time zone asked for. ``code``: why they were refused or failed."""

    hour: int
    status: CallStatus
    code: str | None
    calls: int

    @property
    def outcome(self) -> CallOutcome:
        return OUTCOMES[self.status]


async def calls_by_hour(database: Database, first: date, last: date, time_zone: str) -> tuple[CountedCalls, ...]:
    """Of those days, both included, in that zone; the hours of the day in order. Raises StorageError."""
    rows = await database.fetch_all(_SQL["calls_by_hour"], first=first, last=last, time_zone=time_zone)
    return tuple(CountedCalls(**row) for row in rows)
