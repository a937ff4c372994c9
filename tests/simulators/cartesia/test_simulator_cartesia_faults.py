"""Everything that can go wrong with speech, through the vendor's client."""

import asyncio
import json

import cartesia as sdk
import pytest
from eventually import eventually
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

QUICK = "cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=500"
TEXT = "One two three four five six seven."
REQUEST = {
    "model_id": "sonic-3",
    "transcript": TEXT,
    "voice": {"mode": "id", "id": "a-voice"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
}


async def read_all(socket):
    """Event types up to the end of the connection, without repetitions."""
    names = []
    try:
        async with asyncio.timeout(20):
            while True:
                name = (await socket.recv()).type
                if names[-1:] != [name]:
                    names.append(name)
    except ConnectionClosed:
        return [*names, "broken"]


@pytest.mark.parametrize(
    ("switch", "status"), [("refuse", 503), ("rate_limit,retry_after_s=3", 429), ("server_error", 500)]
)
async def test_a_refused_handshake(run_simulators, cartesia, switch, status):
    simulators = await run_simulators(faults=f"cartesia-tts:{switch}")
    with pytest.raises(InvalidStatus) as refused:
        await cartesia(simulators).tts.websocket_connect().enter()
    assert refused.value.response.status_code == status
    assert refused.value.response.headers.get("Retry-After") == ("3" if status == 429 else None)


async def test_a_handshake_cut_off(run_simulators, cartesia):
    simulators = await run_simulators(faults="cartesia-tts:refuse,status=0")
    with pytest.raises((ConnectionError, InvalidMessage)):
        await cartesia(simulators).tts.websocket_connect().enter()


@pytest.mark.parametrize(
    ("moment", "heard"), [("first", ["broken"]), ("mid", ["chunk", "broken"]), ("idle", ["chunk", "done", "broken"])]
)
async def test_a_drop_at_each_moment(run_simulators, cartesia, new_context, moment, heard):
    simulators = await run_simulators(delays=QUICK, faults=f"cartesia-tts:drop@{moment}")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        await socket.send({**REQUEST, "context_id": "c"})
        assert await read_all(socket) == heard
    assert simulators.simulation.seen["cartesia-tts"].counters["fault_drop"] == 1


@pytest.mark.parametrize("moment", ["first", "mid"])
async def test_a_stalled_context_leaves_the_others_alone(run_simulators, cartesia, new_context, receive, moment):
    simulators = await run_simulators(delays=QUICK, faults=f"cartesia-tts:stall@{moment},nth=1")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        stalled, healthy = new_context(socket, timeout=0.4), new_context(socket)
        await stalled.push(TEXT, continue_=False)
        await asyncio.sleep(0.05)
        await healthy.push(TEXT, continue_=False)
        assert (await receive(healthy))[-1].type == "done"
        with pytest.raises(TimeoutError):
            await receive(stalled)


async def test_a_stalled_socket_speaks_no_context(run_simulators, cartesia, new_context):
    simulators = await run_simulators(delays=QUICK, faults="cartesia-tts:stall")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket, timeout=0.3)
        await context.push(TEXT, continue_=False)
        with pytest.raises(TimeoutError):
            async for _ in context.receive():
                pass


@pytest.mark.parametrize(
    ("switch", "code", "status"),
    [
        ("rate_limit@first", "concurrency_limited", 429),
        ("server_error@first", None, 500),
        ("server_error@mid,status=503", None, 503),
    ],
)
async def test_an_error_of_one_context(run_simulators, cartesia, new_context, receive, switch, code, status):
    simulators = await run_simulators(delays=QUICK, faults=f"cartesia-tts:{switch},nth=1")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        broken, healthy = new_context(socket), new_context(socket)
        await broken.push(TEXT, continue_=False)
        error = (await receive(broken))[-1]
        assert (error.type, error.error_code, error.status_code) == ("error", code, status)
        assert error.context_id == broken._context_id
        await healthy.push(TEXT, continue_=False)
        assert (await receive(healthy))[-1].type == "done"


@pytest.mark.parametrize("moment", ["accepted", "idle"])
async def test_an_error_of_the_whole_socket(run_simulators, cartesia, moment):
    simulators = await run_simulators(delays=QUICK, faults=f"cartesia-tts:server_error@{moment}")
    async with cartesia(simulators).tts.websocket_connect() as socket, asyncio.timeout(20):
        if moment == "idle":
            await socket.send({**REQUEST, "context_id": "c"})
        while (event := await socket.recv()).type != "error":
            assert event.context_id == "c"
        assert event.context_id is None
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket._connection.close_code == 1011


async def test_garbage_then_on_as_before(run_simulators):
    simulators = await run_simulators(delays=QUICK, faults="cartesia-tts:garbage")
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2026-08-14"
    headers = {"Authorization": f"Bearer {simulators.settings['CARTESIA_API_KEY']}"}
    async with connect(url, additional_headers=headers) as socket, asyncio.timeout(20):
        await socket.send(json.dumps({**REQUEST, "context_id": "c"}))
        frames = []
        while '"done"' not in (frame := await socket.recv()) or '"type":"done"' not in frame:
            frames.append(frame)
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(frames[0])
    assert json.loads(frames[1])["data"] == "%%%"
    assert json.loads(frames[2])["type"] == "no_such_type"
    assert json.loads(frames[-1])["type"] == "chunk"


async def test_a_slow_drip(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays=QUICK, faults="cartesia-tts:slow_drip,pause_ms=40")
    loop = asyncio.get_running_loop()
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        begun = loop.time()
        await context.push("One two.", continue_=False)
        chunks = len(await receive(context)) - 1
        assert loop.time() - begun >= (chunks - 1) * 0.039


async def test_a_closed_client_stops_its_contexts(run_simulators, cartesia, new_context):
    simulators = await run_simulators(delays="cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=1")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        await context.push(TEXT * 20, continue_=False)
        async for _ in context.receive():
            break
    seen = simulators.simulation.seen["cartesia-tts"]
    await eventually(lambda: not seen.busy and not seen.open)


@pytest.mark.parametrize(
    ("switch", "kind"),
    [
        ("rate_limit", sdk.RateLimitError),
        ("refuse", sdk.InternalServerError),
        ("server_error", sdk.InternalServerError),
    ],
)
async def test_http_refusals(run_simulators, cartesia, switch, kind):
    simulators = await run_simulators(faults=f"cartesia-tts:{switch},retry_after_s=1.5")
    with pytest.raises(kind) as refused:
        await cartesia(simulators).tts.generate(**REQUEST)
    assert refused.value.response.headers["Retry-After"] == "1.5"


async def test_http_streams_break_off(run_simulators, cartesia):
    simulators = await run_simulators(delays=QUICK, faults="cartesia-tts:drop@mid")
    with pytest.raises(sdk.APIConnectionError):
        await cartesia(simulators).tts.generate(**REQUEST)


async def test_an_error_within_an_event_stream(run_simulators, cartesia):
    simulators = await run_simulators(delays=QUICK, faults="cartesia-tts:server_error@mid")
    stream = await cartesia(simulators).tts.generate_sse(**REQUEST)
    events = [event async for event in stream]
    assert [event.type for event in events if event.type != "chunk"] == ["error"]
    assert events[-1].status_code == 500
