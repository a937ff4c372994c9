"""Campaigns over REST: planned, previewed, written within a budget, approved, exported, and gone on with."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_server import ApiServer, StartApi, error_of
from msgspec import structs
from scripted_engines import scripted_engines
from simulated_providers import Simulate

from agent_server.engines.model_gateway import start_gateway
from agent_server.parts import Parts
from agent_server.settings import read_settings
from storage.campaigns.campaigns import Campaigns
from storage.campaigns.messages import CampaignMessages, ToWrite
from storage.keys.secret_tokens import utc_now
from storage.leads.leads import Leads
from storage.postgres.database import Database

LEADS = (
    {"contact_email": "ann@one.test", "contact_name": "Ann One", "company_name": "One", "need": "fewer missed calls"},
    {"contact_email": "bob@two.test", "contact_name": "Bob Two", "company_name": "=Two"},
    {"contact_email": "cyd@three.test", "contact_name": "Cyd Three", "company_name": "Three"},
    {"contact_email": "opted@out.test", "company_name": "Out"},
    {"contact_email": "no@consent.test", "company_name": "Consent", "custom": {"consent": False}},
    {"contact_email": "not@interested.test", "company_name": "Not", "status": "not_interested"},
    {"contact_name": "Nobody", "company_name": "No address"},
)
FAST = "*.first_token_ms=1;*.tokens_per_s=10000"


async def planned(api: ApiServer, **about: Any) -> dict[str, Any]:
    for lead in LEADS:
        async with api.operator.post("/api/leads", json={**lead, "industry": "bakery"}) as answer:
            assert answer.status == 201, await answer.text()
            kept = await answer.json()
        if lead.get("contact_email") == "opted@out.test":
            await sent(api, "patch", f"/api/leads/{kept['id']}", {"opted_out": True})
    await sent(api, "post", "/api/leads", {"contact_email": "other@trade.test", "industry": "steel"}, 201)
    body = {"name": "Spring", "goal": "Invite them to a talk.", "audience": {"industry": "bakery"}, **about}
    campaign: dict[str, Any] = await sent(api, "post", "/api/campaigns", body, 201)
    return campaign


async def sent(api: ApiServer, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    async with getattr(api.operator, method)(path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def settled(api: ApiServer, campaign_id: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (campaign := await sent(api, "get", f"/api/campaigns/{campaign_id}"))["status"] == "generating":
            await asyncio.sleep(0.05)
    return campaign


async def exported(api: ApiServer, campaign_id: str) -> list[dict[str, str]]:
    async with api.operator.get(f"/api/campaigns/{campaign_id}/export.csv") as answer:
        assert (answer.status, answer.content_type) == (200, "text/csv")
        return list(csv.DictReader(io.StringIO(await answer.text())))


async def test_a_campaign_from_its_plan_to_its_file(api: ApiServer) -> None:
    campaign = await planned(api)
    place = f"/api/campaigns/{campaign['id']}"
    assert (campaign["status"], campaign["messages"]["waiting"], campaign["messages"]["skipped"]) == ("draft", 3, 4)
    assert campaign["skipped"] == {"opted_out": 1, "no_consent": 1, "not_interested": 1, "no_email": 1}
    await sent(api, "post", f"{place}/preview", {"count": 2})
    campaign = await settled(api, campaign["id"])
    assert (campaign["status"], campaign["reason"], campaign["messages"]["drafted"]) == ("paused", "preview", 2)
    await sent(api, "post", f"{place}/start")
    campaign = await settled(api, campaign["id"])
    assert (campaign["status"], campaign["messages"]["drafted"], campaign["messages"]["waiting"]) == ("ready", 3, 0)
    drafts = (await sent(api, "get", f"{place}/messages?status=drafted"))["items"]
    assert [draft["contact_name"] for draft in drafts] == ["Cyd Three", "Bob Two", "Ann One"]
    assert "fewer missed calls" in drafts[2]["body"] and drafts[2]["engine"] == "rules"
    assert await exported(api, campaign["id"]) == []
    cyd, bob, ann = (f"{place}/messages/{draft['lead_id']}" for draft in drafts)
    changed = await sent(api, "patch", bob, {"subject": "Hello Bob", "status": "approved"})
    assert (changed["subject"], changed["status"]) == ("Hello Bob", "approved")
    await sent(api, "patch", cyd, {"status": "rejected"})
    await sent(api, "patch", f"/api/leads/{drafts[2]['lead_id']}", {"opted_out": True})
    assert await sent(api, "post", f"{place}/approve") == {"approved": 0}
    async with api.operator.patch(ann, json={"status": "approved"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "message_not_written")
    rows = await exported(api, campaign["id"])
    assert [(row["email"], row["subject"], row["company"]) for row in rows] == [("bob@two.test", "Hello Bob", "'=Two")]
    for change in ({"custom": {"consent": "withdrawn"}}, {"custom": {"consent": None}, "opted_out": True}):
        await sent(api, "patch", f"/api/leads/{rows[0]['lead_id']}", change)
        assert await exported(api, campaign["id"]) == []
    listed = await sent(api, "get", "/api/campaigns")
    assert [entry["skipped"]["opted_out"] for entry in listed["items"]] == [2], "to look changes nothing"
    await sent(api, "post", f"{place}/approve")
    assert (await sent(api, "get", place))["skipped"]["opted_out"] == 3


async def test_what_a_campaign_cannot_do_is_refused(api: ApiServer) -> None:
    campaign = await planned(api, max_leads=1)
    assert campaign["messages"]["waiting"] == 1
    place = f"/api/campaigns/{campaign['id']}"
    for path, body, status, code in (
        (f"{place}/pause", None, 409, "campaign_state"),
        (f"{place}/preview", {"count": 21}, 400, "invalid_value"),
        ("/api/campaigns/x/start", None, 404, "campaign_not_found"),
        ("/api/campaigns/00000000-0000-0000-0000-000000000000/cancel", None, 404, "campaign_not_found"),
        ("/api/campaigns", {"name": "x", "goal": "y", "channel": "fax"}, 400, "invalid_value"),
        ("/api/campaigns", {"name": "x", "goal": "y", "audience": {"zip": 1}}, 400, "unknown_parameter"),
    ):
        async with api.operator.post(path, json=body) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (status, code)
    for whom in ("x", "00000000-0000-0000-0000-000000000000"):
        async with api.operator.patch(f"{place}/messages/{whom}", json={"status": "approved"}) as answer:
            error = await error_of(answer)
            assert (answer.status, error["code"], error["param"]) == (404, "message_not_found", "lead_id")
    assert (await sent(api, "post", f"{place}/cancel"))["status"] == "cancelled"
    async with api.operator.post(f"{place}/start") as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "campaign_state")
    reader = await api.key("read")
    async with api.client.post(f"{place}/approve", headers=reader) as answer:
        assert answer.status == 403


@pytest.fixture
async def priced(start_api: StartApi, simulate: Simulate) -> AsyncIterator[ApiServer]:
    simulators = await simulate(delays=FAST)
    keys = {name: value for name, value in simulators.settings.items() if name.startswith("CEREBRAS_")}
    parts = Parts()
    gateway = await start_gateway(read_settings(keys, {}, {}), parts)
    yield await start_api(structs.replace(scripted_engines(), gateway=gateway), **keys)
    await parts.stop_all()


async def test_a_budget_stops_it_and_a_larger_one_lets_it_go_on(priced: ApiServer) -> None:
    campaign = await planned(priced, budget_usd=0.0000001)
    place = f"/api/campaigns/{campaign['id']}"
    await sent(priced, "post", f"{place}/preview", {"count": 1})
    campaign = await settled(priced, campaign["id"])
    assert (campaign["status"], campaign["reason"]) == ("paused", "budget")
    assert campaign["spent_usd"] > campaign["budget_usd"]
    assert campaign["messages"]["drafted"] == 1
    await sent(priced, "post", f"{place}/start")
    campaign = await settled(priced, campaign["id"])
    assert (campaign["reason"], campaign["messages"]["drafted"]) == ("budget", 1), "nothing more is begun"
    await sent(priced, "patch", place, {"budget_usd": 5})
    await sent(priced, "post", f"{place}/start")
    campaign = await settled(priced, campaign["id"])
    assert (campaign["status"], campaign["messages"]["drafted"]) == ("ready", 3)


async def test_a_follow_up_is_written_once_what_it_follows_is_and_is_told_of_it(database: Database) -> None:
    leads = [await Leads(database).create(lead, now=utc_now()) for lead in LEADS[:2]]
    kept, messages = Campaigns(database), CampaignMessages(database)
    campaign_id = await kept.create(
        name="Spring",
        channel="email",
        goal="Invite them.",
        audience={},
        budget_usd=1.0,
        follow_up_days=[3, 7],
        leads=[(lead.id, None) for lead in leads],
        now=utc_now(),
    )
    await kept.move(campaign_id, "generating", now=utc_now())

    async def write(message: ToWrite, body: str) -> None:
        made = {"subject": "S", "engine": "rules", "execution_id": "x", "cost_usd": 0.0}
        assert await messages.written(message, body=body, **made, now=utc_now())

    one, other = await messages.claim(), await messages.claim()
    assert one is not None and other is not None
    assert (one.step, other.step, one.earlier) == (0, 0, [])
    assert await messages.claim() is None, "what they follow is being written"
    await write(one, "First.")
    second = await messages.claim()
    assert second is not None
    assert (second.lead_id, second.step, second.earlier) == (one.lead_id, 1, ["First."])
    assert await messages.claim() is None
    await write(second, "Second.")
    third = await messages.claim()
    assert third is not None
    assert (third.lead_id, third.step, third.earlier) == (one.lead_id, 2, ["First.", "Second."])


async def test_a_process_that_dies_half_way_costs_no_message_and_makes_none_twice(
    database: Database, start_api: StartApi
) -> None:
    leads = [await Leads(database).create(lead, now=utc_now()) for lead in LEADS[:3]]
    kept, dying = Campaigns(database), CampaignMessages(database, lease_s=0.5)
    campaign_id = await kept.create(
        name="Spring",
        channel="email",
        goal="Invite them.",
        audience={},
        budget_usd=1.0,
        leads=[(lead.id, None) for lead in leads],
        now=utc_now(),
    )
    await kept.move(campaign_id, "generating", now=utc_now())
    made = {"subject": "S", "body": "B", "engine": "rules", "execution_id": "x", "cost_usd": 0.0}
    done, lost = await dying.claim(), await dying.claim()
    assert done is not None and lost is not None and done.lead_id != lost.lead_id
    assert await dying.written(done, **made, now=utc_now())
    # It is never heard of again, but for one word that comes too late.
    api = await start_api()
    campaign = await settled(api, str(campaign_id))
    assert (campaign["status"], campaign["messages"]["drafted"]) == ("ready", 3)
    assert not await dying.written(lost, **made, now=utc_now())
    messages = (await sent(api, "get", f"/api/campaigns/{campaign_id}/messages"))["items"]
    assert [message["subject"] == "S" for message in messages] == [True, False, False]
    async with api.operator.get("/api/reports/executions", params={"agent_type": "marketing"}) as answer:
        written = [execution["lead_id"] for execution in (await answer.json())["items"]]
    assert sorted(written) == sorted(str(lead.id) for lead in leads[1:])


async def test_two_processes_write_each_message_once(database: Database, start_api: StartApi) -> None:
    one = await start_api()
    two = await start_api()
    campaign = await planned(one)
    await sent(one, "post", f"/api/campaigns/{campaign['id']}/start")
    two.services.campaigns.wake()
    campaign = await settled(two, campaign["id"])
    assert campaign["messages"]["drafted"] == 3
    async with asyncio.timeout(5):
        while len(written := (await sent(one, "get", "/api/reports/executions?agent_type=marketing"))["items"]) < 3:
            await asyncio.sleep(0.05)
    assert len({execution["lead_id"] for execution in written}) == len(written) == 3


async def test_a_campaign_writes_in_the_name_of_its_agent_and_says_when_that_one_is_gone(
    start_api: StartApi, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_api(AGENT_NAME="Max", COMPANY_NAME="Acme")
    about = "We rent cargo bikes to couriers. From 149 euros a month."
    bikes = {"slug": "bikes", "name": "Zoë", "company": "Bol Bikes", "about": about}
    await sent(api, "post", "/api/agent-profiles", bikes, 201)
    async with api.operator.post("/api/campaigns", json={"name": "x", "goal": "y", "agent": "boats"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (404, "agent_profile_not_found")
    campaign = await planned(api, agent="bikes")
    place = f"/api/campaigns/{campaign['id']}"
    assert campaign["written_by"] == {"agent": "bikes", "name": "Zoë", "company": "Bol Bikes"}
    await sent(api, "post", f"{place}/preview", {"count": 1})
    await settled(api, campaign["id"])
    async with api.operator.delete("/api/agent-profiles/bikes") as answer:
        assert answer.status == 204
    await sent(api, "post", f"{place}/start")
    campaign = await settled(api, campaign["id"])
    assert (campaign["agent"], campaign["written_by"]["agent"]) == ("bikes", "default")
    first, *others = (await sent(api, "get", f"{place}/messages?status=drafted"))["items"]
    assert first["agent"] == "bikes"
    assert "I am Zoë from Bol Bikes." in first["body"]
    assert "We rent cargo bikes to couriers." in first["body"]
    assert [other["agent"] for other in others] == ["default", "default"]
    assert all("I am Max from Acme." in other["body"] for other in others)
    assert "there is no agent 'bikes' any more: 'default' writes in its place" in caplog.text
    assert (await sent(api, "patch", place, {"name": "Autumn"}))["agent"] == "bikes"
    assert (await sent(api, "patch", place, {"agent": None}))["agent"] is None
