"""Leads over REST: what a program can do with them, and what it cannot."""

from datetime import UTC, datetime
from uuid import uuid4

from api_server import ApiServer, error_of

from storage.conversations.outcomes import Outcomes
from storage.ledger.records import ModelCallRecord

ACME = {
    "company_name": "Acme",
    "contact_name": "Jane Doe",
    "contact_email": "Jane@Acme.com",
    "contact_title": "CEO",
    "need": "fewer missed calls",
    "budget": "5,000 dollars a month",
    "timing": "next month",
    "company_size": "50",
}


async def add(api: ApiServer, **fields):
    async with api.operator.post("/api/leads", json=fields) as response:
        assert response.status == 201, await response.text()
        return await response.json()


async def listed(api: ApiServer, **query):
    async with api.operator.get("/api/leads", params=query) as response:
        assert response.status == 200, await response.text()
        return (await response.json())["items"]


async def refused(api: ApiServer, method, path, status, code, **request):
    async with api.operator.request(method, path, **request) as response:
        assert response.status == status, await response.text()
        error = await error_of(response)
        assert error["code"] == code
        return error


async def test_a_lead_is_added_read_changed_and_listed(api):
    made = await add(api, **ACME, custom={"region": "north"})
    assert (made["contact_email"], made["status"], made["qualification_score"]) == ("jane@acme.com", "pending", None)
    changes = {"industry": "Retail", "budget": None, "custom": {"region": None, "vip": True}, "opted_out": True}
    async with api.operator.patch(f"/api/leads/{made['id']}", json=changes) as response:
        changed = await response.json()
    assert (changed["industry"], changed["budget"], changed["custom"]) == ("Retail", None, {"vip": True})
    assert changed["opted_out_at"] is not None
    async with api.operator.get(f"/api/leads/{made['id']}") as response:
        assert await response.json() == changed
    assert await listed(api, industry="retail", search="acme ja", created_from="2020-01-01T00:00:00Z") == [changed]
    assert await listed(api, search="!!!") == []
    assert await listed(api, status="customer") == []


async def test_what_cannot_be_a_lead_is_refused(api):
    made = await add(api, contact_email="jane@acme.com")
    taken = {"contact_email": "JANE@ACME.COM"}
    await refused(api, "POST", "/api/leads", 409, "already_exists", json=taken)
    other = await add(api, company_name="Other")
    await refused(api, "PATCH", f"/api/leads/{other['id']}", 409, "already_exists", json=taken)
    await refused(api, "POST", "/api/leads", 422, "lead_unnamed", json={"notes": "?"})
    for slip in ("jane@acme.com,", "jane@acme.com>", f"{'j' * 60}@{'a.' * 99}com"):
        await refused(api, "PATCH", f"/api/leads/{made['id']}", 400, "invalid_value", json={"contact_email": slip})
    for body, param in (
        ({"contact_email": "jane"}, "contact_email"),
        ({"company_name": "x" * 301}, "company_name"),
        ({"team_size": 2**40}, "team_size"),
        ({"team_size": "many"}, "team_size"),
        ({"status": "lost in space"}, "status"),
        ({"custom": []}, "custom"),
    ):
        error = await refused(api, "POST", "/api/leads", 400, "invalid_value", json=body)
        assert error["param"] == param
    await refused(api, "POST", "/api/leads", 400, "unknown_parameter", json={"qualification_score": 100})
    for path in (f"/api/leads/{uuid4()}", "/api/leads/7", "/api/leads/' OR 1=1 --"):
        await refused(api, "GET", path, 404, "lead_not_found")
    await refused(api, "PATCH", f"/api/leads/{made['id']}", 400, "invalid_value", json={"status": None})
    for query in (
        {"min_score": "101"},
        {"created_from": "2026-01-01"},
        {"limit": "0"},
        {"sort": "name"},
        {"search": ""},
    ):
        await refused(api, "GET", "/api/leads", 400, "invalid_value", params=query)
    await refused(api, "GET", "/api/leads", 400, "invalid_cursor", params={"cursor": "zzz", "sort": "score"})


async def test_a_key_that_may_read_may_not_write(api):
    headers = await api.key("read")
    async with api.client.get("/api/leads", headers=headers) as response:
        assert response.status == 200
    async with api.client.post("/api/leads", headers=headers, json=ACME) as response:
        assert response.status == 403


