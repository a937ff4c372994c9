"""A Twilio media stream over its WebSocket, as a telephone line wants it."""

from collections.abc import Sequence

from aiohttp import web

from agent_server.telephony.media_socket import SocketStream
from agent_server.telephony.media_stream import CallEvent, HungUp, Pressed, Returned, Voice
from agent_server.telephony.twilio.wire import Dtmf, MarkReturned, Media, Start, Stop, StreamEvent, decode, encode


class TwilioStream(SocketStream[StreamEvent]):
    def __init__(self, socket: web.WebSocketResponse) -> None:
        super().__init__(socket, decode, encode)

    async def started(self) -> Start | None:
        """What the call is. None: whoever it is, it begins no stream."""
        start = await self._first(Start)
        if start is not None:
            self._name = start.stream_sid
        return start

    def _events(self, message: StreamEvent) -> Sequence[CallEvent]:
        match message:
            case Media(media):
                return [Voice(media.payload)]
            case Dtmf(dtmf):
                return [Pressed(dtmf.digit)]
            case MarkReturned(mark):
                return [Returned(mark.name)]
            case Stop():
                return [HungUp()]
        return []
