"""The WebRTC door from outside: aiortc as the client, over real sockets."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from api_server import FIRST_KEY, bearer, serving, settings_for
from eventually import eventually
from live_server import KEY, Server, StartServer, speech
from rtc_client import RtcClient, calling
from scripted_engines import scripted_engines

from agent_server.webrtc import door, peer
from agent_server.webrtc.playout import Playout

AUTH = {"Authorization": f"Bearer {KEY}"}
STORY = "once upon a time there was a very long story " * 8


async def stored(live: Server, http: aiohttp.ClientSession, conversation_id: str) -> dict[str, Any]:
    async with http.get(f"{live.url}/api/conversations/{conversation_id}", headers=AUTH) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def hang_up(live: Server, http: aiohttp.ClientSession, client: RtcClient) -> int:
    async with http.post(f"{live.url}{client.location}/hangup", headers=AUTH) as answer:
        return answer.status


def conversation_of(client: RtcClient) -> str:
    found: str = client.events[1]["conversation"]["id"]
    return found


async def test_a_caller_is_heard_and_hears_the_answer(live: Server, http: aiohttp.ClientSession) -> None:
    async with calling(live.url, KEY) as client:
        assert client.kinds == ["session.created", "conversation.created"]
        client.microphone.say(speech())
        await client.until("output_audio_buffer.stopped")
        kinds = client.kinds
        order = [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.committed",
            "response.created",
            "response.content_part.added",
            "output_audio_buffer.started",
            "response.output_audio_transcript.delta",
            "response.output_audio.done",
            "response.done",
            "output_audio_buffer.stopped",
        ]
        assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
        assert "response.output_audio.delta" not in kinds
        assert abs(client.heard_ms - 6 * 250) <= 200, "'It costs fifty dollars a month.', 250 ms a word"
        gaps = [after - before for (before, _), (after, _) in zip(client.heard, client.heard[1:], strict=False)]
        assert abs(sum(gaps) / len(gaps) - 0.02) < 0.004, "the track never pauses"
        assert await hang_up(live, http, client) == 200
        await eventually(lambda: live.services.admission.active == 0)
        async with asyncio.timeout(5):
            while await hang_up(live, http, client) != 404:  # its line is free a moment before it is forgotten
                await asyncio.sleep(0.01)
    found = await stored(live, http, conversation_of(client))
    assert (found["channel"], found["status"]) == ("webrtc", "closed")
    assert [item["heard_text"].strip() for item in found["items"]] == [
        "how much does it cost",
        "It costs fifty dollars a month.",
    ]


async def test_who_breaks_in_is_listened_to_at_once(start_live: StartServer, http: aiohttp.ClientSession) -> None:
    live = await start_live(scripted_engines(["no stop please"], answer=lambda _: STORY))
    async with calling(live.url, KEY) as client:
        client.type("Tell me a story.")
        await client.until("output_audio_buffer.started")
        await eventually(lambda: client.heard_ms > 1000)
        client.microphone.say(speech())
        await client.until("output_audio_buffer.cleared")
        cleared_s = asyncio.get_running_loop().time()
        assert (await client.until("response.done"))["response"]["status"] == "cancelled"
        truncated = await client.until("conversation.item.truncated")
        heard_ms = client.heard_ms
        await eventually(lambda: client.heard[-1][0] > cleared_s + 0.7)
        assert all(not loud for at, loud in client.heard if cleared_s + 0.4 < at < cleared_s + 0.7)
        assert abs(truncated["audio_end_ms"] - heard_ms) < 400, "what was put on the wire"
        told = next(event for event in reversed(client.events) if event["type"] == "conversation.item.truncated")
        assert told is truncated
        conversation_id = conversation_of(client)
        await hang_up(live, http, client)
    await eventually(lambda: live.services.admission.active == 0)
    item = (await stored(live, http, conversation_id))["items"][1]
    words = item["heard_text"].split()
    assert STORY.startswith(item["heard_text"].strip())
    assert abs(len(words) - truncated["audio_end_ms"] / 250) <= 1


async def test_the_client_may_silence_the_agent(start_live: StartServer) -> None:
    live = await start_live(scripted_engines(answer=lambda _: STORY))
    async with calling(live.url, KEY) as client:
        client.type("Tell me a story.")
        await client.until("output_audio_buffer.started")
        client.send({"type": "response.cancel"})
        client.send({"type": "output_audio_buffer.clear"})
        assert (await client.until("response.done"))["response"]["status_details"]["reason"] == "client_cancelled"
        await client.until("output_audio_buffer.cleared")
        await client.until("conversation.item.truncated")
        client.send({"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "mine"})
        error = (await client.until("error"))["error"]
        assert (error["code"], error["event_id"]) == ("unsupported_event", "mine")
        client.type("And once more.")
        await client.until("output_audio_buffer.started")
        assert "error" not in [event["type"] for event in client.events[-3:]]


async def test_a_client_that_closed_its_channel_opens_another(live: Server) -> None:
    async with calling(live.url, KEY) as client:
        client.channel.close()
        await eventually(lambda: client.channel.readyState == "closed")
        client.open_channel()
        await eventually(lambda: client.channel.readyState == "open")
        client.type("How much is it?")
        await client.until("response.done")


async def test_a_call_that_is_lost_goes_on_in_the_next(live: Server, http: aiohttp.ClientSession) -> None:
    async with calling(live.url, KEY) as client:
        client.type("How much is it?")
        await client.until("output_audio_buffer.stopped")
        conversation_id = conversation_of(client)
    await eventually(lambda: live.services.admission.active == 0)
    assert (await stored(live, http, conversation_id))["status"] == "dropped"
    async with calling(live.url, KEY, query=f"?conversation={conversation_id}") as client:
        resumed = await client.until("sales_agent.conversation.resumed")
        assert len(resumed["items"]) == 2
        async with calling(live.url, KEY, query=f"?conversation={conversation_id}"):
            error = (await client.until("error"))["error"]
            assert error["code"] == "conversation_continued_elsewhere"
            await eventually(lambda: client.peer.connectionState in ("closed", "failed"))


async def test_a_call_is_hung_up_at_any_process(start_live: StartServer, http: aiohttp.ClientSession) -> None:
    one, other = await start_live(), await start_live()
    async with calling(one.url, KEY) as client:
        client.type("How much is it?")
        await client.until("output_audio_buffer.stopped")
        conversation_id = conversation_of(client)
        assert await hang_up(other, http, client) == 200
        await eventually(lambda: one.services.admission.active == 0)
        assert (await stored(other, http, conversation_id))["status"] == "closed"
        assert await hang_up(other, http, client) == 404, "it is over"
    async with calling(one.url, KEY, query=f"?conversation={conversation_id}") as again:
        assert again.location != client.location
        assert await hang_up(other, http, client) == 404, "of a call that is over, not of the one that is held"
        assert await hang_up(other, http, again) == 200
        await eventually(lambda: one.services.admission.active == 0)


async def test_a_client_that_falls_silent_is_let_go(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling(live.url, KEY) as client:
        monkeypatch.setattr(peer, "SILENT_S", 0.3)
        monkeypatch.setattr(peer, "WATCH_EVERY_S", 0.1)
        conversation_id = conversation_of(client)
        await client.vanish()
        await eventually(lambda: live.services.admission.active == 0)
    assert (await stored(live, http, conversation_id))["status"] == "dropped"


async def test_a_call_whose_voice_fails_is_over(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling(live.url, KEY) as client:
        monkeypatch.setattr(Playout, "frame", lambda *_: 1 // 0)
        await eventually(lambda: live.services.admission.active == 0)
        assert (await stored(live, http, conversation_of(client)))["status"] == "dropped"


async def test_calls_come_in_where_the_operator_says(dsn: str, tmp_path: Path, http: aiohttp.ClientSession) -> None:
    settings = settings_for(dsn, tmp_path, WEBRTC_PORTS="42000-42001", WEBRTC_PUBLIC_ADDRESSES="203.0.113.7")
    async with serving(settings, scripted_engines(), tmp_path) as api:
        clients, answers = [RtcClient() for _ in range(3)], list[str]()
        for client in clients:
            headers = bearer(FIRST_KEY) | {"Content-Type": "application/sdp"}
            offer = await client.offer()
            async with http.post(f"{api.url}/v1/realtime/calls", data=offer, headers=headers) as answer:
                answers.append(await answer.text())
            await client.close()
        assert {f"203.0.113.7 {port} typ host" in "".join(answers[:2]) for port in (42000, 42001)} == {True}
        assert "127.0.0.1" not in "".join(line for line in answers[0].split() if "candidate" in line)
        assert '"code":"no_port_free"' in answers[2]
        began_s = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began_s < 3.0, "a stop does not wait for who never came"


async def test_a_client_that_does_not_come_holds_no_place(
    start_live: StartServer, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await start_live(max_conversations=1)
    monkeypatch.setattr(door, "CONNECT_TIMEOUT_S", 0.3)
    client = RtcClient()
    try:
        headers = AUTH | {"Content-Type": "application/sdp"}
        offer, url = await client.offer(), f"{live.url}/v1/realtime/calls"
        async with http.post(url, data=offer, headers=headers) as answer:
            assert answer.status == 201
        async with http.post(url, data=offer, headers=headers) as answer:
            assert answer.status == 503
            assert (await answer.json())["error"]["code"] == "session_limit_reached"
        await eventually(lambda: live.services.admission.active == 0)
    finally:
        await client.close()


async def test_a_server_that_stops_says_so(live: Server) -> None:
    async with calling(live.url, KEY) as client:
        assert not await live.services.admission.drained(0.0)
        assert (await client.until("error"))["error"]["code"] == "server_draining"
        await eventually(lambda: live.services.admission.active == 0)
        await eventually(lambda: client.peer.connectionState in ("closed", "failed"))


async def test_the_vendors_client_sends_a_session_with_the_offer(live: Server) -> None:
    client = RtcClient()
    try:
        async with live.openai() as vendors:
            created = await vendors.realtime.calls.create(
                sdp=await client.offer(), session={"type": "realtime", "instructions": "Speak like a pirate."}
            )
        assert created.response.headers["location"].startswith("/v1/realtime/calls/rtc_")
        await client.take(created.text)
        assert client.events[0]["session"]["instructions"] == "Speak like a pirate."
    finally:
        await client.close()


async def test_a_session_that_comes_with_the_offer_holds_for_a_call_that_is_continued(live: Server) -> None:
    async with calling(live.url, KEY) as client:
        client.send({"type": "session.update", "session": {"type": "realtime", "instructions": "Sell.", "tools": []}})
        await client.until("session.updated")
        conversation_id = conversation_of(client)
    again = RtcClient()
    try:
        async with live.openai() as vendors:
            session: Any = {"type": "realtime", "output_modalities": ["text"]}
            created = await vendors.realtime.calls.create(
                sdp=await again.offer(), session=session, extra_query={"conversation": conversation_id}
            )
        await again.take(created.text)
        shown = again.events[0]["session"]
        assert (shown["instructions"], shown["output_modalities"]) == ("Sell.", ["text"])
    finally:
        await again.close()
    async with calling(live.url, KEY, query=f"?conversation={conversation_id}") as client:
        assert client.events[0]["session"]["output_modalities"] == ["text"]
