"""A Twilio media stream over its WebSocket, as a telephone line wants it."""

import asyncio

from aiohttp import WSMsgType, web

from agent_server.realtime.outbox import Outbox
from agent_server.telephony.carrier import CallEvent, HungUp, Pressed, Returned, Voice
from agent_server.telephony.playback import Order
from agent_server.telephony.twilio.wire import Dtmf, MarkReturned, Media, Start, Stop, StreamEvent, decode, encode

START_S = 10.0


class TwilioStream:
    """``started`` first, then ``next`` until it is None. Orders are taken as soon as it has started."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._stream_sid = ""
        self.outbox = Outbox(socket)

    async def started(self) -> Start | None:
        """What the call is. None: whoever it is, it begins no stream."""
        try:
            async with asyncio.timeout(START_S):
                while (event := await self._message()) is not None:
                    if isinstance(event, Start):
                        self._stream_sid = event.stream_sid
                        return event
        except TimeoutError:
            pass
        return None

    async def next(self) -> CallEvent | None:
        while not self.outbox.overflowed and (message := await self._message()) is not None:
            if (event := _event(message)) is not None:
                return event
        return None

    def order(self, order: Order) -> None:
        self.outbox.put(encode(order, self._stream_sid))

    async def _message(self) -> StreamEvent | None:
        """The next that is understood. None: the line is over."""
        while (message := await self._socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            if message.type is WSMsgType.TEXT and (event := decode(message.data)) is not None:
                return event
        return None


def _event(message: StreamEvent) -> CallEvent | None:
    match message:
        case Media(media):
            return Voice(media.payload)
        case Dtmf(dtmf):
            return Pressed(dtmf.digit)
        case MarkReturned(mark):
            return Returned(mark.name)
        case Stop():
            return HungUp()
    return None
