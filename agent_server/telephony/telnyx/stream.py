"""A Telnyx media stream over its WebSocket, as a telephone line wants it."""

import logging
from collections import deque

from aiohttp import web

from agent_server.telephony.carrier import CallEvent, HungUp, Pressed, Returned, Voice
from agent_server.telephony.media_socket import MediaSocket
from agent_server.telephony.playback import Order
from agent_server.telephony.telnyx.reordering import Reordering
from agent_server.telephony.telnyx.wire import (
    Dtmf,
    Error,
    MarkReturned,
    Media,
    Piece,
    Start,
    Stop,
    StreamEvent,
    decode,
    encode,
)

log = logging.getLogger(__name__)


class TelnyxStream:
    """``started`` first, then ``next`` until it is None. Orders are taken as soon as it has started."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = MediaSocket[StreamEvent](socket, decode)
        self._stream_id = ""
        self._reordering = Reordering()
        self._ready: deque[CallEvent] = deque()
        self.was_stopped = False
        """By the carrier: the call is over, or does without it."""
        self.outbox = self._socket.outbox

    async def started(self) -> Start | None:
        """What the call is. None: whoever it is, it begins no stream."""
        start = await self._socket.started(Start)
        if start is not None:
            self._stream_id = start.stream_id
        return start

    async def next(self) -> CallEvent | None:
        while not self._ready:
            message = await self._socket.next()
            if message is None:
                return None
            self._ready.extend(self._events(message))
        return self._ready.popleft()

    def order(self, order: Order) -> None:
        self.outbox.put(encode(order, self._stream_id))

    def _events(self, message: StreamEvent) -> list[CallEvent]:
        match message:
            case Media(piece) if piece.track.startswith("inbound"):
                return [Voice(audio) for audio in self._in_order(piece)]
            case Dtmf(dtmf):
                return [Pressed(dtmf.digit)]
            case MarkReturned(mark):
                return [Returned(mark.name)]
            case Error(trouble):
                log.warning("Telnyx complains of what a stream sent: %s", trouble.code)
            case Stop():
                self.was_stopped = True
                return [HungUp()]
        return []

    def _in_order(self, piece: Piece) -> list[bytes]:
        number = piece.number
        return [piece.payload] if number is None else self._reordering.take(number, piece.payload)
