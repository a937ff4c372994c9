"""A Telnyx media stream over its WebSocket, as a telephone line wants it."""

import logging

from aiohttp import web

from agent_server.telephony.media_socket import SocketStream
from agent_server.telephony.media_stream import CallEvent, HungUp, Pressed, Returned, Voice
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
from pipelines.audio.in_order import InOrder

log = logging.getLogger(__name__)

PATIENCE = 5
"""Telnyx may send later pieces first: so many, of 20 ms each, wait for one that is missing."""


class TelnyxStream(SocketStream[StreamEvent]):
    def __init__(self, socket: web.WebSocketResponse) -> None:
        super().__init__(socket, decode, encode)
        self._in_order: InOrder[bytes] = InOrder(PATIENCE, first=1)
        self.was_stopped = False
        """By the carrier: the call is over, or does without it."""

    async def started(self) -> Start | None:
        """What the call is. None: whoever it is, it begins no stream."""
        start = await self._first(Start)
        if start is not None:
            self._name = start.stream_id
            self.caller_format = start.start.media_format.known or self.caller_format
        return start

    def _events(self, message: StreamEvent) -> list[CallEvent]:
        match message:
            case Media(piece) if piece.track.startswith("inbound"):
                return [Voice(audio) for audio in self._due(piece)]
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

    def _due(self, piece: Piece) -> list[bytes]:
        number = piece.number
        return [piece.payload] if number is None else self._in_order.add(number, piece.payload)
