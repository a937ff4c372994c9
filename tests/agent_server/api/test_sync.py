"""Syncs are started, followed and looked back on over REST, with the worker inside the server doing the work."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from api_server import ApiServer, StartApi, error_of
from close_server import SIGNATURE_KEY, CloseServer, serving_close
from eventually import eventually

from crm.close import search
from crm.close.webhooks import signature


@pytest.fixture
async def close() -> AsyncIterator[CloseServer]:
    async with serving_close() as running:
        yield running


@pytest.fixture
async def synced(start_api: StartApi, close: CloseServer) -> ApiServer:
    """A server that is connected with Close."""
    return await start_api(**close.settings)


async def get(api: ApiServer, path: str, **params: str) -> Any:
    async with api.operator.get(path, params=params) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def trigger(api: ApiServer, **body: Any) -> dict[str, Any]:
    async with api.operator.post("/api/sync/trigger", json={"platform": "close", **body}) as response:
        assert response.status == 202, await response.text()
        return await response.json()


async def finished(api: ApiServer, run_id: str) -> dict[str, Any]:
    async with api.operator.get(f"/api/sync/runs/{run_id}/events") as stream:
        await stream.text()  # ends with the run
    return await get(api, f"/api/sync/runs/{run_id}")


async def test_a_sync_from_its_start_to_its_figures(synced: ApiServer, close: CloseServer) -> None:
    for number in range(3):
        close.make(f"Ada Number{number}", f"ada{number}@example.com", "Acme")
    started = await trigger(synced)
    async with synced.operator.post("/api/sync/trigger", json={"platform": "close"}) as response:
        assert response.status in (409, 202)  # the first may be through already
        if response.status == 202:
            await finished(synced, (await response.json())["id"])
    async with synced.operator.get(f"/api/sync/runs/{started['id']}/events") as stream:
        assert stream.content_type == "text/event-stream"
        events = (await stream.text()).strip().split("\n\n")
    last = events[-1].split("\n")
    assert last[0] == "event: done"
    run = json.loads(last[1].removeprefix("data: "))
    assert (run["status"], run["contacts_created"], run["contacts_failed"]) == ("completed", 3, 0)
    status = await get(synced, "/api/sync/status/close")
    assert status["connected"] is True
    assert status["last_sync_at"]
    assert status["duration_seconds"] >= 0
    assert status["errors"] == []
    assert {entry["platform"] for entry in (await get(synced, "/api/sync/status"))["platforms"]} == {
        "close",
        "apollo",
        "linkedin",
    }
    history = await get(synced, "/api/sync/history", platform="close", status="completed", page="1")
    assert started["id"] in [entry["id"] for entry in history["items"]]
    metrics = await get(synced, "/api/sync/metrics", platform="close", days="1")
    assert metrics["success_rate_percent"] == 100.0
    assert metrics["contacts_created"] == 3
    health = await get(synced, "/api/sync/health")
    assert (health["configured_platforms"], health["health_status"]) == (["close"], "healthy")
    contacts = (await get(synced, "/api/contacts", platform="close"))["items"]
    assert {entry["email"] for entry in contacts} == close.emails()
    sought = contacts[0]["email"]
    assert [entry["email"] for entry in (await get(synced, "/api/contacts", search=sought))["items"]] == [sought]


async def test_progress_is_told_while_a_sync_runs(
    synced: ApiServer, close: CloseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 20)
    for number in range(50):
        close.make(f"Ada Number{number}", f"ada{number}@example.com", "Acme")
    close.faults("close:stall,nth=8,duration_ms=1500")  # within the listing, which has three pages
    started = await trigger(synced)
    async with synced.operator.get(f"/api/sync/runs/{started['id']}/events") as stream:
        events = [entry.split("\n") for entry in (await stream.text()).strip().split("\n\n")]
    told = [json.loads(data.removeprefix("data: ")) for name, data in events if name == "event: progress"]
    part = [run for run in told if 0 < run["contacts_processed"] < 50]
    assert part, told
    assert {(run["phase"], run["total"]) for run in part} == {("listing", 50)}
    assert events[-1][0] == "event: done"
    assert json.loads(events[-1][1].removeprefix("data: "))["contacts_created"] == 50


async def test_one_sync_of_a_platform_at_a_time(start_api: StartApi, close: CloseServer) -> None:
    api = await start_api(**close.settings, SYNC_WORKER="false")  # so that the first stays in the queue
    await trigger(api)
    async with api.operator.post("/api/sync/trigger", json={"platform": "close"}) as response:
        assert response.status == 409
        assert (await error_of(response))["code"] == "sync_already_running"
    async with api.operator.post("/api/sync/trigger", json={"platform": "apollo"}) as response:
        assert response.status == 422
        assert (await error_of(response))["code"] == "platform_not_connected"


async def test_contacts_go_to_close_as_they_change(synced: ApiServer, close: CloseServer) -> None:
    new = {"email": "New@Example.com", "first_name": "New", "last_name": "Person", "company": "Acme"}
    async with synced.operator.post("/api/contacts", json=new) as response:
        assert response.status == 201
        contact = await response.json()
    assert contact["email"] == "new@example.com"
    await eventually(lambda: close.emails() == {"new@example.com"})
    async with synced.operator.patch(f"/api/contacts/{contact['id']}", json={"email": "newer@example.com"}) as response:
        assert response.status == 200
    await eventually(lambda: close.emails() == {"newer@example.com", "new@example.com"})  # Close keeps several
    async with synced.operator.delete(f"/api/contacts/{contact['id']}") as response:
        assert response.status == 204
    await eventually(lambda: not close.close.store.contacts)
    assert (await get(synced, "/api/contacts"))["items"] == []
    assert (await get(synced, f"/api/contacts/{contact['id']}"))["deleted_at"]
    async with synced.operator.delete(f"/api/contacts/{contact['id']}") as response:
        assert (response.status, (await error_of(response))["code"]) == (404, "contact_not_found")


async def test_people_have_several_addresses_and_numbers(synced: ApiServer, close: CloseServer) -> None:
    emails = [{"email": "Ada@example.com"}, {"email": "ada@home.example", "type": "home"}]
    phones = [{"phone": "+14155550132", "type": "mobile"}, {"phone": "+1 415 555 0133"}]
    async with synced.operator.post("/api/contacts", json={"emails": emails, "phones": phones}) as response:
        assert response.status == 201, await response.text()
        contact = await response.json()
    assert (contact["email"], contact["phone"]) == ("ada@example.com", "+14155550132")
    assert [each["email"] for each in contact["emails"]] == ["ada@example.com", "ada@home.example"]
    assert contact["emails"][1]["type"] == "home"
    assert [each["phone"] for each in contact["phones"]] == ["+14155550132", "+14155550133"]
    await eventually(lambda: close.emails() == {"ada@example.com", "ada@home.example"})
    for sought in ({"email": "ADA@home.example"}, {"search": "ada@home.example"}, {"search": "555 0133"}):
        assert [entry["id"] for entry in (await get(synced, "/api/contacts", **sought))["items"]] == [contact["id"]]
    changes = {"emails": [emails[1], {"email": "third@example.com"}]}
    async with synced.operator.patch(f"/api/contacts/{contact['id']}", json=changes) as response:
        assert response.status == 200, await response.text()
        assert (await response.json())["email"] == "ada@home.example"
    await eventually(lambda: close.emails() == {"ada@home.example", "third@example.com"})
    async with synced.operator.patch(
        f"/api/contacts/{contact['id']}", json={"phones": [{"phone": "ask"}] * 2}
    ) as response:
        assert (response.status, (await error_of(response))["param"]) == (400, "phones")


async def test_a_webhook_is_taken_in_behind_its_answer(synced: ApiServer, close: CloseServer) -> None:
    close.make("Ada Byron", "ada@example.com")
    event = close.close.store.log.entries[-1]
    body = msgspec.json.encode({"subscription_id": "whsub_1", "event": event})
    stamp = str(int(time.time()))
    headers = {"close-sig-timestamp": stamp, "close-sig-hash": signature(SIGNATURE_KEY, stamp, body)}
    for _ in range(2):  # a repeated delivery is answered alike
        async with synced.client.post("/webhooks/close", data=body, headers=headers) as response:
            assert response.status == 204
    contacts: list[Any] = []
    for _ in range(200):
        if contacts := (await get(synced, "/api/contacts"))["items"]:
            break
        await asyncio.sleep(0.1)
    assert [entry["email"] for entry in contacts] == ["ada@example.com"]


async def test_a_wrong_key_fails_with_its_code_and_names_no_secret(
    start_api: StartApi, close: CloseServer, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_api(**{**close.settings, "CLOSE_API_KEY": "wrong-key-of-close"})
    run = await finished(api, (await trigger(api))["id"])
    assert run["status"] == "failed"
    assert [entry["code"] for entry in run["errors"]] == ["credentials_refused"]
    health = await get(api, "/api/sync/health")
    assert health["health_status"] == "unhealthy"
    assert "wrong-key-of-close" not in caplog.text
    async with api.client.get("/api/live") as response:
        assert response.status == 200


async def test_what_waits_is_among_the_figures(start_api: StartApi, close: CloseServer) -> None:
    api = await start_api(**close.settings, SYNC_WORKER="false")
    async with api.operator.post("/api/contacts", json={"email": "new@example.com"}) as response:
        assert response.status == 201
    async with api.client.get("/metrics") as response:
        figures = await response.text()
    assert 'sales_agent_sync_waiting{direction="out",platform="close"} 1.0' in figures
    assert 'sales_agent_sync_dead_letters{platform="close"} 0.0' in figures
    assert "sales_agent_sync_workers 0.0" in figures


async def test_requests_to_the_crm_are_among_the_figures(synced: ApiServer, close: CloseServer) -> None:
    await finished(synced, (await trigger(synced))["id"])
    async with synced.client.get("/metrics") as response:
        figures = await response.text()
    assert 'sales_agent_crm_requests_total{code="ok",group="search",platform="close"}' in figures
    assert 'sales_agent_crm_request_seconds_count{platform="close"}' in figures
