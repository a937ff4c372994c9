"""Meetings over REST: free times, booking, the invitation's file, cancelling, and refusals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_server import ApiServer, StartApi, error_of
from icalendar import Calendar


@pytest.fixture
async def office(start_api: StartApi) -> ApiServer:
    return await start_api(
        CALENDAR_TIME_ZONE="Europe/Berlin", CALENDAR_HOURS="mon-sun 00:00-24:00", SYNC_WORKER="false",
        COMPANY_NAME="Northwind",
    )  # fmt: skip


async def get(api: ApiServer, path: str, **query: str) -> Any:
    async with api.operator.get(path, params=query) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_meeting_from_a_free_time_to_its_end(office: ApiServer) -> None:
    free = await get(office, "/api/bookings/free", limit="3")
    assert free["time_zone"] == "Europe/Berlin"
    start = free["items"][0]["start"]
    for beginning, found in (("0001-01-01T00:00:00+14:00", free["items"]), ("9999-12-31T23:59:59Z", [])):
        assert (await get(office, "/api/bookings/free", limit="3", **{"from": beginning}))["items"] == found
    body = {"start": start, "email": "jane@acme.com", "name": "Jane", "idempotency_key": "order-0001"}
    for _ in range(2):
        async with office.operator.post("/api/bookings", json=body) as response:
            assert response.status == 201, await response.text()
            booked = await response.json()
    assert (booked["status"], booked["start"], booked["lead_id"] is not None) == ("booked", start, True)
    assert start not in [slot["start"] for slot in (await get(office, "/api/bookings/free"))["items"]]
    assert [row["id"] for row in (await get(office, "/api/bookings"))["items"]] == [booked["id"]]
    async with office.operator.get(f"/api/bookings/{booked['id']}/invitation.ics") as response:
        assert response.content_type == "text/calendar"
        event = Calendar.from_ical(await response.read())
        assert response.headers["Content-Type"].endswith(f"; method={event['METHOD']}")
    assert str(event.walk("VEVENT")[0]["UID"]) == booked["uid"]
    async with office.operator.post(f"/api/bookings/{booked['id']}/cancel") as response:
        assert (await response.json())["status"] == "cancelled"
    assert start in [slot["start"] for slot in (await get(office, "/api/bookings/free"))["items"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"start": "2020-01-01T10:00:00Z"}, 422, "slot_in_the_past"),
        ({"start": "0001-01-01T00:00:00+14:00"}, 422, "slot_in_the_past"),
        ({"start": "9999-12-31T23:59:00Z", "if_booked": "move"}, 422, "outside_working_hours"),
        ({"start": "2030-01-01T10:00:00"}, 422, "invalid_value"),
        ({"start": "soon"}, 400, "invalid_value"),
        ({"start": "2030-01-01T10:00:00Z", "email": "ann@acme.com."}, 400, "invalid_value"),
        ({}, 400, "missing_required_parameter"),
    ],
)
async def test_refusals(office: ApiServer, body: dict[str, Any], status: int, code: str) -> None:
    async with office.operator.post("/api/bookings", json=body) as response:
        assert response.status == status
        assert (await error_of(response))["code"] == code


async def test_a_time_is_given_once_and_what_is_unknown_is_said(office: ApiServer) -> None:
    start = (datetime.now(UTC) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0).isoformat()
    statuses = []
    for _ in range(2):
        async with office.operator.post("/api/bookings", json={"start": start}) as response:
            statuses.append(response.status)
    assert statuses == [201, 409]
    for path in ("", "/invitation.ics"):
        async with office.operator.get(f"/api/bookings/bkg_none{path}") as response:
            assert (await error_of(response))["code"] == "unknown_booking"
