"""A media stream, read from a real socket."""

import base64

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from agent_server.realtime.session_object import AudioFormat, PcmaFormat, PcmuFormat
from agent_server.telephony.media_stream import CallEvent, HungUp, Pressed, Returned, Voice
from agent_server.telephony.telnyx.stream import TelnyxStream
from agent_server.telephony.telnyx.wire import Start, decode


def media(chunk: int, track: str = "inbound") -> str:
    payload = base64.b64encode(bytes([chunk])).decode()
    return f'{{"event":"media","media":{{"track":"{track}","chunk":"{chunk}","payload":"{payload}"}}}}'


ODD = (
    '{"event":"connected","version":' + "[" * 30_000,
    "null",
    '{"event":"start","stream_id":"t","start":{"call_control_id":"v3:other"}}',
    '{"event":"media","media":{"payload":"!!!!"}}',
    '{"event":"media","media":{"track":null,"payload":"AA=="}}',
    '{"event":"media","media":{"chunk":1.5,"payload":"AA=="}}',
    '{"event":"dtmf","dtmf":{"digit":null}}',
    '{"event":"mark"}',
)
"""Nothing of it is heard, and none of it ends the call."""


async def test_audio_is_heard_in_order_and_the_agent_s_own_is_not() -> None:
    heard: list[CallEvent] = []

    async def listen(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        stream = TelnyxStream(socket)
        start = await stream.started()
        assert start is not None
        assert start.start.call_control_id == "v3:call"
        while (event := await stream.next()) is not None:
            heard.append(event)
        return socket

    app = web.Application()
    app.add_routes([web.get("/", listen)])
    async with TestClient(TestServer(app)) as client, client.ws_connect("/") as socket:
        for message in (
            '{"event":"connected","version":"1.0.0"}',
            '{"event":"start","stream_id":"s","start":{"call_control_id":"v3:call"}}',
            media(2),
            media(1),
            media(1, "outbound"),
            '{"event":"something.new"}',
            *ODD,
            '{"event":"dtmf","dtmf":{"digit":"5"}}',
            media(4),
            media(3),
            '{"event":"error","payload":{"code":100003,"title":"malformed_frame"}}',
            '{"event":"mark","mark":{"name":"7"}}',
            '{"event":"stop"}',
        ):
            await socket.send_str(message)
        await socket.close()
    voices = [Voice(bytes([number])) for number in (1, 2, 3, 4)]
    assert heard == [*voices[:2], Pressed("5"), *voices[2:], Returned("7"), HungUp()]


@pytest.mark.parametrize(
    ("told", "caller_format"),
    [
        ("", PcmuFormat()),
        (',"media_format":{}', PcmuFormat()),
        (',"media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}', PcmuFormat()),
        (',"media_format":{"encoding":"PCMA","sample_rate":8000,"channels":1}', PcmaFormat()),
        (',"media_format":{"encoding":"G722","sample_rate":8000,"channels":1}', None),
        (',"media_format":{"encoding":"L16","sample_rate":16000,"channels":1}', None),
    ],
)
def test_the_caller_s_audio_comes_in_the_codec_of_their_call(told: str, caller_format: AudioFormat | None) -> None:
    start = decode(f'{{"event":"start","stream_id":"s","start":{{"call_control_id":"v3:call"{told}}}}}')
    assert isinstance(start, Start)
    assert start.start.media_format.known == caller_format