async def test_leads_are_qualified_and_show_it(api):
    good, empty = await add(api, **ACME), await add(api, company_name="Nobody knows")
    unknown = str(uuid4())
    body = {"lead_ids": [good["id"], unknown, empty["id"], good["id"]]}
    async with api.operator.post("/api/leads/qualify", json=body) as response:
        assert response.status == 200, await response.text()
        items = (await response.json())["items"]
    assert [item["lead_id"] for item in items] == body["lead_ids"]
    assert items[1]["error"] == "lead_not_found"
    assert items[0]["score"] > items[2]["score"]
    assert (items[0]["engine"], items[0]["tier"]) == ("rules", "hot")
    assert items[0]["criteria"]["need"]["evidence"] == "fewer missed calls"
    shown = {lead["id"]: lead for lead in await listed(api, sort="score")}
    assert list(shown) == [good["id"], empty["id"]]
    assert shown[good["id"]]["qualification_score"] == items[0]["score"]
    assert shown[good["id"]]["status"] == "qualified"
    assert shown[empty["id"]]["status"] == "unqualified"
    assert shown[good["id"]]["qualification_latency_ms"] is not None
    async with api.operator.get("/api/reports/executions", params={"lead_id": good["id"]}) as response:
        (execution,) = (await response.json())["items"]
    assert (execution["agent_type"], execution["status"], execution["id"]) == (
        "qualification",
        "success",
        items[0]["execution_id"],
    )


async def test_a_lead_that_is_not_kept_is_qualified_too(api):
    async with api.operator.post("/api/leads/qualify", json={"lead": ACME}) as response:
        (item,) = (await response.json())["items"]
    assert (item["lead_id"], item["tier"]) == (None, "hot")
    assert await listed(api) == []
    for body in ({}, {"lead": ACME, "lead_ids": [str(uuid4())]}):
        await refused(api, "POST", "/api/leads/qualify", 422, "lead_ambiguous", json=body)
    await refused(api, "POST", "/api/leads/qualify", 400, "invalid_value", json={"lead_ids": []})


async def test_costs_are_told_by_day_provider_agent_and_lead(api):
    lead = await add(api, **ACME)
    now = datetime.now(UTC)
    for number, (cost, execution) in enumerate(((0.25, None), (None, "exec_1"), (0.5, None))):
        api.services.tracker.record(
            ModelCallRecord(
                id=f"call_{number}", provider="cerebras", model="llama", task="conversation", lead_id=lead["id"],
                conversation_id="conv_1", execution_id=execution, prompt_tokens=10, completion_tokens=5, latency_ms=9.0,
                cost_usd=cost, status="success", created_at=now,
            )
        )  # fmt: skip
    assert await api.services.tracker.flush(10.0)
    async with api.operator.get("/api/reports/costs") as response:
        assert response.status == 200, await response.text()
        report = await response.json()
    assert (report["cost_usd"], report["calls"], report["unpriced"]) == (0.75, 3, 1)
    assert report["days"] == [{"calls": 3, "failed": 0, "unpriced": 1, "cost_usd": 0.75, "day": now.date().isoformat()}]
    (provider,) = report["providers"]
    assert (provider["provider"], provider["prompt_tokens"], provider["cost_usd"]) == ("cerebras", 30, 0.75)
    (conversations,) = report["conversations"]
    assert (conversations["kind"], conversations["calls"]) == ("model", 2)
    async with api.operator.get("/api/reports/costs", params={"lead_id": lead["id"]}) as response:
        assert (await response.json())["days"] == report["days"]
    async with api.operator.get("/api/reports/costs", params={"first": "2020-01-01", "last": "2020-02-01"}) as response:
        assert (await response.json())["calls"] == 0
    for query in ({"first": "2026-02-01", "last": "2026-01-01"}, {"first": "0001-01-01"}, {"last": "9999-12-31"}):
        await refused(api, "GET", "/api/reports/costs", 400, "invalid_value", params=query)


