"""A Twilio media stream over its WebSocket, as a telephone line wants it."""

from aiohttp import web

from agent_server.telephony.carrier import CallEvent, HungUp, Pressed, Returned, Voice
from agent_server.telephony.media_socket import MediaSocket
from agent_server.telephony.playback import Order
from agent_server.telephony.twilio.wire import Dtmf, MarkReturned, Media, Start, Stop, StreamEvent, decode, encode


class TwilioStream:
    """``started`` first, then ``next`` until it is None. Orders are taken as soon as it has started."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = MediaSocket[StreamEvent](socket, decode)
        self._stream_sid = ""
        self.outbox = self._socket.outbox

    async def started(self) -> Start | None:
        """What the call is. None: whoever it is, it begins no stream."""
        start = await self._socket.started(Start)
        if start is not None:
            self._stream_sid = start.stream_sid
        return start

    async def next(self) -> CallEvent | None:
        while (message := await self._socket.next()) is not None:
            if (event := _event(message)) is not None:
                return event
        return None

    def order(self, order: Order) -> None:
        self.outbox.put(encode(order, self._stream_sid))


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
