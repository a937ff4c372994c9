"""The report of calls: when they were asked for, and what became of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.reports import days_of
from agent_server.web.errors import Problem
from storage.calls.figures import CallOutcome, CountedCalls, calls_by_hour

call_report = Resource("reports", "What was done, and what it cost.")

MAX_DAYS = 92


class CallReportQuery(Struct, frozen=True):
    """Days of `time_zone` (IANA, such as `Europe/Berlin`), both included; without them the last thirty."""

    first: date | None = None
    last: date | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] = "UTC"


class HourOfCalls(Struct, frozen=True, kw_only=True):
    """`hour`: 0 to 23."""

    hour: int
    outcome: CallOutcome
    calls: int


class CountedOutcome(Struct, frozen=True, kw_only=True):
    outcome: CallOutcome
    calls: int


class CountedCode(Struct, frozen=True, kw_only=True):
    code: str
    calls: int


class CallReport(Struct, frozen=True, kw_only=True):
    """`outcomes`: the most frequent first. `hours`: of the day in which calls were asked for, those without calls left
    out. `codes`: why calls were refused or failed, the most frequent first."""

    first: date
    last: date
    time_zone: str
    calls: int
    outcomes: tuple[CountedOutcome, ...]
    hours: tuple[HourOfCalls, ...]
    codes: tuple[CountedCode, ...]


@call_report.get("/api/reports/calls", scope="read", summary="Calls by hour of the day and outcome", errors=(422,))
async def report_calls(call: Call, query: CallReportQuery) -> CallReport:
    """Of calls that the agent makes, the refused ones too."""
    zone = zone_asked(query.time_zone)
    first, last = days_of(query.first, query.last, call.services.utc_now().astimezone(zone).date(), most=MAX_DAYS)
    counted = await calls_by_hour(call.services.database, first, last, zone.key)
    return summed(first, last, zone.key, counted)


def summed(first: date, last: date, time_zone: str, counted: Sequence[CountedCalls]) -> CallReport:
    outcomes: Counter[CallOutcome] = Counter()
    hours: Counter[tuple[int, CallOutcome]] = Counter()
    codes: Counter[str] = Counter()
    for one in counted:
        outcomes[one.outcome] += one.calls
        hours[one.hour, one.outcome] += one.calls
        if one.code is not None:
            codes[one.code] += one.calls
    return CallReport(
        first=first,
        last=last,
        time_zone=time_zone,
        calls=outcomes.total(),
        outcomes=tuple(CountedOutcome(outcome=outcome, calls=calls) for outcome, calls in outcomes.most_common()),
        hours=tuple(
            HourOfCalls(hour=hour, outcome=outcome, calls=calls) for (hour, outcome), calls in sorted(hours.items())
        ),
        codes=tuple(CountedCode(code=code, calls=calls) for code, calls in codes.most_common()),
    )


def zone_asked(name: str) -> ZoneInfo:
    """Raises Problem ``invalid_value``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = "This is no time zone; write it like Europe/Berlin."
        raise Problem(422, "invalid_value", message, param="time_zone") from None
