"""Somebody in a chat wants a person: whoever is at the console is told and comes, or the agent says nobody does."""

import asyncio
from typing import Any

import aiohttp
import pytest
from beside import AUTH, Beside, typing
from live_server import StartServer
from scripted_engines import scripted_engines

from agent_server.supervising import person_wanted
from agent_server.supervising.nobody_came import nobody_came
from agent_server.supervising.person_wanted import is_waiting
from pipelines.conversation.items import Item, user_text
from pipelines.llm.port import ChatRequest, ToolCallDelta

HANDOFF = ToolCallDelta(0, '{"reason": "A person, please."}', "call_1", "handoff_to_person")
PROMISE = "Somebody will be with you."
SORRY = "Nobody is free right now."


def answer(request: ChatRequest) -> str | ToolCallDelta:
    last = request.messages[-1]
    if last.role != "tool":
        return HANDOFF
    return SORRY if "nobody_answered" in last.content else PROMISE


async def waiting(http: aiohttp.ClientSession, url: str) -> list[dict[str, Any]]:
    async with http.get(f"{url}/api/supervision/waiting", headers=AUTH) as reply:
        assert reply.status == 200
        found: list[dict[str, Any]] = (await reply.json())["items"]
        return found


async def test_where_nobody_is_at_a_console_the_agent_says_so_soon_and_in_writing(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_wanted, "UNATTENDED_S", 0.3)
    server = await start_live(scripted_engines(answer=answer))
    async with aiohttp.ClientSession() as http, typing(http, server.url) as (client, _):
        await client.type_in("A person, please.")
        assert await client.answer() == PROMISE
        assert await client.answer() == SORRY
        done = client.events[-1]["response"]
        assert done["output_modalities"] == ["text"], "as the client had it"


async def test_who_is_at_the_console_is_told_and_has_time_to_come(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_wanted, "UNATTENDED_S", 0.1)
    server = await start_live(scripted_engines(answer=answer))
    async with aiohttp.ClientSession() as http:
        assert await waiting(http, server.url) == []
        async with typing(http, server.url) as (client, conversation_id):
            await client.type_in("A person, please.")
            assert await client.answer() == PROMISE
            async with asyncio.timeout(5):  # the conversation's row is written behind
                while not (listed := await waiting(http, server.url)):
                    await asyncio.sleep(0.02)
            (found,) = listed
            assert (found["id"], found["reason"]) == (conversation_id, "A person, please.")
            await asyncio.sleep(0.4)
            maria = Beside(http, server.url, conversation_id)
            taken = await maria.ask("takeover", name="Maria")
            await maria.ask("say", text="Here I am.", lease=taken["lease"])
            assert await client.answer() == "Here I am.", "nobody said meanwhile that nobody comes"
            assert await waiting(http, server.url) == []


CALL = Item(id="f1", type="function_call", call_id="c1", name="handoff_to_person", own_tool=True)
DONE = Item(id="o1", type="function_call_output", call_id="c1", output='{"handed_over": true}', own_tool=True)
NOBODY = Item(id="o2", type="function_call_output", call_id="c1", output=nobody_came("").output, own_tool=True)
MARIA = Item(id="a1", type="message", role="assistant", heard="Here I am.", said_by="operator")
CALLER = user_text("u1", "Hello?")


@pytest.mark.parametrize(
    ("items", "waits"),
    [
        ([], False),
        ([CALL], False),
        ([CALL, DONE], True),
        ([CALL, DONE, CALLER], True),
        ([CALL, DONE, MARIA], False),
        ([CALL, DONE, CALL, NOBODY], False),
    ],
)
def test_who_was_promised_a_person_still_waits_when_they_are_back(items: list[Item], waits: bool) -> None:
    assert is_waiting(items) is waits
