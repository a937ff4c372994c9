"""Lines that break while an agent is watched: the run goes on, or ends with its watcher if that was asked for."""

import asyncio
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from scripted_engines import scripted_engines
from test_langgraph import parsed

from agent_server.api.streaming_socket import MOST_WAITING

ASK = {"agent": "conversation", "input": {"message": "What does it cost?"}}
WORDS = "It costs fifty dollars a month and there is no setup fee at all"


@pytest.fixture
async def api(start_api: StartApi) -> ApiServer:
    return await start_api(scripted_engines(answer=lambda _: WORDS, token_s=0.05))


async def begun(api: ApiServer, **more: Any) -> list[dict[str, Any]]:
    """Watch until the third token, then leave without a word."""
    text = ""
    async with api.operator.post("/api/langgraph/stream", json={**ASK, **more}) as response:
        async for chunk in response.content.iter_any():
            text += chunk.decode()
            if text.count("event: token") >= 3:
                break
        response.close()
    return parsed(text[: text.rindex("\n\n") + 2])


async def stopped(api: ApiServer, thread_id: str) -> dict[str, Any]:
    """The thread's state once it does not run."""
    while True:
        async with api.operator.get(f"/api/langgraph/state/{thread_id}") as response:
            state: dict[str, Any] = await response.json()
        if state["status"] != "running":
            return state
        await asyncio.sleep(0.02)


async def test_the_run_goes_on_and_the_rest_is_there(api: ApiServer) -> None:
    seen = await begun(api)
    async with api.operator.post(
        "/api/langgraph/stream", json=ASK, headers={"Last-Event-ID": seen[-1]["id"]}
    ) as response:
        rest = parsed((await response.read()).decode())
    whole = seen + rest
    assert [event["id"] for event in whole] == list(dict.fromkeys(event["id"] for event in whole))
    assert whole[-1]["kind"] == "done"
    assert "".join(event["data"]["text"] for event in whole if event["kind"] == "token").strip() == WORDS


async def test_the_run_ends_with_its_watcher_if_that_was_asked_for(api: ApiServer) -> None:
    seen = await begun(api, cancel_on_disconnect=True)
    thread_id = seen[0]["data"]["thread_id"]
    async with asyncio.timeout(5):
        state = await stopped(api, thread_id)
    assert (state["status"], state["next"]) == ("stopped", ["respond"])
    body = {"agent": "conversation", "thread_id": thread_id}
    async with api.operator.post("/api/langgraph/resume", json=body) as response:
        reply = await response.json()
    assert (reply["status"], reply["output"]["text"]) == ("completed", WORDS)
    async with api.operator.get(f"/api/conversations/{thread_id}") as response:
        items = (await response.json())["items"]
    assert [item["role"] for item in items].count("user") == 1


@pytest.mark.parametrize("door", ["sse", "socket"])
async def test_leaving_ends_the_run_while_its_model_is_silent(start_api: StartApi, door: str) -> None:
    api = await start_api(scripted_engines(answer=lambda _: WORDS, token_s=30.0))
    message = {"message": "What does it cost?", "cancel_on_disconnect": True}
    async with asyncio.timeout(5):
        thread_id = await (left_socket if door == "socket" else left_response)(api, message)
        state = await stopped(api, thread_id)
    assert (state["status"], state["next"]) == ("stopped", ["respond"])


async def left_socket(api: ApiServer, message: dict[str, Any]) -> str:
    async with api.operator.ws_connect("/api/streaming") as socket:
        await socket.send_json(message)
        first = event = await socket.receive_json()
        while event["data"].get("node") != "respond":
            event = await socket.receive_json()
    return str(first["data"]["thread_id"])


async def left_response(api: ApiServer, message: dict[str, Any]) -> str:
    text = ""
    async with api.operator.post("/api/streaming", json=message) as response:
        while '"respond"' not in text:
            text += (await response.content.readany()).decode()
        response.close()
    return str(parsed(text[: text.rindex("\n\n") + 2])[0]["data"]["thread_id"])


async def test_more_messages_than_may_wait_are_refused(start_api: StartApi) -> None:
    api = await start_api(scripted_engines(answer=lambda _: WORDS, token_s=30.0))
    async with api.operator.ws_connect("/api/streaming") as socket:
        for _ in range(MOST_WAITING + 3):
            await socket.send_json({"message": "Hello?"})
        while (event := await socket.receive_json(timeout=5))["event"] != "error":
            pass
    assert event["data"]["error"]["code"] == "too_many_messages"
