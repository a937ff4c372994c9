"""A person beside a typed conversation, over the API of one server and of two."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from beside import AUTH, Beside, typing
from live_server import Server, StartServer
from prometheus_client import REGISTRY
from scripted_engines import scripted_engines

from agent_server.settings import CallAudioSettings
from pipelines.llm.port import ChatRequest
from storage.conversations.operator_acts import OperatorAct, OperatorActs

SPOKEN = {"type": "realtime", "output_modalities": ["audio"]}
ANSWER = "It costs fifty dollars a month."


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("sales_agent_operator_acts_total", {"kind": kind}) or 0.0


async def test_who_takes_over_speaks_in_the_agents_place_until_they_give_it_back(
    live: Server, http: aiohttp.ClientSession
) -> None:
    before = counted("takeover")
    async with typing(http, live.url) as (client, conversation_id):
        await client.type_in("How much is it?")
        assert await client.answer() == ANSWER
        maria = Beside(http, live.url, conversation_id)
        async with maria.following():
            taken = await maria.ask("takeover", name="Maria")
            assert (taken["operator"], taken["holds_seconds"]) == ("Maria", 20)
            joined = await client.until("sales_agent.operator")
            assert (joined["present"], joined["name"]) == (True, "Maria")
            refused = await maria.ask("takeover", 409, name="Bob")
            assert (refused["code"], refused["message"]) == ("taken_over", "Maria has taken over this conversation.")
            await client.type_in("Are you a robot?")
            await maria.until("item", lambda item: item["heard"] == "Are you a robot?")
            await maria.ask("say", text="No, I am Maria.", lease=taken["lease"])
            assert await client.answer() == "No, I am Maria."
            assert (await maria.ask("takeover/hold", lease=taken["lease"]))["operator"] == "Maria"
            assert (await maria.ask("release", lease=taken["lease"]))["operator"] is None
            assert (await client.until("sales_agent.operator"))["present"] is False
            await client.type_in("And the price?")
            assert await client.answer() == ANSWER
            told = await maria.until("item", lambda item: item["said_by"] == "operator" and item["heard"])
            assert told["heard"] == "No, I am Maria."
            await maria.until("operator", lambda operator: operator["name"] == "Maria")
            await maria.until("operator", lambda operator: operator["name"] is None)
        record = await maria.record()
    assert [(item["role"], item["said_by"]) for item in record["items"]] == [
        ("user", None),
        ("assistant", None),
        ("user", None),
        ("assistant", "operator"),
        ("user", None),
        ("assistant", None),
    ]
    acts = [(act["kind"], act["key_name"], act["text"]) for act in record["acts"]]
    assert acts == [
        ("takeover", "first key", None),
        ("say", "first key", "No, I am Maria."),
        ("release", "first key", None),
    ]
    assert counted("takeover") == before + 1
    assert len(record["turns"]) == 2, "a person's words are no turns of the agent's"


async def test_a_whisper_reaches_the_model_also_over_the_next_line_and_not_the_caller(start_live: StartServer) -> None:
    prompts: list[str] = []

    def answer(request: ChatRequest) -> str:
        prompts.append("\n".join(message.content for message in request.messages if message.role == "system"))
        return "Certainly."

    server = await start_live(scripted_engines(answer=answer))
    async with aiohttp.ClientSession() as http, typing(http, server.url) as (client, conversation_id):
        beside = Beside(http, server.url, conversation_id)
        told = await beside.ask("whisper", text="Offer ten percent.")
        assert told["heeded_by"] == "playbook"
        assert "follows no orders" in told["note"]
        await client.type_in("That is too much.")
        assert await client.answer() == "Certainly."
        assert "Offer ten percent." in prompts[-1]
        async with typing(http, server.url, f"?conversation={conversation_id}") as (again, _):
            await again.type_in("And for two?")
            assert await again.answer() == "Certainly."
    assert "supervisor" in prompts[-1]
    assert "Offer ten percent." in prompts[-1]
    assert not any("ten percent" in str(event) for event in client.events)


async def test_an_end_says_good_bye_and_closes_the_line(live: Server, http: aiohttp.ClientSession) -> None:
    async with typing(http, live.url) as (client, conversation_id):
        await client.type_in("How much is it?")
        assert await client.answer() == ANSWER
        beside = Beside(http, live.url, conversation_id)
        async with beside.following():
            await beside.ask("end", farewell="Good-bye.")
            assert await client.answer() == "Good-bye."
            assert (await client.until("error"))["error"]["code"] == "conversation_ended"
            assert (await beside.until("ended"))["status"] == "closed"
        async with asyncio.timeout(5):
            assert (await client.socket.receive()).type is aiohttp.WSMsgType.CLOSE
    record = await beside.record()
    assert record["status"] == "closed"
    for what, body in (("whisper", {"text": "x"}), ("takeover", {}), ("end", {}), ("say", {"text": "x"})):
        assert (await beside.ask(what, 409, **body))["code"] == "conversation_ended"
    assert [act["kind"] for act in (await beside.record())["acts"]] == ["end"], "what was refused was not done"
    async with http.get(f"{live.url}/api/conversations/{conversation_id}/live", headers=AUTH) as answer:
        assert answer.status == 409
    unknown = Beside(http, live.url, "conv_unknown")
    assert (await unknown.ask("say", 404, text="x"))["code"] == "conversation_not_found"


async def test_acts_take_a_key_that_may_supervise(live: Server, http: aiohttp.ClientSession) -> None:
    async with typing(http, live.url) as (_, conversation_id):
        base = f"{live.url}/api/conversations/{conversation_id}"
        writer = await live.services.api_keys.create("writer", scopes=("realtime", "read", "write", "send"))
        headers = {"Authorization": f"Bearer {writer.key}"}
        for what in ("whisper", "say", "takeover", "takeover/hold", "release", "end"):
            async with http.post(f"{base}/{what}", json={}, headers=headers) as answer:
                assert answer.status == 403, what
        beside = Beside(http, live.url, conversation_id)
        for body in ({"text": " "}, {"text": "x" * 1001}, {"text": "x", "lease": "short"}, {"words": "x"}, {}):
            await beside.ask("say", 400, **body)
        await beside.ask("takeover", 400, name="\n")


async def test_a_line_that_is_lost_is_taken_up_again_where_it_was(live: Server, http: aiohttp.ClientSession) -> None:
    async with typing(http, live.url) as (client, conversation_id):
        first = Beside(http, live.url, conversation_id)
        async with first.following():
            await client.type_in("How much is it?")
            await client.answer()
            await first.until("item", lambda item: item["heard"].strip() == ANSWER)
        await client.type_in("And for two?")
        await client.answer()
        second = Beside(http, live.url, conversation_id)
        async with second.following(**{"Last-Event-ID": first.last_id}):
            await second.until("item", lambda item: item["heard"] == "And for two?")
            assert not any(data.get("heard") == "How much is it?" for _, data in second.told)


async def test_a_conversation_that_is_continued_stays_with_who_has_it(
    live: Server, http: aiohttp.ClientSession
) -> None:
    async with typing(http, live.url) as (_, conversation_id):
        maria = Beside(http, live.url, conversation_id)
        async with maria.following():
            taken = await maria.ask("takeover", name="Maria")
            async with typing(http, live.url, f"?conversation={conversation_id}") as (again, _):
                assert (await again.until("sales_agent.operator"))["name"] == "Maria"
                await maria.until("state", lambda _: sum(kind == "state" for kind, _ in maria.told) == 2)
                await again.type_in("Still there?")
                await maria.until("item", lambda item: item["heard"] == "Still there?")
                await maria.ask("say", text="Yes.", lease=taken["lease"])
                assert await again.answer() == "Yes."


async def test_a_conversation_that_has_just_begun_elsewhere_is_waited_for(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, found_late = OperatorActs.add, iter([None])

    async def behind(self: OperatorActs, *args: Any, **fields: Any) -> OperatorAct | None:
        for nothing in found_late:
            return nothing
        return await add(self, *args, **fields)

    monkeypatch.setattr(OperatorActs, "add", behind)
    async with typing(http, live.url) as (_, conversation_id):
        told = await Beside(http, live.url, conversation_id).ask("whisper", text="Offer ten percent.")
        assert told["heeded_by"] == "playbook"


@pytest.mark.parametrize("processes", [1, 2])
async def test_what_no_process_knows_is_told_at_once(
    start_live: StartServer, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    servers = [await start_live() for _ in range(processes)]
    looks = []

    async def nothing(_self: OperatorActs, *args: Any, **_fields: Any) -> None:
        looks.append(args)

    monkeypatch.setattr(OperatorActs, "add", nothing)
    unknown = Beside(http, servers[0].url, "conv_unknown")
    assert (await unknown.ask("say", 404, text="x"))["code"] == "conversation_not_found"
    assert len(looks) == 2, "once more when everybody has said that they do not have it"


async def test_what_another_process_has_just_begun_is_waited_for(
    start_live: StartServer, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await start_live(), await start_live()
    add, found_late = OperatorActs.add, iter([None, None, None])

    async def behind(self: OperatorActs, *args: Any, **fields: Any) -> OperatorAct | None:
        for nothing in found_late:
            return nothing
        return await add(self, *args, **fields)

    monkeypatch.setattr(OperatorActs, "add", behind)
    async with typing(http, one.url) as (_, conversation_id):
        await Beside(http, other.url, conversation_id).ask("whisper", text="Offer ten percent.")


async def test_commands_events_and_sound_go_from_process_to_process(
    start_live: StartServer, http: aiohttp.ClientSession, redis_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CallAudioSettings, "live_listening", property(lambda _: True))
    shared: dict[str, Any] = {"redis_url": f"unix://{redis_socket}"}
    one, other = await start_live(**shared), await start_live(**shared)
    async with typing(http, one.url) as (client, conversation_id):
        maria = Beside(http, other.url, conversation_id)
        async with maria.following():
            taken = await maria.ask("takeover", name="Maria")
            assert (await client.until("sales_agent.operator"))["name"] == "Maria"
            await client.type_in("Who is this?")
            await maria.until("item", lambda item: item["heard"] == "Who is this?")
            await maria.ask("say", text="Maria.", lease=taken["lease"])
            assert await client.answer() == "Maria."
            await client.socket.send_json({"type": "session.update", "session": SPOKEN})
            await client.until("session.updated")
            listen = f"{other.url}/api/conversations/{conversation_id}/listen"
            async with http.ws_connect(listen, headers=AUTH) as listener:
                await maria.ask("say", text="I am listening.", lease=taken["lease"])
                async with asyncio.timeout(10):
                    assert (await listener.receive_bytes())[:1] == b"\x01", "the agent's voice"
            here = Beside(http, one.url, conversation_id)
            assert (await here.ask("takeover", 409))["code"] == "taken_over"
            await here.ask("end", 409)
            await maria.ask("end", farewell="", lease=taken["lease"])
            assert (await maria.until("ended"))["status"] == "closed"
    assert (await maria.ask("say", 409, text="x"))["code"] == "conversation_ended"
