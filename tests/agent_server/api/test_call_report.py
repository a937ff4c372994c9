"""The report of calls, and the list with whom they were for."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from api_server import ApiServer, error_of

from agent_server.api.call_report import HourOfCalls, summed
from storage.call_figures import CountedCalls
from storage.database import Database
from storage.outbound_calls import CallStatus, OutboundCall, insert_call

LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


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
