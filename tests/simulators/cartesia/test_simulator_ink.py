import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed

RAW = {"model": "ink-2", "encoding": "pcm_s16le", "sample_rate": 16_000}
SENTENCES = '{"script": {"sentences": ["I was thinking of | next Tuesday.", "Goodbye."]}}'
QUICK = "cartesia-stt.final_ms=5"


async def speak(socket, pcm):
    for at in range(0, len(pcm), 2560):
        await socket.send_raw(pcm[at : at + 2560])


async def collect(socket):
    async with asyncio.timeout(20):
        return [event async for event in socket]


async def read_to_the_break(socket):
    """All events before the connection breaks."""
    events = []
    try:
        async with asyncio.timeout(20):
            while True:
                events.append(await socket.recv())
    except ConnectionClosed:
        return events


def without_updates(events):
    return [event.type for event in events if event.type != "turn.update"]


async def test_turns(run_simulators, cartesia, voice, silence):
    simulators = await run_simulators(SENTENCES)
    async with cartesia(simulators).stt.auto_finalize.websocket(**RAW) as socket:
        await speak(
            socket, silence(300) + voice(900) + silence(250) + voice(700) + silence(600) + voice(600) + silence(500)
        )
        await socket.send({"type": "close"})
        events = await collect(socket)
    assert without_updates(events) == [
        *("connected", "turn.start", "turn.eager_end", "turn.resume", "turn.eager_end", "turn.end"),
        *("turn.start", "turn.eager_end", "turn.end"),
    ]
    assert [event.transcript for event in events if event.type == "turn.end"] == [
        "I was thinking of next Tuesday.",
        "Goodbye.",
    ]
    assert len({event.request_id for event in events}) == 1
    assert events[1].type == "turn.start"  # silent between turns


async def test_close_ends_the_running_turn(run_simulators, cartesia, voice):
    simulators = await run_simulators()
    async with cartesia(simulators).stt.auto_finalize.websocket(**RAW) as socket:
        await speak(socket, voice(900))
        await socket.send({"type": "close"})
        assert (await collect(socket))[-1].type == "turn.end"


async def test_config(run_simulators, cartesia, voice, silence):
    simulators = await run_simulators()
    async with cartesia(simulators).stt.auto_finalize.websocket(**RAW) as socket:
        await socket.send({"type": "config", "turn": {"end_timeout_ms": 3000}})
        await socket.send({"type": "config", "turn": {"end_threshold": 0.45}})
        await speak(socket, voice(600) + silence(500))
        await socket.send({"type": "close"})
        events = await collect(socket)
    errors = [event for event in events if event.type == "error"]
    assert [(error.status_code, "rise" in error.message) for error in errors] == [(400, True)]
    assert "turn.end" in without_updates(events)


@pytest.mark.parametrize(
    "change",
    [
        {"turn_start_threshold": 0.95},
        {"turn_eager_end_threshold": 0.2},
        {"turn_end_threshold": 0.6},
        {"turn_end_threshold": 0.5},
        {"turn_end_timeout_ms": 100},
        {"keyterm": ["x" * 1201]},
        {"encoding": "opus"},
        {"sample_rate": 4000},
        {"model": "ink-whisper"},
        {"extra_query": {"language": "en"}},
    ],
)
async def test_bad_settings_are_told_in_the_socket(run_simulators, cartesia, change):
    simulators = await run_simulators()
    async with cartesia(simulators).stt.auto_finalize.websocket(**{**RAW, **change}) as socket:
        error = await asyncio.wait_for(socket.recv(), 10)
        assert (error.type, error.status_code) == ("error", 400)
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_manual_finalizing(run_simulators, cartesia, voice, silence):
    simulators = await run_simulators('{"script": {"sentences": ["One two three.", "Four."]}}', delays=QUICK)
    async with cartesia(simulators).stt.manual_finalize.websocket(**RAW) as socket:
        await speak(socket, voice(1200) + silence(300))
        await socket.send("finalize")
        await speak(socket, voice(600))
        await socket.send("close")
        events = await collect(socket)
    finals = [event for event in events if event.type != "transcript" or event.is_final]
    assert [event.type for event in finals] == ["transcript", "flush_done", "transcript", "done"]
    assert "".join(event.text for event in finals if event.type == "transcript") == "One two three. Four."
    interims = [event for event in events if event.type == "transcript" and not event.is_final]
    assert interims
    assert "One two three.".startswith(interims[0].text)
    assert finals[0].words[0].words == ["One", "two", "three."]


async def test_finalizing_silence_is_acknowledged(run_simulators, cartesia, silence):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).stt.manual_finalize.websocket(**RAW) as socket:
        await speak(socket, silence(300))
        await socket.send("finalize")
        await socket.send("close")
        assert [event.type for event in await collect(socket)] == ["flush_done", "done"]


async def test_whisper_finalizes_after_silence(run_simulators, cartesia, voice, silence):
    simulators = await run_simulators('{"script": {"sentences": ["One.", "Two."]}}', delays=QUICK)
    settings = {**RAW, "model": "ink-whisper", "max_silence_duration_secs": 0.4}
    async with cartesia(simulators).stt.manual_finalize.websocket(**settings) as socket:
        await speak(socket, voice(600) + silence(600) + voice(600) + silence(600))
        await socket.send("close")
        finals = [event.text for event in await collect(socket) if event.type == "transcript" and event.is_final]
    assert finals == ["One.", " Two."]


async def test_an_unknown_command_is_an_error(run_simulators, cartesia):
    simulators = await run_simulators()
    async with cartesia(simulators).stt.manual_finalize.websocket(**RAW) as socket:
        await socket._connection.send('{"type":"finalize"}')
        assert (await asyncio.wait_for(socket.recv(), 10)).type == "error"
        await socket.send("close")
        assert (await collect(socket))[-1].type == "done"


@pytest.mark.parametrize(("encoding", "convert"), [("pcm_mulaw", "lin2ulaw"), ("pcm_f32le", None)])
async def test_other_encodings(run_simulators, cartesia, voice, silence, encoding, convert):
    from simulators.audio.pcm import audioop, from_linear16

    simulators = await run_simulators()
    pcm = voice(900) + silence(500)
    encoded = getattr(audioop, convert)(pcm, 2) if convert else from_linear16(pcm, encoding)
    async with cartesia(simulators).stt.auto_finalize.websocket(**{**RAW, "encoding": encoding}) as socket:
        await speak(socket, encoded)
        await socket.send({"type": "close"})
        assert without_updates(await collect(socket)) == ["connected", "turn.start", "turn.eager_end", "turn.end"]


@pytest.mark.parametrize(("moment", "before"), [("first", ["connected"]), ("mid", ["connected", "turn.start"])])
async def test_drops(run_simulators, cartesia, voice, silence, moment, before):
    simulators = await run_simulators(faults=f"cartesia-stt:drop@{moment}")
    async with cartesia(simulators).stt.auto_finalize.websocket(**RAW) as socket:
        await speak(socket, voice(900) + silence(500))
        assert without_updates(await read_to_the_break(socket)) == before


async def test_a_server_error(run_simulators, cartesia, voice, silence):
    simulators = await run_simulators(faults="cartesia-stt:server_error@idle")
    async with cartesia(simulators).stt.auto_finalize.websocket(**RAW) as socket:
        await speak(socket, voice(900) + silence(500))
        heard = await read_to_the_break(socket)
    assert [event.type for event in heard][-2:] == ["turn.end", "error"]
    assert heard[-1].status_code == 500
    assert "done" not in json.loads(heard[-1].to_json())
