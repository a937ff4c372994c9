"""Somebody who types: reads what the agent writes, thinks, writes the next line, and leaves when all is said."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent_server.cli.calling.client_events import session_update, typed_line
from agent_server.cli.calling.connection import open_connection
from agent_server.cli.calling.plan import Plan
from agent_server.cli.calling.replies import Event, Replies, field_of
from agent_server.cli.showing.cast import Line, Visit

ANSWER_S: Final = 30.0
"""For an answer. Then the person goes on without, as people do while a colleague thinks."""

SETTLED_S: Final = 0.15
_LOOK_S: Final = 0.05
_CHANNELS: Final = {"widget": "widget", "api": "api", "terminal": "terminal"}


class Pace(Struct, frozen=True):
    """How fast people are, in seconds: a word they read, a letter they type; ``most_s`` for both at a line."""

    word_s: float = 0.12
    letter_s: float = 0.05
    most_s: float = 9.0

    def before(self, read: str, line: Line) -> float:
        """Seconds until the line is written."""
        return min(self.most_s, len(read.split()) * self.word_s + len(line.text) * self.letter_s)


IN_A_HURRY: Final = Pace(0.0, 0.0, 0.0)


async def type_through(
    server: str, key: str, visit: Visit, pace: Pace, began: Callable[[str], None] = lambda _: None
) -> str | None:
    """The conversation's id, which ``began`` is told of; None: there was none. Raises ConnectError."""
    async with open_connection(_door(server, visit), key) as socket:
        talk = _Talk(socket, began)
        listening = asyncio.create_task(talk.listen(), name=f"{visit.id} reads")
        try:
            await talk.go_through(visit, pace)
        except ConnectionClosed:
            pass  # the agent, or a colleague who took over, has ended it
        finally:
            listening.cancel()
            await asyncio.wait([listening])
    return talk.conversation_id


def _door(server: str, visit: Visit) -> str:
    parts = urlsplit(server)
    query = {"model": "sales-agent", "channel": _CHANNELS[visit.door]}
    if known := visit.number or visit.email:
        query["from"] = known
    return urlunsplit(("ws", parts.netloc, "/v1/realtime", urlencode(query), ""))


class _Talk:
    def __init__(self, socket: ClientConnection, began: Callable[[str], None]) -> None:
        self.conversation_id: str | None = None
        self._socket = socket
        self._began = began
        self._replies = Replies()
        self._read = ""
        self._clock = asyncio.get_running_loop().time
        self._moved_s = self._clock()
        self._over = asyncio.Event()

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self._socket:
                self._see(msgspec.json.decode(message))
        self._over.set()

    async def go_through(self, visit: Visit, pace: Pace) -> None:
        await self._send(session_update(Plan(modality="text")))
        await self._ask()
        for line in visit.lines:
            await self._pause(pace.before(self._read, line))
            if self._over.is_set():
                return
            self._read = ""
            await self._send(typed_line(line.text))
            await self._ask()
            await self._pause(line.stays_s)
        await self._pause(pace.before(self._read, Line()))

    async def _ask(self) -> None:
        """And read the answer to its end."""
        before, asked_s = self._replies.last, self._clock()
        self._replies.expect(asked_s * 1000)
        await self._send({"type": "response.create"})
        while not self._over.is_set() and self._clock() - asked_s < ANSWER_S:
            await asyncio.sleep(_LOOK_S)
            now_s = self._clock()
            is_answered = self._replies.last is not before and self._replies.is_settled(now_s * 1000)
            if is_answered and self._read and now_s - self._moved_s > SETTLED_S:
                return

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    def _see(self, event: Event) -> None:
        self._moved_s = self._clock()
        self._replies.see(event, self._moved_s * 1000)
        if event.get("type") in ("response.output_text.done", "response.output_audio_transcript.done"):
            self._read = f"{self._read} {event.get('text') or event.get('transcript') or ''}".strip()
        found = event.get("conversation_id") or field_of(event, "conversation").get("id")
        if isinstance(found, str) and self.conversation_id is None:
            self.conversation_id = found
            self._began(found)

    async def _send(self, event: Event) -> None:
        await self._socket.send(msgspec.json.encode(event).decode())
