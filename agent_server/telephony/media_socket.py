"""A carrier's media stream over its WebSocket: its messages, one by one, as a telephone line wants them, and the way
back."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from aiohttp import WSMsgType, web

from agent_server.realtime.outbox import Outbox
from agent_server.realtime.session_object import AudioFormat, PcmuFormat
from agent_server.telephony.media_stream import CallEvent
from agent_server.telephony.playback import Order

START_S = 10.0

M = TypeVar("M")
S = TypeVar("S")


class SocketStream(Generic[M]):
    """``started`` first, then ``next`` until it is None. Orders are taken as soon as it has started.

    ``decode``: a message of the carrier's, or None for one that is not understood; ``encode``: an order, of the stream
    with that name."""

    def __init__(
        self, socket: web.WebSocketResponse, decode: Callable[[str], M | None], encode: Callable[[Order, str], bytes]
    ) -> None:
        self._socket = socket
        self._decode = decode
        self._encode = encode
        self._name = ""
        self._ready: deque[CallEvent] = deque()
        self.outbox = Outbox(socket)
        self.caller_format: AudioFormat = PcmuFormat()

    async def next(self) -> CallEvent | None:
        """None: the line is over, or does not take what it is sent."""
        while not self._ready:
            message = None if self.outbox.overflowed else await self._message()
            if message is None:
                return None
            self._ready.extend(self._events(message))
        return self._ready.popleft()

    def order(self, order: Order) -> None:
        self.outbox.put(self._encode(order, self._name))

    def _events(self, message: M) -> Sequence[CallEvent]:
        """What a message means to the call."""
        raise NotImplementedError

    async def _first(self, kind: type[S]) -> S | None:
        """The first message of that kind. None: whoever it is, it begins no stream."""
        try:
            async with asyncio.timeout(START_S):
                while (message := await self._message()) is not None:
                    if isinstance(message, kind):
                        return message
        except TimeoutError:
            pass
        return None

    async def _message(self) -> M | None:
        while (message := await self._socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            if message.type is WSMsgType.TEXT and (event := self._decode(message.data)) is not None:
                return event
        return None
