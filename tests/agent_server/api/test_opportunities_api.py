"""Deals over REST: made here, carried out at Close, shown as they stand there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from close_server import CloseServer, serving_close
from eventually import eventually


@pytest.fixture
async def close() -> AsyncIterator[CloseServer]:
    async with serving_close() as running:
        yield running


@pytest.fixture
async def synced(start_api: StartApi, close: CloseServer) -> ApiServer:
    return await start_api(**close.settings)


async def call(api: ApiServer, method: str, path: str, **body: Any) -> tuple[int, Any]:
    async with api.operator.request(method, path, json=body or None) as response:
        return response.status, await response.json()


async def test_a_deal_is_made_at_close_and_changed(synced: ApiServer, close: CloseServer) -> None:
    _, contact = await call(synced, "POST", "/api/contacts", email="ada@example.com", first_name="Ada")
    wanted = {"contact_id": contact["id"], "value_cents": 120_000, "value_currency": "EUR", "note": "20 seats"}
    status, made = await call(synced, "POST", "/api/opportunities", **wanted)
    assert (status, made["external_id"], made["value_cents"]) == (201, None, 120_000)
    deals = close.close.store.opportunities
    await eventually(lambda: len(deals) == 1, timeout_s=60)
    status, _ = await call(synced, "PATCH", f"/api/opportunities/{made['id']}", status="Won")
    assert status == 202
    await eventually(lambda: [deal["status_type"] for deal in deals.values()] == ["won"], timeout_s=60)
    _, listed = await call(synced, "GET", f"/api/opportunities?contact_id={contact['id']}")
    assert [entry["id"] for entry in listed["items"]] == [made["id"]]


async def test_what_makes_no_sense_is_refused(synced: ApiServer) -> None:
    status, body = await call(synced, "POST", "/api/opportunities", contact_id="contact_none")
    assert (status, body["error"]["code"]) == (404, "contact_not_found")
    status, _ = await call(synced, "POST", "/api/opportunities", contact_id="contact_none", value_cents=-1)
    assert status in (400, 422)
    status, body = await call(synced, "GET", "/api/opportunities/deal_none")
    assert (status, body["error"]["code"]) == (404, "opportunity_not_found")
    status, body = await call(synced, "PATCH", "/api/opportunities/deal_none", note="x")
    assert status == 404
