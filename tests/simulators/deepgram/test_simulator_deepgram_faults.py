"""Everything that can go wrong with a speech-to-text connection, through the vendor's client."""

import asyncio
import json

import pytest
from deepgram.core.api_error import ApiError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

RAW = {"model": "flux-general-en", "encoding": "linear16", "sample_rate": 16_000, "eager_eot_threshold": 0.4}
NOVA = {"model": "nova-3", "encoding": "linear16", "sample_rate": 16_000, "interim_results": "true", "endpointing": 300}


async def turn_events(socket):
    """Events up to the end of the connection."""
    heard = []
    try:
        async with asyncio.timeout(20):
            async for message in socket:
                heard.append(message["event"] if message.type == "TurnInfo" else message.type)
    except ConnectionClosed:
        heard.append("broken")
    return [event for event in heard if event != "Update"]


@pytest.mark.parametrize(
    ("switch", "status"),
    [
        ("refuse", 503),
        ("refuse,status=402", 402),
        ("rate_limit", 429),
        ("server_error", 500),
        ("server_error,status=504", 504),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_refused_handshake(run_simulators, deepgram, switch, status, version):
    simulators = await run_simulators(faults=f"deepgram:{switch}")
    listen = getattr(deepgram(simulators).listen, version)
    with pytest.raises(ApiError) as refused:
        async with listen.connect(**(NOVA if version == "v1" else RAW)):
            pass
    assert refused.value.status_code == status


async def test_a_rate_limit_says_when_to_come_back(run_simulators):
    simulators = await run_simulators(faults="deepgram-nova:rate_limit,retry_after_s=2.5")
    headers = {"Authorization": f"Token {simulators.settings['DEEPGRAM_API_KEY']}"}
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{simulators.urls.ws}/v1/listen?model=nova-3", additional_headers=headers)
    assert refused.value.response.headers["Retry-After"] == "2.5"
    assert json.loads(refused.value.response.body)["err_code"] == "TOO_MANY_REQUESTS"


async def test_only_the_nth_handshake_is_refused(run_simulators, deepgram):
    simulators = await run_simulators(faults="deepgram-flux:refuse,nth=2")
    outcomes = []
    for _ in range(3):
        try:
            async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
                outcomes.append((await socket.recv()).type)
        except ApiError as error:
            outcomes.append(error.status_code)
    assert outcomes == ["Connected", 503, "Connected"]


@pytest.mark.parametrize("switch", ["refuse,status=0", "drop@connect"])
async def test_a_handshake_cut_off(run_simulators, deepgram, switch):
    simulators = await run_simulators(faults=f"deepgram-flux:{switch}")
    with pytest.raises((ConnectionError, InvalidMessage)):
        async with deepgram(simulators).listen.v2.connect(**RAW):
            pass
    assert simulators.simulation.seen["deepgram-flux"].counters["connections"] == 0


async def test_a_handshake_that_stalls(run_simulators):
    simulators = await run_simulators(faults="deepgram-flux:stall@connect")
    headers = {"Authorization": f"Token {simulators.settings['DEEPGRAM_API_KEY']}"}
    with pytest.raises(TimeoutError):
        await connect(
            f"{simulators.urls.ws}/v2/listen?model=flux-general-en", additional_headers=headers, open_timeout=0.2
        )


async def test_a_stall_after_accepting(run_simulators, deepgram, speak, voice, silence):
    simulators = await run_simulators(faults="deepgram-flux:stall")
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        await speak(socket, voice(900) + silence(500))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.3)


async def test_a_stall_that_passes_loses_nothing(run_simulators, deepgram, speak, voice, silence):
    simulators = await run_simulators(faults="deepgram-flux:stall@first,duration_ms=250")
    loop = asyncio.get_running_loop()
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        begun = loop.time()
        await speak(socket, voice(900) + silence(500))
        await socket.send_close_stream()
        assert await turn_events(socket) == ["Connected", "StartOfTurn", "EagerEndOfTurn", "EndOfTurn"]
        assert loop.time() - begun >= 0.24


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("accepted", []),
        ("first", ["Connected"]),
        ("mid", ["Connected", "StartOfTurn"]),
        ("idle", ["Connected", "StartOfTurn", "EagerEndOfTurn", "EndOfTurn"]),
    ],
)
async def test_a_drop_at_each_moment(run_simulators, deepgram, speak, voice, silence, moment, before):
    simulators = await run_simulators(faults=f"deepgram-flux:drop@{moment}")
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        listening = asyncio.create_task(turn_events(socket))
        try:
            for _ in range(2):  # the second turn is never heard
                await speak(socket, voice(900) + silence(500))
                await asyncio.sleep(0.05)
        except ConnectionClosed:
            pass
        assert await listening == [*before, "broken"]


