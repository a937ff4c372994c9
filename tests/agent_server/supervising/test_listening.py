"""Listening to a live voice conversation: both voices, only where it is allowed, never to who does not want it."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from api_server import ApiServer, StartApi, error_of
from live_server import speech
from msgspec import structs
from scripted_engines import scripted_engines

from agent_server.stores.shared_redis import SharedRedis
from agent_server.supervising.tap import Tap
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import ConversationSettings, Limits, RecordingWords
from storage.shared.event_buffer import EventBuffer

TONE_MS = 250
"""Of a word of the scripted voice."""


class Listener:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.heard = {0: 0, 1: 0}
        """Milliseconds of caller and agent."""
        self.events: list[str] = []

    async def until(self, caller_ms: float, agent_ms: float) -> None:
        async with asyncio.timeout(10):
            while self.heard[0] < caller_ms or self.heard[1] < agent_ms:
                await self.next()

    async def next(self) -> bool:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            self.heard[message.data[0]] += (len(message.data) - 1) // 48
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.events.append(json.loads(message.data)["event"])
        return message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)


async def begun(socket: aiohttp.ClientWebSocketResponse) -> str:
    async with asyncio.timeout(10):
        while True:
            event: dict[str, Any] = json.loads(await socket.receive_str())
            if event["type"] == "conversation.created":
                return str(event["conversation"]["id"])


async def speak(socket: aiohttp.ClientWebSocketResponse, pcm: bytes) -> None:
    """A second's worth in a moment: the line takes it."""
    for at in range(0, len(pcm), 4800):
        audio = base64.b64encode(pcm[at : at + 4800]).decode()
        await socket.send_json({"type": "input_audio_buffer.append", "audio": audio})
        await asyncio.sleep(0.02)


async def refused(server: ApiServer, conversation_id: str) -> str:
    async with server.operator.get(f"/api/conversations/{conversation_id}/listen") as answer:
        return f"{answer.status} {(await error_of(answer))['code']}"


async def test_both_voices_are_heard_until_the_caller_refuses(start_api: StartApi) -> None:
    engines = scripted_engines(["please do not record me"], lambda _: "word " * 8)
    server = await start_api(engines, LIVE_LISTENING="on")
    async with server.operator.ws_connect("/v1/realtime") as caller:
        conversation_id = await begun(caller)
        path = f"/api/conversations/{conversation_id}/listen"
        assert await refused(server, conversation_id) == "400 not_a_websocket"
        async with server.operator.ws_connect(path) as socket:
            listener = Listener(socket)
            await caller.send_json({"type": "response.create"})
            await listener.until(0, 4 * TONE_MS)
            pcm = speech()
            await speak(caller, pcm[: 48 * 1500] + bytes(48 * 1500))
            await listener.until(1000, 4 * TONE_MS)
            async with asyncio.timeout(10):
                while await listener.next():
                    pass
        assert listener.events[-1] == "refused"
        assert listener.events.count("cut") == 1
        assert await refused(server, conversation_id) == "409 listening_refused"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
            await server.operator.ws_connect(path)
    async with server.operator.get(f"/api/conversations/{conversation_id}") as answer:
        acts = (await answer.json())["acts"]
    assert [act["kind"] for act in acts] == ["listen"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("please do not record me", "409 listening_refused"),
        ("bitte nicht aufnehmen", "409 listening_refused"),
        ("hello", "400 not_a_websocket"),
    ],
)
async def test_who_refused_long_ago_is_not_listened_to(start_api: StartApi, said: str, outcome: str) -> None:
    """In words that are on record alone when the conversation goes on."""
    server = await start_api(scripted_engines(), LIVE_LISTENING="on")
    short = structs.replace(server.services.conversation_defaults, limits=Limits(history_items=6))
    structs.force_setattr(server.services, "conversation_defaults", short)
    async with server.operator.ws_connect("/v1/realtime") as caller:
        conversation_id = await begun(caller)
        for words in (said, *["and then?"] * 9):
            content = [{"type": "input_text", "text": words}]
            await caller.send_json(
                {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}}
            )
    async with server.operator.ws_connect(f"/v1/realtime?conversation={conversation_id}") as caller:
        assert await begun(caller) == conversation_id
        assert await refused(server, conversation_id) == outcome


async def test_nobody_listens_unless_it_is_on(start_api: StartApi) -> None:
    server = await start_api(scripted_engines())
    async with server.operator.ws_connect("/v1/realtime") as caller:
        assert await refused(server, await begun(caller)) == "403 listening_off"


def test_nobody_listens_before_an_announcement_was_heard_nor_after_a_refusal() -> None:
    def refusal(*said: Item) -> str | None:
        words = RecordingWords("It is stopped.", "This call is recorded.")
        items = [(item, float(place)) for place, item in enumerate(said)]
        core = ConversationCore(ConversationSettings(), id_prefix="t", items=items, recording=words)
        tap = Tap("conv_1", core, EventBuffer(SharedRedis(None), "test"), lambda _: None)
        return tap.refusal[0] if tap.refusal is not None else None

    told = Item(id="a", type="message", role="assistant", heard="This call is recorded. Hello.")
    assert refusal() == "not_announced_yet"
    assert refusal(told) is None
    assert refusal(told, user_text("b", "Please don't record me.")) == "listening_refused"
