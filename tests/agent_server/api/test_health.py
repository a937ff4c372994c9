"""Readiness follows the parts; liveness does not."""

from typing import Any

import msgspec
from api_server import ApiServer, StartApi
from scripted_engines import FakeVoice, scripted_engines


async def health(api: ApiServer) -> tuple[int, dict[str, Any]]:
    async with api.client.get("/api/health") as response:
        return response.status, await response.json()


async def test_all_is_well(api: ApiServer) -> None:
    status, body = await health(api)
    assert status == 200
    assert body["status"] == "ok"
    assert set(body["components"]) == {
        "database",
        "conversation_log",
        "ledger",
        "encryption_key",
        "voice_activity",
        "speech_recognition",
        "language_model",
        "voice",
        "invitations",
    }
    assert body["components"]["database"]["latency_ms"] > 0
    assert body["conversations"] == {"active": 0, "limit": 20}


async def test_a_dead_recogniser_makes_it_unready(api: ApiServer) -> None:
    api.services.engines.recognisers[0].healthy = False  # type: ignore[attr-defined]
    status, body = await health(api)
    assert status == 503
    assert body["status"] == "unavailable"
    assert body["components"]["speech_recognition"]["status"] == "down"


async def test_a_broken_rung_of_a_ladder_only_degrades_it(start_api: StartApi) -> None:
    first, second = FakeVoice(), FakeVoice()
    api = await start_api(msgspec.structs.replace(scripted_engines(), voices=(first, second)))
    first.healthy = False
    status, body = await health(api)
    assert (status, body["status"]) == (200, "degraded")
    assert body["components"]["voice"]["status"] == "degraded"
    assert "; serving: " in body["components"]["voice"]["detail"]
    second.healthy = False
    assert (await health(api))[0] == 503


async def test_a_database_that_is_gone_makes_it_unready_and_leaves_it_alive(api: ApiServer) -> None:
    await api.services.database.aclose()
    status, body = await health(api)
    assert status == 503
    found = body["components"]["database"]
    assert found["status"] == "down"
    assert found["detail"].startswith("database_unavailable.")
    assert "new ones are refused" in found["detail"], "what it means"
    async with api.client.get("/api/live") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_draining_makes_it_unready(api: ApiServer) -> None:
    api.services.admission.drain()
    status, body = await health(api)
    assert (status, body["draining"]) == (503, True)
