"""The sound of a live conversation over a WebSocket, where that is allowed."""

import asyncio
from typing import Final

from aiohttp import web

from agent_server.api.endpoint import WEBSOCKET, Call, Resource
from agent_server.api.supervision import asked, done
from agent_server.supervising.commands import Listen, Outcome
from agent_server.supervising.tap import LASTS, LISTENED_S
from agent_server.web.auth import REALTIME_PROTOCOL
from agent_server.web.errors import Problem
from storage.errors import StorageError

listening = Resource("supervision", "A person beside a live conversation.")

HEARTBEAT_S = 20.0
SEND_TIMEOUT_S = 5.0
AGAIN_S = LISTENED_S / 3
LANES: Final = {"caller": b"\x00", "agent": b"\x01"}


@listening.get(
    "/api/conversations/{id}/listen",
    scope="supervise",
    summary="Listen to a live conversation",
    produces=WEBSOCKET,
    errors=(404, 409, 429, 503),
)
async def listen(call: Call) -> web.WebSocketResponse:
    """Only with `LIVE_LISTENING=on` (else 403 `listening_off`), not before the caller was told of a recording that is
    announced (409 `not_announced_yet`), and never to who does not want to be recorded (409 `listening_refused`). Binary
    messages: a byte, 0 for the caller or 1 for the agent, and its 24 kHz 16-bit mono PCM. Texts: `{"event": …}`: `cut`
    (drop what was not played of the agent), `hold`, `resume`; `over` or `refused` at last. A page offers the
    sub-protocols of the realtime door."""
    services = call.services
    if not services.settings.call_audio.live_listening:
        raise Problem(403, "listening_off", "Nobody listens to calls here: LIVE_LISTENING is off.")
    if not services.origins.allows(call.request.headers.get("Origin"), call.request.host):
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
    await asked(call, Listen(begin=False))  # a page is told why only when it asks again, without an upgrade
    socket = web.WebSocketResponse(
        protocols=(REALTIME_PROTOCOL,), heartbeat=HEARTBEAT_S, max_msg_size=1024, compress=False
    )
    if not socket.can_prepare(call.request).ok:
        raise Problem(400, "not_a_websocket", "Upgrade to a WebSocket.")
    async with services.supervision.place():
        outcome = await done(call, "listen", Listen())
        await socket.prepare(call.request)
        sending = asyncio.create_task(_send(call, socket, outcome), name="sound of a conversation")
        leaving = asyncio.create_task(_read(socket), name="listener")
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait({sending, leaving})
            await socket.close()
    return socket


async def _read(socket: web.WebSocketResponse) -> None:
    """Until the client leaves; it has nothing to say."""
    async for _ in socket:
        pass


async def _send(call: Call, socket: web.WebSocketResponse, outcome: Outcome) -> None:
    """Until it is over, nobody tells any more, or the client takes nothing more."""
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    buffer, conversation_id = call.services.supervision.sound, call.path("id")
    switchboard = call.services.switchboard
    try:
        async for event in buffer.follow(outcome.stream, outcome.number, idle_s=AGAIN_S):
            if event is not None:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await _pass_on(socket, event.kind, event.data)
                if event.kind in LASTS:
                    return
            if loop.time() - asked_s >= AGAIN_S:
                asked_s = loop.time()
                again = switchboard.ask_here(conversation_id, Listen())
                again = again or await switchboard.ask_elsewhere(conversation_id, Listen())
                if again is None or again.stream != outcome.stream:
                    await _pass_on(socket, "over", b"")
                    return
    except (StorageError, ConnectionError, TimeoutError):
        return


async def _pass_on(socket: web.WebSocketResponse, kind: str, data: bytes) -> None:
    if (lane := LANES.get(kind)) is not None:
        await socket.send_bytes(lane + data)
    else:
        await socket.send_json({"event": kind})
