"""A realtime server that does what a test tells it, one conversation at a time."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

Event = dict[str, Any]
FRAME_BYTES = 960
DEADLINE_S = 20.0


class FakeSession:
    """The server's end of one connection."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.query = dict(request.query)
        self.headers = dict(request.headers)
        self.received: list[Event] = []
        self.audio = b""
        self.replies = 0

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(msgspec.json.encode({"type": kind, "event_id": "e", **fields}).decode())

    async def expect(self, kind: str) -> Event:
        """The next event of this kind; others before it are noted."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                message = await self.socket.receive()
                if message.type is not WSMsgType.TEXT:
                    raise ConnectionResetError(f"the client left before it sent {kind}")
                event = msgspec.json.decode(message.data)
                self.received.append(event)
                if event["type"] == "input_audio_buffer.append":
                    self.audio += base64.b64decode(event["audio"])
                if event["type"] == kind:
                    return event

    async def until_left(self) -> None:
        """Take in what comes until the client goes."""
        try:
            await self.expect("nothing is called so")
        except ConnectionResetError:
            return

    async def open(self) -> Event:
        """Begin the session; returns the client's settings."""
        await self.send("session.created", session={"id": "sess_fake"})
        await self.send("conversation.created", conversation={"id": "conv_fake"})
        update = await self.expect("session.update")
        await self.send("session.updated", session=update["session"])
        return update["session"]

    async def hear(self, until_bytes: int) -> None:
        """Take in audio until so much has come in all."""
        while len(self.audio) < until_bytes:
            await self.expect("input_audio_buffer.append")

    async def begin_reply(self) -> dict[str, str]:
        self.replies += 1
        ids = {"response_id": f"resp_{self.replies}", "item_id": f"item_{self.replies}"}
        response = {"id": ids["response_id"], "status": "in_progress", "conversation_id": "conv_fake"}
        await self.send("response.created", response=response)
        item = {"id": ids["item_id"], "type": "message", "role": "assistant"}
        await self.send("response.output_item.added", response_id=ids["response_id"], item=item)
        return ids

    async def audio_delta(self, ids: dict[str, str], pcm: bytes) -> None:
        await self.send("response.output_audio.delta", delta=base64.b64encode(pcm).decode(), **ids)

    async def end_reply(self, ids: dict[str, str], status: str = "completed", **fields: Any) -> None:
        await self.send("response.done", response={"id": ids["response_id"], "status": status, **fields})

    async def write(self, text: str) -> None:
        """A whole written reply."""
        ids = await self.begin_reply()
        for word in text.split(" "):
            await self.send("response.output_text.delta", delta=word + " ", **ids)
        await self.send("response.output_text.done", text=text, **ids)
        await self.end_reply(ids)

    async def say(self, text: str, pcm: bytes, *, latency_ms: float | None = None) -> None:
        """A whole spoken reply, its sound sent at once."""
        ids = await self.begin_reply()
        await self.audio_delta(ids, pcm)
        await self.send("response.output_audio_transcript.delta", delta=text, **ids)
        await self.send("response.output_audio.done", **ids)
        await self.send("response.output_audio_transcript.done", transcript=text, **ids)
        await self.end_reply(ids)
        await self.send("sales_agent.turn.timings", item_id=ids["item_id"], response_latency_ms=latency_ms)


Script = Callable[[FakeSession], Awaitable[None]]


class FakeRealtime:
    """``sessions``: the connections so far, in order. ``failure``: what went wrong in a script."""

    def __init__(self, script: Script) -> None:
        self.url = ""
        self.sessions: list[FakeSession] = []
        self.failure: BaseException | None = None
        self._script = script

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        session = FakeSession(socket, request)
        self.sessions.append(session)
        try:
            await self._script(session)
        except BaseException as error:
            self.failure = error
            raise
        finally:
            await socket.close()
        return socket


@asynccontextmanager
async def fake_realtime(script: Script) -> AsyncIterator[FakeRealtime]:
    """Serve the script on loopback. A script that fails, fails the test."""
    fake = FakeRealtime(script)
    app = web.Application()
    app.add_routes([web.get("/v1/realtime", fake.open)])
    runner = web.AppRunner(app, shutdown_timeout=1.0, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield fake
    finally:
        await runner.cleanup()
    if fake.failure is not None and not isinstance(fake.failure, asyncio.CancelledError):
        raise fake.failure
