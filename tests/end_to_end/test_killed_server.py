"""A server killed with SIGKILL in the middle of a reply: nothing said or heard before is missing after the restart."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from server_process import ServerProcess, until

STORY = "Once upon a time a small company wanted to answer every call, day and night, and it asked us how. " * 4


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data")
    try:
        yield server
    finally:
        await server.stop()


@pytest.mark.timeout(180)
async def test_nothing_said_or_heard_is_lost(process: ServerProcess) -> None:
    await process.start()
    told: list[tuple[float, str]] = []
    loop = asyncio.get_running_loop()
    async with process.connected() as opened:
        conversation_id = (await until(opened, "conversation.created"))["conversation"]["id"]
        question = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a story."}]}
        await opened.send_json({"type": "conversation.item.create", "item": question})
        await opened.send_json({"type": "response.create", "response": {"instructions": f"Say exactly: {STORY}"}})
        started = loop.time()
        while loop.time() < started + 4.0:
            event = json.loads(await opened.receive_str())
            if event["type"] == "response.output_audio_transcript.delta":
                told.append((loop.time(), event["delta"]))
        await process.kill()
        killed_at = loop.time()
    sent = "".join(delta for _, delta in told)
    surely_heard = "".join(delta for at, delta in told if at < killed_at - 1.0)
    assert surely_heard

    await process.start()
    async with process.connected(f"?conversation={conversation_id}") as opened:
        resumed = await until(opened, "sales_agent.conversation.resumed")
        assert resumed["conversation_id"] == conversation_id
        question, reply = resumed["items"]
        assert question["content"][0]["text"] == "Tell me a story."
        assert reply["status"] == "incomplete"
        heard = reply["content"][0]["transcript"]
        assert heard.startswith(surely_heard), "what was heard is remembered"
        assert sent.startswith(heard), "what was not sent is not"
        await opened.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        done = await until(opened, "response.done")
        assert done["response"]["status"] == "completed"
    items = (await process.conversation(conversation_id))["items"]
    assert [item["role"] for item in items] == ["user", "assistant", "assistant"]
    assert items[1]["heard_text"] == heard
    assert items[1]["status"] == "incomplete"
    assert items[1]["generated_text"].startswith(heard)
