"""The same as ``POST /api/streaming`` over a WebSocket: one connection, one message after the other."""

import asyncio
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from agent_server.api.endpoint import WEBSOCKET, Call
from agent_server.api.serving import check_json_text
from agent_server.api.streaming import Message, streaming
from agent_server.web.auth import REALTIME_PROTOCOL
from agent_server.web.errors import Problem
from agent_server.web.problems import problem_of
from pipelines.agents.requests import Asked

__all__ = ["streaming"]

HEARTBEAT_S = 20.0
IDLE_S = 600.0
"""A connection on which nothing is asked for so long is closed."""

MAX_MESSAGE_BYTES = 64 * 1024

MOST_WAITING = 8
"""Messages that wait for a reply to end. The socket is read meanwhile, or a client that left would not be noticed."""


@streaming.get("/api/streaming", scope="write", summary="The same over a WebSocket", produces=WEBSOCKET, errors=(400,))
async def stream_over_socket(call: Call) -> web.WebSocketResponse:
    """Send the body of the POST as a text message; each event comes as `{"id", "event", "data"}`, `done` last, and what
    is refused as the event `error`. Another message may follow; one sent before `done` waits for it. Leaving ends at
    once a reply that was asked for with `cancel_on_disconnect`."""
    if not call.services.origins.allows(call.request.headers.get("Origin"), call.request.host):
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
    socket = web.WebSocketResponse(
        protocols=(REALTIME_PROTOCOL,),
        heartbeat=HEARTBEAT_S,
        receive_timeout=IDLE_S,
        max_msg_size=MAX_MESSAGE_BYTES,
        compress=False,
    )
    if not socket.can_prepare(call.request).ok:
        raise Problem(400, "not_a_websocket", "Upgrade to a WebSocket, or POST the message.")
    await socket.prepare(call.request)
    try:
        async with asyncio.TaskGroup() as group:
            waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
            replying = group.create_task(_reply_in_turn(call, socket, waiting))
            await _read(socket, waiting)
            replying.cancel()
    except* (TimeoutError, ConnectionError):
        pass  # it left, or has nothing more to ask
    finally:
        await socket.close()
    return socket


async def _read(socket: web.WebSocketResponse, waiting: asyncio.Queue[str]) -> None:
    """Until the client leaves."""
    async for frame in socket:
        if frame.type is not WSMsgType.TEXT:
            await _refuse(socket, Problem(400, "invalid_json", "A message is a JSON text."))
        elif waiting.full():
            message = f"{MOST_WAITING} messages wait for their reply already."
            await _refuse(socket, Problem(429, "too_many_messages", message))
        else:
            waiting.put_nowait(frame.data)


async def _reply_in_turn(call: Call, socket: web.WebSocketResponse, waiting: asyncio.Queue[str]) -> None:
    while True:
        await _reply(call, socket, await waiting.get())


async def _reply(call: Call, socket: web.WebSocketResponse, text: str) -> None:
    streams = call.services.agent_service.streams
    finished, watched, cancel = False, None, False
    try:
        check_json_text(text.encode())
        body = msgspec.json.decode(text, type=Message)
        cancel = body.cancel_on_disconnect
        asked = Asked(agent="conversation", input={"message": body.message}, thread_id=body.conversation)
        watched = await streams.start(asked)
        async for event in streams.events(watched, 0):
            if event is not None:
                about = {"id": f"{watched.stream}:{event.number}", "event": event.kind, "data": msgspec.Raw(event.data)}
                await socket.send_str(msgspec.json.encode(about).decode())
        finished = True
    except (msgspec.DecodeError, UnicodeError) as error:
        await _refuse(socket, Problem(400, "invalid_value", f"{error}."))
    except Exception as error:
        problem = problem_of(error)
        if problem is None or isinstance(error, ConnectionError):
            raise
        await _refuse(socket, problem)
    finally:
        if cancel and not finished and watched is not None and watched.task is not None:
            watched.task.cancel()


async def _refuse(socket: web.WebSocketResponse, problem: Problem) -> None:
    told: dict[str, Any] = {"code": problem.code, "message": problem.message, "param": problem.param}
    await socket.send_json({"event": "error", "data": {"error": told}})
