"""The measuring instrument itself."""

import asyncio

import numpy as np
import pytest
from aiohttp import WSMsgType, web
from caller import Playout, onset_s, speech_frames
from wire_client import LineClosedError, WireClient, text_frame

TONE = (np.sin(np.arange(480) * 0.05) * 8000).astype(np.int16).tobytes()
"""20 ms."""
QUIET = bytes(len(TONE))


def test_a_reply_is_audible_where_its_sound_begins():
    playout = Playout()
    playout.add(QUIET, 10.0, gaps_count=True)
    assert playout.first_audible_at is None
    playout.add(TONE, 10.001, gaps_count=True)  # early: it is played when the first piece is over
    assert playout.first_audible_at == pytest.approx(10.020)
    assert playout.ends_at == pytest.approx(10.040)


def test_only_silence_longer_than_half_a_frame_is_a_gap():
    playout = Playout()
    playout.add(TONE, 10.0, gaps_count=True)
    playout.add(TONE, 10.025, gaps_count=True)
    playout.add(TONE, 10.080, gaps_count=True)
    assert playout.gaps_ms == pytest.approx([35.0])
    playout.add(TONE, 11.0, gaps_count=False)
    assert len(playout.gaps_ms) == 1


def test_a_recording_ends_with_its_last_sound_and_begins_soon():
    frames = speech_frames("utterance-finished")
    assert len(frames) == 130
    assert 0 <= onset_s("utterance-finished") < 0.1


@pytest.fixture
async def echo():
    """A server that says back what it is told, after a ping."""
    pongs = []

    async def serve(request):
        if request.headers.get("Authorization") != "Bearer key":
            raise web.HTTPServiceUnavailable(text="full")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        await socket.ping(b"there?")
        async for message in socket:
            if message.type is WSMsgType.PONG:
                pongs.append(message.data)
            elif message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    app = web.Application()
    app.add_routes([web.get("/talk", serve)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/talk", pongs
    await runner.cleanup()


async def test_messages_of_all_lengths_go_both_ways_and_pings_are_answered(echo):
    url, pongs = echo
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    client = await WireClient.connect(url, "key", heard.put_nowait, lambda: None)
    for size in (5, 200, 70_000):
        client.send(text_frame("x" * size))
        async with asyncio.timeout(5):
            assert await heard.get() == b"x" * size
    client.close()
    async with asyncio.timeout(5):
        while not pongs:
            await asyncio.sleep(0.01)
    assert pongs == [bytearray(b"there?")]


async def test_a_refusal_says_why(echo):
    url, _ = echo
    with pytest.raises(LineClosedError, match=r"503.*full"):
        await WireClient.connect(url, "wrong", lambda _: None, lambda: None)
