"""The WebSocket of a carrier's media stream: its messages, one by one, and the way back."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from aiohttp import WSMsgType, web

from agent_server.realtime.outbox import Outbox

START_S = 10.0

M = TypeVar("M")
S = TypeVar("S")


class MediaSocket(Generic[M]):
    """``decode``: a message of the carrier's, or None for one that is not understood."""

    def __init__(self, socket: web.WebSocketResponse, decode: Callable[[str], M | None]) -> None:
        self._socket = socket
        self._decode = decode
        self.outbox = Outbox(socket)

    async def started(self, kind: type[S]) -> S | None:
        """The first message of that kind. None: whoever it is, it begins no stream."""
        try:
            async with asyncio.timeout(START_S):
                while (message := await self._message()) is not None:
                    if isinstance(message, kind):
                        return message
        except TimeoutError:
            pass
        return None

    async def next(self) -> M | None:
        """The next that is understood. None: the line is over, or does not take what it is sent."""
        return None if self.outbox.overflowed else await self._message()

    async def _message(self) -> M | None:
        while (message := await self._socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            if message.type is WSMsgType.TEXT and (event := self._decode(message.data)) is not None:
                return event
        return None
