"""The report of calls, and the list with whom they were for."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from api_server import ApiServer, error_of
from msgspec.structs import replace

from agent_server.api.call_report import HourOfCalls, summed
from storage.calls.figures import CountedCalls, runs_of_hours
from storage.calls.outbound import CallStatus, OutboundCall, OutboundCalls, insert_call
from storage.postgres.database import Database
from storage.postgres.named_query import Query

LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
FORGET = Query("forget", "DELETE FROM outbound_calls")


async def a_call(database: Database, number: int, status: CallStatus, at: datetime, **about: Any) -> None:
    call = OutboundCall(
        id=f"call_{number}",
        number=f"+1415555{number:04}",
        conversation_id=f"conv_{number}",
        status=status,
        created_at=at,
        ended_at=at,
        updated_at=at,
        **about,
    )
    async with database.transaction() as transaction:
        await insert_call(transaction, call)


async def report(api: ApiServer, **query: str) -> Any:
    async with api.operator.get("/api/reports/calls", params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_calls_are_counted_in_the_hour_of_the_zone_asked_for(api: ApiServer) -> None:
    database = api.services.database
    await a_call(database, 1, "completed", LATE)
    await a_call(database, 2, "busy", LATE)
    await a_call(database, 3, "refused", LATE, code="no_consent", message="Nobody agreed.")
    found = await report(api, first="2026-03-02", last="2026-03-02", time_zone="Europe/Berlin")
    assert (found["calls"], found["time_zone"]) == (3, "Europe/Berlin")
    assert [(one["hour"], one["outcome"]) for one in found["hours"]] == [
        (0, "answered"),
        (0, "refused"),
        (0, "unanswered"),
    ]
    assert found["codes"] == [{"code": "no_consent", "calls": 1}]
    assert (await report(api, first="2026-03-02", last="2026-03-02"))["calls"] == 0
    assert {one["hour"] for one in (await report(api, first="2026-03-01", last="2026-03-01"))["hours"]} == {23}
    for wrong in ("Mars/Base", "../etc", "/etc"):
        async with api.operator.get("/api/reports/calls", params={"time_zone": wrong}) as answer:
            assert (answer.status, (await error_of(answer))["param"]) == (422, "time_zone")
    for zone in ("Asia/Tokyo", "America/New_York"):  # where the first day of all begins before it, and after
        beginning = {"first": "0001-01-01", "last": "0001-01-02", "time_zone": zone}
        async with api.operator.get("/api/reports/calls", params=beginning) as answer:
            assert (answer.status, (await error_of(answer))["param"]) == (400, "first")
        assert (await report(api, **(beginning | {"first": "0001-01-02"})))["calls"] == 0


async def test_each_call_counts_once_however_it_goes_on(api: ApiServer) -> None:
    calls = OutboundCalls(api.services.database)
    await a_call(api.services.database, 1, "queued", LATE)
    await a_call(api.services.database, 2, "queued", LATE)
    day = {"first": "2026-03-01", "last": "2026-03-01"}

    async def outcomes() -> dict[str, int]:
        return {one["outcome"]: one["calls"] for one in (await report(api, **day))["outcomes"]}

    async def becomes(status: CallStatus, code: str | None = None) -> None:
        await calls.change("call_1", lambda call: replace(call, status=status, code=code))

    for status in ("dialling", "ringing"):
        await becomes(status)
        assert await outcomes() == {"under_way": 2}
    await becomes("in_progress")
    assert await outcomes() == {"under_way": 1, "answered": 1}
    for code in ("carrier_refused", "lines_busy", "lines_busy"):
        await becomes("failed", code)
        assert await outcomes() == {"under_way": 1, "failed": 1}
        assert (await report(api, **day))["codes"] == [{"code": code, "calls": 1}]
    await becomes("completed")  # found out later
    assert await outcomes() == {"under_way": 1, "answered": 1}
    assert (await report(api, **day))["codes"] == []
    await api.services.database.execute(FORGET)
    assert await outcomes() == {}


async def test_zones_whose_hours_begin_in_between_have_their_own(api: ApiServer) -> None:
    for number, minute in enumerate((0, 14, 15, 29, 30, 44, 45, 59)):
        await a_call(api.services.database, number, "completed", LATE.replace(hour=12, minute=minute))
    for zone, expected in (
        ("UTC", [(12, 8)]),
        ("Asia/Kolkata", [(17, 4), (18, 4)]),
        ("Asia/Kathmandu", [(17, 2), (18, 6)]),
    ):
        found = await report(api, first="2026-03-01", last="2026-03-01", time_zone=zone)
        assert [(one["hour"], one["calls"]) for one in found["hours"]] == expected, zone


def test_a_range_is_as_few_runs_as_the_zone_has_offsets() -> None:
    def runs(zone: str, first: date, last: date) -> list[tuple[int, int, int]]:
        found = ZoneInfo(zone)
        since = datetime.combine(first, time.min, found)
        until = datetime.combine(last, time.min, found)
        whole = runs_of_hours(since, until, found)
        quarters = sum((run.until - run.since) * len(run.quarters) for run in whole)
        assert quarters * 900 == until.timestamp() - since.timestamp()
        assert all(one.until == other.since for one, other in pairwise(whole))
        return [(run.until - run.since, run.ahead_minutes, len(run.quarters)) for run in whole]

    assert runs("UTC", date(2026, 1, 1), date(2026, 3, 1)) == [(59 * 24, 0, 4)]
    # The clocks go forward at 1:00 UTC on 29 March.
    assert runs("Europe/Berlin", date(2026, 3, 28), date(2026, 3, 31)) == [(26, 60, 4), (45, 120, 4)]
    assert runs("Asia/Kolkata", date(2026, 1, 1), date(2026, 1, 2)) == [(1, 330, 2), (23, 330, 4), (1, 330, 2)]


async def test_a_listed_call_says_whom_it_was_for(api: ApiServer) -> None:
    async with api.operator.post("/api/leads", json={"company_name": "Acme", "contact_name": "Ann Lee"}) as answer:
        lead_id = (await answer.json())["id"]
    await a_call(api.services.database, 1, "completed", LATE, lead_id=UUID(lead_id))
    await a_call(api.services.database, 2, "completed", LATE)
    async with api.operator.get("/api/calls") as answer:
        listed = (await answer.json())["items"]
    assert [(one["id"], one["contact_name"], one["company_name"]) for one in listed] == [
        ("call_2", None, None),
        ("call_1", "Ann Lee", "Acme"),
    ]


def test_statuses_that_say_the_same_are_one_outcome() -> None:
    counted = [
        CountedCalls(hour=9, status="busy", code=None, calls=2),
        CountedCalls(hour=9, status="no_answer", code=None, calls=3),
        CountedCalls(hour=9, status="completed", code=None, calls=1),
    ]
    found = summed(date(2026, 3, 1), date(2026, 3, 1), "UTC", counted)
    assert found.calls == 6
    assert found.hours == (
        HourOfCalls(hour=9, outcome="answered", calls=1),
        HourOfCalls(hour=9, outcome="unanswered", calls=5),
    )