async def test_the_dearest_leads_come_first_page_by_page(api):
    now = datetime.now(UTC)
    leads = [await add(api, company_name=f"Company {number}") for number in range(3)]
    for number, lead in enumerate(leads):
        api.services.tracker.record(
            ModelCallRecord(
                id=f"call_{number}", provider="p", model="m", task="conversation", lead_id=lead["id"], latency_ms=9.0,
                cost_usd=0.5 * (number % 2), status="success", created_at=now,
            )
        )  # fmt: skip
    assert await api.services.tracker.flush(10.0)
    seen, cursor = [], None
    while True:
        query = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        async with api.operator.get("/api/reports/costs/leads", params=query) as response:
            page = await response.json()
        seen += [(item["company_name"], item["cost_usd"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen[0] == ("Company 1", 0.5)
    assert {name for name, _ in seen} == {"Company 0", "Company 1", "Company 2"}
    for bad in ("x", "MA", "TmFOIGFiYw"):
        await refused(api, "GET", "/api/reports/costs/leads", 400, "invalid_cursor", params={"cursor": bad})


async def test_one_lead_is_scored_by_its_own_address(api):
    lead = await add(api, **ACME)
    async with api.operator.post(f"/api/leads/{lead['id']}/qualify") as response:
        scored = await response.json()
    assert (response.status, scored["lead_id"], scored["tier"]) == (200, lead["id"], "hot")
    (shown,) = await listed(api)
    assert shown["qualification_score"] == scored["score"]
    for unknown in (str(uuid4()), "nobody"):
        await refused(api, "POST", f"/api/leads/{unknown}/qualify", 404, "lead_not_found")


async def test_an_answer_is_corrected_and_taken_away(api):
    profile = {"slug": "bikes", "questions": [{"key": "seats", "question": "How many seats?"}]}
    async with api.operator.post("/api/agent-profiles", json=profile) as response:
        assert response.status == 201, await response.text()
    outcomes, now = Outcomes(api.services.database), api.services.utc_now()
    await outcomes.record("k1", "conv_1", "lead_update", {"name": "Jane", "answers": {"seats": "forty", "old": "yes"}})
    (lead,) = await listed(api)
    assert lead["answer_notes"]["seats"]["question"] == "How many seats?"
    path = f"/api/leads/{lead['id']}"
    changes = {"answers": {"seats": " 60 ", "old": None, "start": "Monday"}, "answers_seen": {"seats": "forty"}}
    async with api.operator.patch(path, json=changes) as response:
        changed = await response.json()
    assert changed["answers"] == {"seats": "60", "start": "Monday"}
    note = changed["answer_notes"]["seats"]
    assert (note["question"], note["key_name"]) == ("How many seats?", "first key")
    assert datetime.fromisoformat(note["at"]) >= now
    assert (changed["answer_notes"]["start"]["question"], changed["answer_notes"]["old"]["key_name"]) == (
        None,
        "first key",
    )
    async with api.operator.get(path) as response:
        assert await response.json() == changed
    assert await listed(api) == [changed]

    await refused(api, "PATCH", path, 409, "answer_changed", json={**changes, "industry": "Retail"})
    async with api.operator.get(path) as response:
        assert await response.json() == changed, "nothing of it"
    for answers in ({"Seats!": "60"}, {"seats": 60}, {"seats": "x" * 501}, {f"q{n}": "x" for n in range(101)}, None):
        await refused(api, "PATCH", path, 400, "invalid_value", json={"answers": answers})


async def test_a_lead_has_further_addresses_and_numbers(api):
    ways = {"further_emails": ["Jane@Home.example"], "further_phones": ["(415) 555-0133"]}
    made = await add(api, **ACME, contact_phone="+14155550132", **ways)
    assert (made["further_emails"], made["further_phones"]) == (["jane@home.example"], ["+14155550133"])
    assert await listed(api, email="jane@home.example") == [made]
    body = {"contact_email": "JANE@HOME.example"}
    await refused(api, "POST", "/api/leads", 409, "already_exists", json=body)
    bad = {"further_phones": ["12345678"]}
    error = await refused(api, "PATCH", f"/api/leads/{made['id']}", 422, "invalid_number", json=bad)
    assert error["param"] == "further_phones"
    body = {"contact_email": None, "further_phones": []}
    async with api.operator.patch(f"/api/leads/{made['id']}", json=body) as response:
        changed = await response.json()
    assert (changed["contact_email"], changed["further_emails"], changed["further_phones"]) == (
        "jane@home.example",
        [],
        [],
    )


async def test_a_claimed_number_is_accepted_or_thrown_away(api):
    made = await add(api, contact_email="jane@acme.com", contact_phone="+14155550132")
    outcomes = Outcomes(api.services.database)
    for number in ("+14155550133", "+14155550134"):
        told = {"contact_email": "jane@acme.com", "contact_phone": number}
        await outcomes.record(f"k{number}", "conv_1", "lead_update", told)
    (lead,) = await listed(api)
    assert lead["claimed_phones"] == ["+14155550133", "+14155550134"]
    path = f"/api/leads/{made['id']}/claimed-phones"
    async with api.operator.post(f"{path}/%2B14155550133") as response:
        lead = await response.json()
    assert (lead["further_phones"], lead["claimed_phones"]) == (["+14155550133"], ["+14155550134"])
    async with api.operator.delete(f"{path}/%2B14155550134") as response:
        lead = await response.json()
    assert (lead["further_phones"], lead["claimed_phones"]) == (["+14155550133"], [])
    await refused(api, "DELETE", f"{path}/%2B14155550134", 404, "number_not_claimed")
