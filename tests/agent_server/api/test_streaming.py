"""Replies token by token."""

from typing import Any

import aiohttp
import pytest
from api_server import ApiServer, error_of
from test_langgraph import parsed


async def test_the_words_come_as_they_are_made(api: ApiServer) -> None:
    async with api.operator.post("/api/streaming", json={"message": "What does it cost?"}) as response:
        assert response.content_type == "text/event-stream"
        events = parsed((await response.read()).decode())
    words = "".join(event["data"]["text"] for event in events if event["kind"] == "token")
    assert words.strip() == "It costs fifty dollars a month."
    conversation = events[-1]["data"]["thread_id"]
    body = {"message": "Thanks", "conversation": conversation}
    async with api.operator.post("/api/streaming", json=body) as response:
        assert parsed((await response.read()).decode())[-1]["data"]["thread_id"] == conversation


async def test_nothing_said_is_refused(api: ApiServer) -> None:
    async with api.operator.post("/api/streaming", json={"message": ""}) as response:
        assert (response.status, (await error_of(response))["code"]) == (400, "invalid_value")


async def told(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    """The events up to the last of a message."""
    events: list[dict[str, Any]] = []
    while not events or events[-1]["event"] not in ("done", "error"):
        events.append(await socket.receive_json(timeout=20))
    return events


async def test_over_a_socket_a_conversation_goes_on_message_by_message(api: ApiServer) -> None:
    async with api.operator.ws_connect("/api/streaming") as socket:
        await socket.send_json({"message": "What does it cost?"})
        events = await told(socket)
        words = "".join(event["data"]["text"] for event in events if event["event"] == "token")
        assert words.strip() == "It costs fifty dollars a month."
        conversation = events[-1]["data"]["thread_id"]
        await socket.send_json({"message": "Thanks", "conversation": conversation})
        assert (await told(socket))[-1]["data"]["thread_id"] == conversation


async def test_what_is_refused_over_a_socket_does_not_end_it(api: ApiServer) -> None:
    async with api.operator.ws_connect("/api/streaming") as socket:
        for rubbish in ("", "[]", '{"message": ""}', '{"message": "x", "surprise": 1}'):
            await socket.send_str(rubbish)
            (refused,) = await told(socket)
            assert refused["data"]["error"]["code"] == "invalid_value", rubbish
        await socket.send_bytes(b"x")
        (refused,) = await told(socket)
        assert refused["data"]["error"]["code"] == "invalid_json"
        await socket.send_json({"message": "What does it cost?"})
        assert (await told(socket))[-1]["event"] == "done"


async def test_a_socket_takes_a_key(api: ApiServer) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await api.client.ws_connect("/api/streaming")
    assert refused.value.status == 401
    async with api.operator.get("/api/streaming") as response:
        assert (response.status, (await error_of(response))["code"]) == (400, "not_a_websocket")
