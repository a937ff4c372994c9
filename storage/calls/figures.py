"""What became of the calls that were asked for, by the hour they were asked for: from migration 0016_call_sums."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from storage.calls.outbound import CallStatus
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

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
    zone = ZoneInfo(time_zone)
    since = datetime.combine(first, time.min, zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)
    runs = runs_of_hours(since, until, zone)
    async with database.snapshot() as snapshot:
        over = await snapshot.fetch_all(
            _SQL["call_sums"], since=[run.since for run in runs], until=[run.until for run in runs]
        )
        open_ = await snapshot.fetch_all(_SQL["calls_under_way"], since=since, until=until, time_zone=time_zone)
    counted: Counter[tuple[int, CallStatus, str | None]] = Counter()
    for row in over:
        run = runs[row["run"] - 1]
        for quarter in run.quarters:
            hour = (row["hour"] * 60 + quarter * 15 + run.ahead_minutes) // 60 % 24
            counted[hour, row["status"], row["code"]] += row[f"quarter_{quarter + 1}"]
    for row in open_:
        counted[row["hour"], row["status"], row["code"]] += row["calls"]
    found = sorted(counted.items(), key=lambda one: (one[0][0], one[0][1], one[0][2] or ""))
    return tuple(
        CountedCalls(hour=hour, status=status, code=code, calls=calls) for (hour, status, code), calls in found if calls
    )


class RunOfHours(Struct, frozen=True):
    """Hours of UTC since 1970, without the last, in which a zone is so far ahead. ``quarters``: those that count."""

    since: int
    until: int
    ahead_minutes: int
    quarters: tuple[int, ...] = (0, 1, 2, 3)


def runs_of_hours(since: datetime, until: datetime, zone: ZoneInfo) -> list[RunOfHours]:
    """The time between as few runs. Where a day begins within an hour of UTC, that hour has a run of its own."""
    first, beyond = _quarters(since), _quarters(until)
    runs: list[RunOfHours] = []
    hour, last = first // 4, -(-beyond // 4)
    while hour < last:
        ahead = _ahead_minutes(hour, zone)
        quarters = tuple(quarter for quarter in range(4) if first <= hour * 4 + quarter < beyond)
        end = hour + 1
        if len(quarters) == 4:
            # Zones change a few times a year at most: by days, and within the day of a change by hours.
            for step in (24, 1):
                while (end + step) * 4 <= beyond and _ahead_minutes(end + step - 1, zone) == ahead:
                    end += step
        runs.append(RunOfHours(hour, end, ahead, quarters))
        hour = end
    return runs


def _quarters(at: datetime) -> int:
    return int(at.timestamp()) // 900


def _ahead_minutes(hour: int, zone: ZoneInfo) -> int:
    ahead = datetime.fromtimestamp(hour * 3600, zone).utcoffset()
    assert ahead is not None, "a zone knows its offset"
    return int(ahead.total_seconds()) // 60
