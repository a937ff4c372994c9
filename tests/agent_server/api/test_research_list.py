"""Research of earlier: listed newest first, each once, with what was asked and how it ended."""

import asyncio
from datetime import timedelta
from typing import Any

from api_server import ApiServer, error_of

from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query

_RUN = Query(
    "add_run",
    """
    INSERT INTO agent_executions (id, agent_type, thread_id, status, started_at, completed_at, error_code)
    VALUES (%(id)s, 'research', %(thread_id)s, 'failed', %(started_at)s, %(started_at)s, %(code)s)
    """,
)


async def page(api: ApiServer, **query: Any) -> dict[str, Any]:
    async with api.operator.get("/api/research", params=query) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
    return found


async def test_research_is_listed_with_its_question_and_its_end(api: ApiServer, database: Database) -> None:
    assert await page(api) == {"items": [], "next_cursor": None}
    async with api.operator.post("/api/leads", json={"company_name": "Acme", "industry": "bakery"}) as answer:
        lead_id = (await answer.json())["id"]
    begun = []
    for body in ({"question": "What does it cost?"}, {"lead_id": lead_id}):
        async with api.operator.post("/api/research", json=body) as answer:
            assert answer.status == 202
            begun.append((await answer.json())["id"])
        async with asyncio.timeout(30):
            while [item["status"] for item in (await page(api))["items"]] != ["completed"] * len(begun):
                await asyncio.sleep(0.05)
    # One whose steps are kept no longer, with an earlier run that died.
    then = utc_now() - timedelta(days=90)
    for number, code in enumerate(("process_died", "cancelled")):
        await database.execute(
            _RUN, id=f"exec_{number}", thread_id="research_old", started_at=then + timedelta(hours=number), code=code
        )
    listed = (await page(api))["items"]
    assert [(item["id"], item["status"]) for item in listed] == [
        (begun[1], "completed"),
        (begun[0], "completed"),
        ("research_old", "cancelled"),
    ]
    assert [item["question"] for item in listed[1:]] == ["What does it cost?", None]
    assert "Acme" in listed[0]["question"]
    assert listed[0]["lead_id"] == lead_id
    assert listed[0]["latency_ms"] > 0
    assert [item["id"] for item in (await page(api, lead_id=lead_id))["items"]] == [begun[1]]
    first = await page(api, limit=2)
    second = await page(api, limit=2, cursor=first["next_cursor"])
    assert ([*first["items"], *second["items"]], second["next_cursor"]) == (listed, None)
    async with api.operator.get("/api/research", params={"cursor": "x"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (400, "invalid_cursor")
