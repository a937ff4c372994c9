"""A client that comes back to another server process while the one it left still holds its conversation."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from server_process import ServerProcess, until

STORY = "Once upon a time a small company wanted to answer every call, day and night, and it asked us how. " * 4
QUESTION = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a story."}]}


@pytest.fixture
async def two(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[ServerProcess, ServerProcess]]:
    servers = [ServerProcess(tmp_path / name, DATABASE_URL=dsn, DATABASE_CONNECTIONS="4") for name in ("one", "two")]
    try:
        await servers[0].start()  # it makes the tables
        await servers[1].start()
        yield servers[0], servers[1]
    finally:
        for server in servers:
            server.resume()
            await server.stop()


async def begin_story(opened: aiohttp.ClientWebSocketResponse, seconds: float) -> tuple[str, str]:
    """The conversation's id, and what of a long reply was sent so far."""
    conversation_id = (await until(opened, "conversation.created"))["conversation"]["id"]
    await opened.send_json({"type": "conversation.item.create", "item": QUESTION})
    await opened.send_json({"type": "response.create", "response": {"instructions": f"Say exactly: {STORY}"}})
    sent, loop = "", asyncio.get_running_loop()
    began = loop.time()
    while loop.time() < began + seconds:
        event = json.loads(await opened.receive_str())
        if event["type"] == "response.output_audio_transcript.delta":
            sent += event["delta"]
    return conversation_id, sent


async def resumed_reply(opened: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    resumed = await until(opened, "sales_agent.conversation.resumed")
    question, reply = resumed["items"]
    assert question["content"][0]["text"] == "Tell me a story."
    found: dict[str, Any] = reply
    return found


async def says_hello(opened: aiohttp.ClientWebSocketResponse) -> None:
    await opened.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
    assert (await until(opened, "response.done"))["response"]["status"] == "completed"


@pytest.mark.timeout(180)
async def test_the_first_lets_go_and_nothing_is_lost(two: tuple[ServerProcess, ServerProcess]) -> None:
    first, second = two
    loop = asyncio.get_running_loop()
    async with first.connected() as old:
        conversation_id, sent = await begin_story(old, 3.0)
        asked_at = loop.time()
        async with second.connected(f"?conversation={conversation_id}") as new:
            heard = (await resumed_reply(new))["content"][0]["transcript"]
            assert loop.time() - asked_at < 3.0
            error = (await until(old, "error"))["error"]
            assert error["code"] == "conversation_continued_elsewhere"
            async with asyncio.timeout(5):
                async for _ in old:
                    pass  # it ends
            assert heard
            assert STORY.startswith(heard)
            assert len(heard) >= len(sent) - 40, "to within a few words of the last that were sent"
            await says_hello(new)
            assert (await second.conversation(conversation_id))["status"] == "open"
    items = (await second.conversation(conversation_id))["items"]
    assert [item["role"] for item in items] == ["user", "assistant", "assistant"]
    assert items[1]["heard_text"] == heard, "what the second was told is what the first wrote last"


@pytest.mark.timeout(180)
async def test_one_that_stands_still_is_not_waited_for_and_changes_nothing_afterwards(
    two: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = two
    loop = asyncio.get_running_loop()
    async with first.connected() as old:
        conversation_id, _ = await begin_story(old, 2.0)
        first.pause()
        asked_at = loop.time()
        async with second.connected(f"?conversation={conversation_id}") as new:
            assert (await resumed_reply(new))["content"][0]["transcript"]
            assert loop.time() - asked_at < 3.0
            first.resume()
            assert (await until(old, "error"))["error"]["code"] == "conversation_continued_elsewhere"
            await old.close()
            await asyncio.sleep(1.0)
            assert (await second.conversation(conversation_id))["status"] == "open", "it is the second's"
            await says_hello(new)
    async with asyncio.timeout(10):
        while (await second.conversation(conversation_id))["status"] != "closed":
            await asyncio.sleep(0.1)
