"""What a whole prospect cost, a conversation and all six agents: the books beside what the providers charged.

The bill is added up here from what the simulated providers counted, at prices of this file.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from live_server import until
from simulated_world import APOLLO, KEY, MODEL, SPEECH, StartWorld, World, simulate, start  # noqa: F401 - fixtures

RESEARCH = ("DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE")
TOKEN_USD = {"cerebras": (0.1e-6, 0.1e-6), "deepseek": (1e-6, 2e-6)}
"""In and out."""
CHARACTER_USD = 50e-6
LEAD = {"contact_email": "ann.lee@acme.com", "notes": "They miss half of their calls.", "company_name": "Acme"}
AGENTS = ("qualification", "enrichment", "growth", "marketing", "bdr")
CENT = 0.01


def prices(path: Path) -> str:
    own = [
        {"provider": name, "model": "", "input": used * 1e6, "cached": used * 1e6, "output": written * 1e6,
         "source": "this test", "date": "2026-11"}
        for name, (used, written) in TOKEN_USD.items()
    ]  # fmt: skip
    path.write_text(json.dumps(own))
    return str(path)


class Charged:
    """By the simulated providers since they run, in dollars."""

    def __init__(self, world: World) -> None:
        self._seen = world.simulators.simulation.seen

    def models(self) -> dict[str, float]:
        return {
            name: counted["prompt_tokens"] * used + counted["completion_tokens"] * written
            for name, (used, written) in TOKEN_USD.items()
            if (counted := self._seen[name].counters)
        }

    def voice(self) -> float:
        return self._seen["cartesia-tts"].counters["characters"] * CHARACTER_USD


async def typed(connection: Any, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    await connection.response.create()
    await until(connection, "response.done", timeout_s=30)


async def scored(world: World, lead_id: str, times: int) -> None:
    """A request that is cut off by the end of a call is in the books by an estimate, and on no bill we could check."""
    await world.until_row(
        "SELECT 1 FROM qualification_results WHERE lead_id = $1 HAVING count(*) >= $2", UUID(lead_id), times
    )


async def got(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def asked(http: aiohttp.ClientSession, agent: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    async with http.post("/api/langgraph/invoke", json={"agent": agent, "input": given, **more}) as response:
        reply: dict[str, Any] = await response.json()
        assert response.status == 200, reply
        assert reply["status"] == ("interrupted" if agent == "bdr" else "completed"), reply
        return reply


async def test_the_books_agree_with_the_bill(start: StartWorld, tmp_path: Path) -> None:  # noqa: F811
    more = {"PRICES_FILE": prices(tmp_path / "prices.json")}
    more |= {"CONVERSATION_MODELS": "cerebras"}  # a second request for a slow token is stopped, and only estimated
    world = await start({"speaking_rate_wpm": 900}, (*MODEL, *RESEARCH, *APOLLO, *SPEECH), **more)
    await world.services.agents.warm()
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(world.url, headers=headers) as http:
        async with http.post("/api/leads", json=LEAD) as made:
            lead_id = (await made.json())["id"]
        async with world.connect(lead=lead_id) as connection:
            conversation_id = (await until(connection, "conversation.created"))[-1].conversation.id
            await scored(world, lead_id, 1)
            await typed(connection, "hello")
            await typed(connection, "we have five thousand dollars a month, and I make the decision")
            await scored(world, lead_id, 2)
        await world.until_row("SELECT 1 FROM conversations WHERE id = $1 AND ended_at IS NOT NULL", conversation_id)
        replies = {agent: await asked(http, agent, {"lead_id": lead_id}) for agent in AGENTS}
        replies["conversation"] = await asked(
            http, "conversation", {"message": "what does it cost?", "aloud": True}, thread_id=conversation_id
        )
        await world.services.tracker.flush(5.0)
        books = await got(http, "/api/reports/costs")
        of_lead = await got(http, f"/api/reports/costs?lead_id={lead_id}")
        (dearest,) = (await got(http, "/api/reports/costs/leads"))["items"]
        (warming,) = await world.rows("SELECT sum(cost_usd) AS usd FROM model_calls WHERE task = 'warm_up'")
    charged = Charged(world)
    bill = sum(charged.models().values()) + charged.voice()
    whole, for_lead = pytest.approx(bill), pytest.approx(bill - warming["usd"])

    assert all(charged.models()[name] for name in TOKEN_USD)
    assert charged.voice() > CENT, "enough for a cent to be seen"
    assert warming["usd"] < 0.001 * CENT * len(TOKEN_USD) * 2, "connections are kept warm for next to nothing"
    assert (books["cost_usd"], books["unpriced"], books["failed"]) == (whole, 0, 0)
    assert sum(day["cost_usd"] for day in books["days"]) == whole
    by_provider: dict[str, float] = {}
    for row in books["providers"]:
        by_provider[row["provider"]] = by_provider.get(row["provider"], 0.0) + row["cost_usd"]
    wanted = charged.models() | {"cartesia": charged.voice()}
    assert {name: cost for name, cost in by_provider.items() if cost} == pytest.approx(wanted)

    assert (dearest["lead_id"], dearest["cost_usd"]) == (lead_id, for_lead)
    assert (of_lead["cost_usd"], sum(day["cost_usd"] for day in of_lead["days"])) == (for_lead, for_lead)

    agents = {row["agent_type"]: row["cost_usd"] for row in books["agents"]}
    assert sum(agents.values()) + sum(row["cost_usd"] for row in books["conversations"]) == for_lead
    for name in ("growth", "marketing", "bdr"):
        assert agents[name] == pytest.approx(replies[name]["cost_usd"]), name
    for name in ("qualification", "enrichment"):  # they ran beside the call too
        assert agents[name] > replies[name]["cost_usd"] > 0, name
    assert agents["conversation"] == pytest.approx(replies["conversation"]["cost_usd"])