@pytest.mark.parametrize("moment", ["first", "mid", "idle"])
async def test_a_server_error_within_the_connection(run_simulators, deepgram, speak, voice, silence, moment):
    simulators = await run_simulators(faults=f"deepgram-flux:server_error@{moment}")
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        await speak(socket, voice(900) + silence(500))
        heard = await turn_events(socket)
        assert heard[-2:] == ["Error", "broken"]
        assert socket._websocket.close_code == 1011


async def test_nova_closes_on_a_server_error(run_simulators, deepgram, speak, voice, silence):
    simulators = await run_simulators(faults="deepgram-nova:server_error@mid")
    async with deepgram(simulators).listen.v1.connect(**NOVA) as socket:
        await speak(socket, voice(2500) + silence(500))
        with pytest.raises(ConnectionClosed):
            async for _ in socket:
                pass
        assert (socket._websocket.close_code, socket._websocket.close_reason) == (1011, "NET-0000")


async def test_garbage_then_on_as_before(run_simulators, speak, voice, silence):
    simulators = await run_simulators(faults="deepgram-flux:garbage,nth=1")
    url = f"{simulators.urls.ws}/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000"
    headers = {"Authorization": f"Token {simulators.settings['DEEPGRAM_API_KEY']}"}
    async with connect(url, additional_headers=headers) as socket, asyncio.timeout(20):
        await socket.send(voice(900) + silence(500))
        await socket.send('{"type":"CloseStream"}')
        frames = [frame async for frame in socket]
    understood, broken = [], 0
    for frame in frames:
        try:
            understood.append(json.loads(frame))
        except ValueError:
            broken += 1
    assert broken == 2  # a torn message and a binary frame
    assert "NoSuchType" in [message["type"] for message in understood]
    assert "EndOfTurn" in [message.get("event") for message in understood]


async def test_the_sdk_meets_garbage(run_simulators, deepgram, speak, voice):
    simulators = await run_simulators(faults="deepgram-nova:garbage")
    async with deepgram(simulators).listen.v1.connect(**NOVA) as socket:
        await speak(socket, voice(1500))
        with pytest.raises(json.JSONDecodeError):
            await asyncio.wait_for(socket.recv(), 10)


async def test_a_slow_drip(run_simulators, deepgram, speak, voice, silence):
    simulators = await run_simulators(faults="deepgram-flux:slow_drip,pause_ms=60")
    loop = asyncio.get_running_loop()
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        begun = loop.time()
        await speak(socket, voice(900) + silence(500))
        await socket.send_close_stream()
        assert (await turn_events(socket))[-1] == "EndOfTurn"
        assert loop.time() - begun >= 0.25


async def test_a_hang_answers_no_ping(run_simulators):
    simulators = await run_simulators(faults="deepgram-flux:hang,duration_ms=400")
    url = f"{simulators.urls.ws}/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000"
    headers = {"Authorization": f"Token {simulators.settings['DEEPGRAM_API_KEY']}"}
    async with connect(url, additional_headers=headers, ping_interval=None) as socket:
        pong = await socket.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(pong), 0.15)
        await asyncio.wait_for(pong, 10)  # the network is back


async def test_faults_are_counted(run_simulators, deepgram):
    simulators = await run_simulators(faults="deepgram-flux:refuse,times=1")
    with pytest.raises(ApiError):
        async with deepgram(simulators).listen.v2.connect(**RAW):
            pass
    counters = simulators.simulation.seen["deepgram-flux"].counters
    assert (counters["fault_refuse"], counters["refused"]) == (1, 1)
