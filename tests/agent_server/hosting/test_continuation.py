"""``?conversation=`` after a dropped line: the same thread, nothing missing, nothing twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from live_server import KEY, Server, StartServer, kinds, say, speech, until
from msgspec import structs
from scripted_engines import scripted_engines

from pipelines.llm.port import ChatRequest, Completed, LlmEvent, TextDelta, Usage

AUTH = {"Authorization": f"Bearer {KEY}"}
STORY = "word " * 40


async def talk(connection: Any, text: str, **response: Any) -> Any:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    await connection.conversation.item.create(item=item)
    await connection.response.create(response={"output_modalities": ["text"], **response})
    return (await until(connection, "response.done"))[-1].response


async def conversation_of(connection: Any) -> str:
    created = (await until(connection, "conversation.created"))[-1]
    found: str = created.conversation.id
    return found


async def stored(live: Server, http: aiohttp.ClientSession, conversation_id: str) -> dict[str, Any]:
    async with http.get(f"{live.url}/api/conversations/{conversation_id}", headers=AUTH) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_a_conversation_goes_on_where_it_stopped(live: Server, http: aiohttp.ClientSession) -> None:
    async with live.realtime() as connection:
        conversation_id = await conversation_of(connection)
        await connection.session.update(session={"type": "realtime", "instructions": "Speak like a pirate."})
        await talk(connection, "How much is it?")
    query = {"conversation": conversation_id}
    async with live.realtime(extra_query=query) as connection:
        events = await until(connection, "sales_agent.conversation.resumed")
        assert kinds(events) == ["session.created", "conversation.created", "sales_agent.conversation.resumed"]
        assert events[0].session.instructions == "Speak like a pirate."
        shown = events[-1].to_dict()["items"]
        assert [item["content"][0]["text"] for item in shown] == ["How much is it?", "It costs fifty dollars a month. "]
        await talk(connection, "And for two?")
    found = await stored(live, http, conversation_id)
    assert [item["heard_text"].strip() for item in found["items"]] == [
        "How much is it?",
        "It costs fifty dollars a month.",
        "And for two?",
        "It costs fifty dollars a month.",
    ]
    assert len({item["id"] for item in found["items"]}) == 4
    assert [turn["item_id"] for turn in found["turns"]] == [found["items"][1]["id"], found["items"][3]["id"]]
    assert found["items"][0]["intent"] == "pricing"


async def test_the_model_gets_the_whole_thread(start_live: StartServer) -> None:
    engines = scripted_engines()
    server = await start_live(engines)
    async with server.realtime() as connection:
        conversation_id = await conversation_of(connection)
        await talk(connection, "How much is it?")
    query = {"conversation": conversation_id}
    async with server.realtime(extra_query=query) as connection:
        await talk(connection, "And for two?")
    (model,) = engines.models
    said = [message.content.strip() for message in model.requests[-1].messages if message.role != "system"]  # type: ignore[attr-defined]
    assert said == ["How much is it?", "It costs fifty dollars a month.", "And for two?"]


async def test_a_line_that_is_still_open_is_taken_over(start_live: StartServer, http: aiohttp.ClientSession) -> None:
    server = await start_live(scripted_engines(answer=lambda _: STORY))
    url = f"{server.url}/v1/realtime"
    async with http.ws_connect(url, headers=AUTH) as old:
        created = json.loads((await old.receive()).data)
        while created["type"] != "conversation.created":
            created = json.loads((await old.receive()).data)
        conversation_id = created["conversation"]["id"]
        await old.send_json({"type": "response.create"})
        while json.loads((await old.receive()).data)["type"] != "response.output_audio_transcript.delta":
            pass
        async with http.ws_connect(f"{url}?conversation={conversation_id}", headers=AUTH) as new:
            resumed = json.loads((await new.receive()).data)
            while resumed["type"] != "sales_agent.conversation.resumed":
                resumed = json.loads((await new.receive()).data)
            (item,) = resumed["items"]
            assert item["status"] == "incomplete"
            assert STORY.startswith(item["content"][0]["transcript"])
            rest = [json.loads(message.data) async for message in old]
            (error,) = [event["error"] for event in rest if event["type"] == "error"]
            assert error["code"] == "conversation_continued_elsewhere"


class FirstNever:
    """A model that answers from its second request on, as after the process that asked first was killed."""

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []
        self.name, self.healthy = "fake", True

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        self.asked.append(request)
        if len(self.asked) == 1:
            await asyncio.Event().wait()
        yield TextDelta("Fifty dollars. ")
        yield Completed("stop", Usage(10, 2))

    async def aclose(self) -> None:
        pass


async def test_what_was_said_before_the_line_broke_is_answered_on_the_next(start_live: StartServer) -> None:
    model = FirstNever()
    engines = structs.replace(scripted_engines(["what is the price"]), models=(model,))
    server = await start_live(engines)
    async with server.realtime() as broken:
        conversation_id = await conversation_of(broken)
        await say(broken, speech()[: 48 * 1200], silence_ms=900)
        await until(broken, "response.created")
        query = {"conversation": conversation_id}
        async with server.realtime(extra_query=query) as connection:
            await until(connection, "sales_agent.conversation.resumed")
            done = (await until(connection, "response.done"))[-1].response
            assert done.output[0].content[0].transcript == "Fifty dollars."
    said = [message.content for message in model.asked[-1].messages if message.role != "system"]
    assert said == ["what is the price"]
