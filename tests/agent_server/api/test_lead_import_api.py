"""Uploading leads: as a body, as a form, and with events as they happen."""

import asyncio
import json

import aiohttp
import pytest
from api_server import error_of

from agent_server.lead_import import arrival
from agent_server.web.errors import Problem

CSV = b"email,company\na@a.com,Acme\nnot an address,Beta\n"


async def imported(api, data=CSV, *, status=200, headers=None, **query):
    headers = headers if headers is not None else {"Content-Type": "text/csv"}
    async with api.operator.post("/api/leads/import", data=data, params=query, headers=headers) as response:
        assert response.status == status, await response.text()
        return await response.json() if status == 200 else await error_of(response)


async def test_a_body_and_a_form_are_taken_alike(api):
    report = await imported(api, dry_run="true")
    assert (report["created"], report["failed"], report["dry_run"]) == (1, 1, True)
    assert report["errors"] == [
        {"line": 3, "code": "invalid_email", "message": "That is no e-mail address.", "column": "email"}
    ]
    form = aiohttp.FormData()
    form.add_field("comment", "hello")
    form.add_field("file", CSV, filename="leads.csv", content_type="text/csv")
    assert (await imported(api, form, headers={}))["created"] == 1
    assert (await imported(api))["unchanged"] == 1


async def test_events_come_as_they_happen(api):
    rows = b"".join(b"user%d@example.com,Company %d\n" % (number, number) for number in range(4000))
    goes_on = asyncio.Event()

    async def body():
        yield CSV + rows
        await goes_on.wait()
        yield b"last@example.com,Last\n"

    headers = {"Content-Type": "text/csv", "Accept": "application/x-ndjson"}
    async with api.operator.post("/api/leads/import", data=body(), headers=headers) as response:
        assert response.content_type == "application/x-ndjson"
        first = json.loads(await response.content.readline())
        goes_on.set()
        events = [first, *[json.loads(line) async for line in response.content]]
    assert (first["type"], first["columns"]) == ("started", {"email": "contact_email", "company": "company_name"})
    assert [event["type"] for event in events].count("error") == 1
    assert (events[-1]["type"], events[-1]["created"]) == ("report", 4002)


async def test_what_is_no_import_is_refused(api):
    assert (await imported(api, b"", status=422))["code"] == "no_header"
    assert (await imported(api, b"a,b\n", status=422))["code"] == "no_known_columns"
    assert (await imported(api, b"{}", status=415, headers={"Content-Type": "application/json"}))["code"] == (
        "unsupported_media_type"
    )
    form = aiohttp.FormData({"comment": "no file"}, default_to_multipart=True)
    assert (await imported(api, form, status=400, headers={}))["code"] == "file_missing"
    broken = {"Content-Type": "multipart/form-data"}
    assert (await imported(api, b"xx", status=400, headers=broken))["code"] == "file_missing"
    for query in ({"existing": "delete"}, {"encoding": "ebcdic"}, {"delimiter": "ab"}):
        assert (await imported(api, status=400, **query))["code"] == "invalid_value"
    headers = {"Content-Type": "text/csv", "Accept": "application/x-ndjson"}
    assert (await imported(api, b"a,b\n", status=422, headers=headers))["code"] == "no_known_columns"


async def test_more_imports_than_the_server_takes_are_told_to_wait(api):
    async with api.services.imports, api.services.imports:
        assert (await imported(api, status=429))["code"] == "imports_busy"
    assert (await imported(api))["created"] == 1


@pytest.mark.parametrize("events", [False, True])
async def test_a_sender_that_stalls_is_told_what_was_taken(api, monkeypatch, events):
    monkeypatch.setattr(arrival, "IDLE_S", 0.3)

    async def body():
        yield CSV + b"whole@example.com,Gamma\nhalf@exam"
        await asyncio.sleep(5)

    headers = {"Content-Type": "text/csv"} | ({"Accept": "application/x-ndjson"} if events else {})
    async with api.operator.post("/api/leads/import", data=body(), headers=headers) as response:
        lines = [json.loads(line) async for line in response.content]
        assert response.status == (200 if events else 408)
    error = lines[-1]["error"]
    assert (error["code"], lines[-1].get("type")) == ("request_timeout", "failed" if events else None)
    assert "Its first 3 rows are imported" in error["message"]
    assert (await imported(api))["unchanged"] == 1, "the first row is there already"


async def test_a_sender_that_trickles_does_not_hold_its_place(monkeypatch):
    monkeypatch.setattr(arrival, "GRACE_S", 0.2)

    async def trickle():
        while True:
            await asyncio.sleep(0.05)
            yield b"a"

    came = arrival.in_time(trickle())
    with pytest.raises(Problem, match="too slowly") as refused:
        await asyncio.wait_for(_read(came), 5)
    assert refused.value.status == 408


async def test_only_waiting_for_the_sender_counts(monkeypatch):
    monkeypatch.setattr(arrival, "GRACE_S", 0.2)

    async def prompt():
        for _ in range(5):
            yield b"a"

    await _read(arrival.in_time(prompt()), work_s=0.1)


async def _read(pieces, *, work_s=0.0):
    async for _ in pieces:
        await asyncio.sleep(work_s)
