"""Customers over REST: who they are, what was said, what is open."""

import asyncio
from typing import Any

from api_server import ApiServer, error_of

from storage.conversations.outcomes import Outcomes


async def test_a_customer_with_what_is_open(api: ApiServer) -> None:
    async def got(path: str, status: int = 200) -> Any:
        async with api.operator.get(path) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json() if status == 200 else await error_of(answer)

    async def posted(path: str, body: Any) -> Any:
        async with api.operator.post(path, json=body) as answer:
            assert answer.status in (200, 201), await answer.text()
            return await answer.json()

    lead = await posted("/api/leads", {"contact_email": "ann@one.test", "company_name": "One", "need": "quiet"})
    await posted("/api/leads", {"contact_email": "bob@two.test", "company_name": "Two"})
    assert (await got("/api/customers"))["items"] == []
    assert (await got(f"/api/customers/{lead['id']}", 404))["code"] == "customer_not_found"
    async with api.operator.patch(f"/api/leads/{lead['id']}", json={"status": "customer"}) as answer:
        assert answer.status == 200
    listed = await got("/api/customers?search=one")
    assert [entry["id"] for entry in listed["items"]] == [lead["id"]]
    outcomes = Outcomes(api.services.database)
    await outcomes.record("k1", "conv_1", "lead_update", {"email": "ann@one.test"})
    await outcomes.record("k2", "conv_1", "handoff", {"reason": "billing"})
    asked = await posted("/api/langgraph/invoke", {"agent": "bdr", "input": {"lead_id": lead["id"]}})
    assert asked["status"] == "interrupted"
    async with asyncio.timeout(5):
        while len((customer := await got(f"/api/customers/{lead['id']}"))["open"]) < 2:
            await asyncio.sleep(0.05)
    matters = {matter["kind"]: matter for matter in customer["open"]}
    assert matters["person_wanted"]["conversation_id"] == "conv_1"
    assert (matters["answer_wanted"]["thread_id"], matters["answer_wanted"]["agent"]) == (asked["thread_id"], "bdr")
    assert (customer["meetings"], customer["lead"]["company_name"]) == ([], "One")
    for missing in ("x", "00000000-0000-0000-0000-000000000000"):
        assert (await got(f"/api/customers/{missing}", 404))["code"] == "customer_not_found"
