"""@openai/agents-realtime under Node against our server: voice turn, tool, history order, interruption."""

import asyncio
import json
from pathlib import Path

from agents_install import AGENTS_CLIENT
from live_server import KEY, StartServer, speech
from scripted_engines import scripted_engines

from pipelines.llm.port import ChatRequest, ToolCallDelta

STORY = "once upon a time there was a very long story " * 8


def answer(request: ChatRequest) -> str | ToolCallDelta:
    last = request.messages[-1]
    if last.role == "tool":
        return f"It is {last.content} now."
    if "weather" in last.content:
        return ToolCallDelta(0, '{"city":"Rome"}', "call_weather", "get_weather")
    if "story" in last.content:
        return STORY
    return "It costs fifty dollars."


async def test_the_agents_client_converses(node_client: Path, start_live: StartServer, tmp_path: Path) -> None:
    server = await start_live(scripted_engines(["how much does it cost", "no stop please"], answer=answer))
    (tmp_path / "speech.pcm").write_bytes(speech())
    url = f"ws://127.0.0.1:{server.port}/v1/realtime?model=sales-agent"
    process = await asyncio.create_subprocess_exec(
        *(str(node_client), "conversation.mjs", url, KEY, str(tmp_path / "speech.pcm")),
        cwd=AGENTS_CLIENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert out, err.decode()[-2000:]
    result = json.loads(out)
    assert result["errors"] == []
    assert result["toolCalls"] == ["Rome"]
    assert result["audioBytesByTurn"][0] == 6 * 250 * 48, "'It is sunny in Rome now.', 250 ms a word"
    assert result["audioBytesByTurn"][1] == 4 * 250 * 48
    assert result["interruptions"] >= 1
    assert result["lastStatus"] == "cancelled"
    story = result["history"][5]
    assert [(item["type"], item.get("role")) for item in result["history"]][:7] == [
        ("message", "user"),
        ("function_call", None),
        ("message", "assistant"),
        ("message", "user"),
        ("message", "assistant"),
        ("message", "user"),
        ("message", "assistant"),
    ]
    assert result["history"][3]["text"] == ["how much does it cost"]
    assert story["text"] == ["Tell me a long story."]
    told = result["history"][6]
    assert told["status"] == "incomplete"
    assert told["text"][0]
    assert STORY.startswith(told["text"][0]), "what is left of the reply is what was heard of it"
