"""A mistake of ours inside a conversation: its caller is told, and it stands on record as what it is."""

import asyncio
import logging

import aiohttp
import pytest
from beside import Beside, typing
from live_server import Server
from mistakes import breaks_at
from prometheus_client import REGISTRY

from agent_server.hosting.breaking_off import SORRY
from agent_server.telemetry.turn_metrics import TurnMetrics
from pipelines.conversation import facts


def ended(status: str) -> float:
    name, labels = "sales_agent_conversations_ended_total", {"channel": "websocket", "status": status}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def status_of(beside: Beside) -> str:
    async with asyncio.timeout(10):
        while (record := await beside.record())["status"] == "open":
            await asyncio.sleep(0.02)
    status: str = record["status"]
    assert not [item for item in record["items"] if item["status"] == "in_progress"]
    return status


@pytest.mark.parametrize("kind", [facts.ItemCreate, facts.ModelText, facts.VoiceAudio])
async def test_the_caller_is_told_of_a_mistake_and_may_go_on(
    live: Server,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: type[facts.Fact],
) -> None:
    caplog.set_level(logging.ERROR)
    breaks_at(monkeypatch, kind)
    before = ended("failed")
    async with typing(http, live.url) as (client, conversation_id):
        beside = Beside(http, live.url, conversation_id)
        async with beside.following():
            item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "How much is it?"}]}
            await client.socket.send_json({"type": "conversation.item.create", "item": item})
            await client.socket.send_json({"type": "response.create"})
            while SORRY not in str(await client.until("response.done")):
                pass
            assert (await client.until("error"))["error"]["code"] == "conversation_failed"
            assert (await beside.until("ended"))["status"] == "failed"
    assert await status_of(beside) == "failed"
    assert ended("failed") == before + 1
    assert sum("a mistake" in str(record.exc_info) for record in caplog.records) == 1, "it is told once"
    async with typing(http, live.url, f"?conversation={conversation_id}") as (again, _):
        await again.type_in("And now?")
        assert await again.answer() == "It costs fifty dollars a month."
    assert await status_of(beside) == "closed"


async def test_a_mistake_that_comes_again_leaves_nobody_waiting(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_at(monkeypatch, facts.VoiceAudio, times=2)
    async with typing(http, live.url) as (client, conversation_id):
        await client.socket.send_json({"type": "response.create"})
        assert (await client.until("error"))["error"]["code"] == "conversation_failed"
    assert await status_of(Beside(http, live.url, conversation_id)) == "failed"


async def test_a_mistake_in_who_only_watches_ends_no_conversation(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(TurnMetrics, "saw", breaks)
    caplog.set_level(logging.ERROR)
    async with typing(http, live.url) as (client, conversation_id):
        await client.type_in("How much is it?")
        assert await client.answer() == "It costs fifty dollars a month."
    assert await status_of(Beside(http, live.url, conversation_id)) == "closed"
    (told,) = [record.getMessage() for record in caplog.records if "a mistake" in str(record.exc_info)]
    assert told == f"TurnMetrics of conversation {conversation_id} broke"
