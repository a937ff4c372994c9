"""One call whose audio the server has on a WebSocket. What differs between carriers is how a stream begins, what its
messages are called (``Handset``), and who says that it ends."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import msgspec

from simulators.telephone.handset import FRAME_MS, Handset

WEBHOOK_S = 15.0
SPEECH_S_PER_WORD = 0.02
"""Of what the carrier says, much faster than life."""


class CallFailedError(Exception):
    """The server's answer is none that a call can go on with."""


def refusal(status: int, body: bytes) -> CallFailedError:
    """In the server's own words, if it has any."""
    try:
        told = msgspec.json.decode(body)["error"]["message"]
    except (msgspec.DecodeError, KeyError, TypeError):
        told = body[:300].decode(errors="replace") or "nothing"
    hint = " Has it this carrier's settings?" if status == 404 else ""
    return CallFailedError(f"the server answers with {status}: {told}{hint}")


class StreamedCall:
    """Talk through ``handset`` once ``streaming``. ``found_at``: where the server of an address is reached, as a name
    service and a load balancer tell."""

    def __init__(self, handset: Handset, found_at: Callable[[str], str]) -> None:
        self.said: list[str] = []
        """By the carrier, as it was told to."""
        self.dialled: list[str] = []
        self.told_colleague: list[str] = []
        """What whoever picked up a call that was put through heard before being connected."""
        self.streams = 0
        self.ended_by: str | None = None
        """"caller" (the person on the line, whoever called), "carrier" or "server"."""
        self.streaming = asyncio.Event()
        self.handset = handset
        self.sockets: list[aiohttp.ClientWebSocketResponse] = []
        """Of the stream that runs."""
        self._found_at = found_at

    def hang_up(self, by: str = "caller") -> None:
        raise NotImplementedError

    def _is_to_end(self) -> bool:
        """The stream, by the carrier."""
        raise NotImplementedError

    async def _run_stream(
        self,
        session: aiohttp.ClientSession,
        url: str,
        handset: Handset,
        *,
        opening: Sequence[Mapping[str, Any]],
        stop: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Until either side ends it. ``opening``: what the carrier sends first; ``stop``: last, if it ends it."""
        handset.heard, handset.played_bytes = self.handset.heard, self.handset.played_bytes
        handset.returns_marks = self.handset.returns_marks
        self.handset = handset
        self.streams += 1
        async with session.ws_connect(self._found_at(url), headers=headers) as socket:
            for message in opening:
                await _send(socket, message)
            self.sockets.append(socket)
            self.streaming.set()
            ears = asyncio.create_task(self._hear(socket))
            try:
                await self._talk(socket, ears, stop)
            finally:
                self.streaming.clear()
                self.sockets.clear()
                ears.cancel()
                await asyncio.wait([ears])

    async def _talk(
        self, socket: aiohttp.ClientWebSocketResponse, ears: asyncio.Task[None], stop: Mapping[str, Any]
    ) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while not ears.done():
            try:
                if self._is_to_end():
                    await _send(socket, stop)
                    return
                for message in self.handset.tick():
                    await _send(socket, message)
            except ConnectionError:
                return
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - clock()))

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            for answer in self.handset.take(msgspec.json.decode(message.data)):
                await _send(socket, answer)


async def _send(socket: aiohttp.ClientWebSocketResponse, message: Mapping[str, object]) -> None:
    await socket.send_str(msgspec.json.encode(message).decode())
