"""What is heard and spoken over REST is in the ledger, at its price, and on the bill of the run that wanted it."""

import base64
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from api_server import ApiServer, StartApi
from scripted_engines import scripted_engines

from pipelines.tools.port import ToolContext

RECORDING = Path(__file__).parents[2] / "data" / "speech" / "utterance-finished.wav"
SECONDS = 2.6
MINUTE_USD, CHARACTER_USD = 0.6, 50e-6
REPLY = "It costs fifty dollars a month."


@pytest.fixture
async def api(start_api: StartApi, tmp_path: Path) -> ApiServer:
    own = [
        {"provider": "fake", "kind": "stt", "per_minute": MINUTE_USD, "source": "this test", "date": "2026-11"},
        {"provider": "fake", "kind": "tts", "per_million_characters": CHARACTER_USD * 1e6, "source": "this test",
         "date": "2026-11"},
    ]  # fmt: skip
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps(own))
    return await start_api(scripted_engines(), SPEECH_PRICES_FILE=str(prices))


async def used(api: ApiServer) -> list[dict[str, Any]]:
    await api.services.tracker.flush(5.0)
    connection = await asyncpg.connect(api.services.database.dsn)
    try:
        return [dict(row) for row in await connection.fetch("SELECT * FROM speech_usage ORDER BY kind")]
    finally:
        await connection.close()


async def costs(api: ApiServer) -> dict[str, Any]:
    async with api.operator.get("/api/reports/costs") as response:
        found: dict[str, Any] = await response.json()
        return found


async def test_a_spoken_turn_pays_for_its_ears_and_its_voice(api: ApiServer) -> None:
    audio = base64.b64encode(RECORDING.read_bytes()).decode()
    asked = {"agent": "conversation", "input": {"audio": audio, "format": "wav"}}
    async with api.operator.post("/api/langgraph/invoke", json=asked) as response:
        reply = await response.json()
    assert reply["output"]["text"] == REPLY
    heard, spoken = await used(api)
    assert (heard["audio_seconds"], spoken["characters_spoken"]) == (pytest.approx(SECONDS), len(REPLY))
    for row in (heard, spoken):
        assert (row["execution_id"], row["conversation_id"]) == (reply["execution_id"], reply["thread_id"])
    whole = pytest.approx(SECONDS / 60 * MINUTE_USD + len(REPLY) * CHARACTER_USD)
    assert heard["cost_usd"] + spoken["cost_usd"] == whole
    assert (reply["cost_usd"], reply["cost_is_known"]) == (whole, True)
    books = await costs(api)
    assert books["cost_usd"] == whole
    assert [(agent["agent_type"], agent["cost_usd"]) for agent in books["agents"]] == [("conversation", whole)]
    assert sum(entry["cost_usd"] for entry in books["conversations"]) == 0, "an agent's run is no live conversation"


async def test_a_typed_turn_uses_no_speech(api: ApiServer) -> None:
    asked = {"agent": "conversation", "input": {"message": "What does it cost?"}}
    async with api.operator.post("/api/langgraph/invoke", json=asked) as response:
        assert (await response.json())["cost_usd"] == 0
    assert await used(api) == []


async def test_a_text_that_is_spoken_on_its_own_is_nobodys(api: ApiServer) -> None:
    async with api.operator.post("/api/voice/synthesize", json={"text": "Good morning."}) as response:
        assert response.status == 200
    (row,) = await used(api)
    assert (row["conversation_id"], row["execution_id"], row["lead_id"]) == (None, None, None)
    assert row["cost_usd"] == pytest.approx(len("Good morning.") * CHARACTER_USD)
    report = await costs(api)
    assert (report["cost_usd"], report["conversations"]) == (pytest.approx(row["cost_usd"]), [])


async def test_the_tool_that_speaks_is_charged_to_who_uses_it(api: ApiServer) -> None:
    tool = api.services.engines.tools["generate_voice"]
    bill = api.services.engines.gateway.bills.open("exec_1")
    await tool.run({"text": "Good morning."}, ToolContext("conv_1", "key_1", execution_id="exec_1"))
    (row,) = await used(api)
    assert (row["execution_id"], row["conversation_id"]) == ("exec_1", "conv_1")
    assert bill.cost_usd == row["cost_usd"] == pytest.approx(len("Good morning.") * CHARACTER_USD)
