"""What a lead's company posted, over REST: looked at, kept, used by the agents, merged and erased."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from api_server import ApiServer, StartApi, error_of
from simulated_providers import Simulate

from agent_server.agents import company_posts
from pipelines.tools.tech_stack.guard import Guard
from simulators.app import RunningSimulators
from simulators.delays import parse_delays
from simulators.faults import parse_faults
from storage.postgres.named_query import Query

MERGE = Query("merge", "SELECT merge_leads(%(gone)s, %(kept)s)")


@pytest.fixture
async def simulators(simulate: Simulate, monkeypatch: pytest.MonkeyPatch) -> RunningSimulators:
    running = await simulate()
    guard = Guard(lambda address: address == "127.0.0.1", frozenset({running.port}))
    monkeypatch.setattr(company_posts, "GUARD", guard)
    return running


@pytest.fixture
async def server(start_api: StartApi, simulators: RunningSimulators) -> ApiServer:
    return await start_api(BLUESKY_API_BASE=simulators.settings["BLUESKY_API_BASE"])


async def asked(api: ApiServer, method: str, path: str, status: int = 200, **options: Any) -> Any:
    async with api.operator.request(method, path, **options) as answer:
        assert answer.status == status, await answer.text()
        return (await error_of(answer)) if status >= 400 else await answer.json()


async def lead_at(api: ApiServer, website: str | None, **facts: str) -> str:
    body = {"company_name": "Acme", **facts} | ({"company_website": website} if website else {})
    lead_id: str = (await asked(api, "POST", "/api/leads", 201, json=body))["id"]
    return lead_id


async def test_a_company_is_looked_at_once_and_its_posts_are_used(
    server: ApiServer, simulators: RunningSimulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    website = f"{simulators.urls.http}/company/"
    lead = await lead_at(server, website, need="fewer missed calls", contact_email="ann@acme.example")
    path = f"/api/leads/{lead}/social"
    assert await asked(server, "GET", path) == {"accounts": [], "posts": [], "looked_at": None}
    found = await asked(server, "POST", path, json={})
    assert [(account["network"], account["state"]) for account in found["accounts"]] == [
        ("website", "read"),
        ("linkedin", "login"),
        ("x", "login"),
        ("bluesky", "read"),
        ("feed", "read"),
    ]
    assert [post["title"] or post["text"] for post in found["posts"]][:2] == [
        "We are hiring forty engineers in Oslo.",
        "Acme opens an office in Oslo",
    ]
    assert found["looked_at"] == found["posts"][0]["fetched_at"]
    assert await asked(server, "GET", path) == found
    later = server.services.utc_now() + timedelta(hours=2)
    monkeypatch.setattr(server.services.social, "_now", lambda: later)
    simulators.simulation.faults.replace(parse_faults("company-site:server_error"))
    assert await asked(server, "POST", path, json={}) == found, "what is there stays when the site is down"
    simulators.simulation.faults.replace(())
    later += timedelta(hours=2)
    assert (await asked(server, "POST", path, json={}))["accounts"][0]["state"] == "read"
    assert len((await asked(server, "GET", f"{path}?limit=1"))["posts"]) == 1
    seen = simulators.simulation.seen["company-site"].counters
    requests = seen["requests"]

    begun = await asked(server, "POST", "/api/research", 202, json={"lead_id": lead, "time_limit_s": 20})
    async with asyncio.timeout(30):
        while (research := await asked(server, "GET", f"/api/research/{begun['id']}"))["status"] == "running":
            await asyncio.sleep(0.05)
    report = research["report"]
    social = [source for source in report["sources"] if source["kind"] == "social"]
    assert social[0]["url"] == "https://bsky.app/profile/acme.example/post/3k0"
    assert any("forty engineers" in claim["text"] for claim in report["claims"])

    other = await lead_at(server, website, contact_email="bob@acme.example")
    grown = await asked(server, "POST", "/api/langgraph/invoke", json={"agent": "growth", "input": {"lead_id": other}})
    titles = [entry["title"] for entry in grown["output"]["opportunities"]]
    assert "Open with what they said lately" in titles
    assert len((await asked(server, "GET", f"/api/leads/{other}/social"))["posts"]) == 4, "kept with that lead too"
    assert seen["requests"] == requests, "the company was read once"

    await server.services.database.fetch_value(MERGE, gone=UUID(lead), kept=UUID(other))
    assert len((await asked(server, "GET", f"/api/leads/{other}/social"))["posts"]) == 4
    plan = await asked(server, "POST", "/api/erasures", json={"lead_id": other, "dry_run": True})
    text = str(plan)
    assert "company_posts" in text
    assert "company_readings" in text


async def test_another_company_at_the_same_site_and_another_website_have_posts_of_their_own(
    server: ApiServer, simulators: RunningSimulators
) -> None:
    website, others = f"{simulators.urls.http}/company/", f"{simulators.urls.http}/other-company"
    lead = await lead_at(server, website, contact_email="ann@acme.example")
    other = await lead_at(server, others, contact_email="bob@other.example")
    assert (await asked(server, "POST", f"/api/leads/{lead}/social", json={}))["posts"]
    assert (await asked(server, "POST", f"/api/leads/{other}/social", json={}))["posts"] == []
    posts_of = server.services.social.posts_of
    assert await posts_of(UUID(lead), f"{website[:-1]}?from=mail")
    await asked(server, "PATCH", f"/api/leads/{lead}", json={"company_website": others})
    assert await posts_of(UUID(lead), others) == [], "what is kept was another's"


async def test_what_cannot_be_looked_at_says_why(server: ApiServer, start_api: StartApi) -> None:
    nowhere = await lead_at(server, None)
    private = await lead_at(server, "http://10.0.0.1/")
    for lead, status, code in (
        (nowhere, 422, "no_website"),
        (private, 422, "address_not_allowed"),
        ("00000000-0000-0000-0000-000000000000", 404, "lead_not_found"),
    ):
        path = f"/api/leads/{lead}/social"
        assert (await asked(server, "POST", path, status, json={}))["code"] == code
    off = await start_api(SOCIAL_RESEARCH="false")
    refused = await asked(off, "POST", f"/api/leads/{private}/social", 409, json={})
    assert refused["code"] == "social_switched_off"
    reader = await server.key("read")
    async with server.client.post(f"/api/leads/{nowhere}/social", json={}, headers=reader) as answer:
        assert answer.status == 403


async def test_a_slow_company_is_answered_in_time_and_there_the_next_time(
    server: ApiServer, simulators: RunningSimulators
) -> None:
    lead = await lead_at(server, f"{simulators.urls.http}/company/")
    path = f"/api/leads/{lead}/social"
    simulators.simulation.delays.override(parse_delays("company-site.answer_ms=700"))
    refused = await asked(server, "POST", path, 504, json={"time_limit_s": 1})
    assert refused["code"] == "social_timeout"
    assert (await asked(server, "POST", path, json={"time_limit_s": 5}))["posts"]
