import asyncio
import json

import pytest
from deepgram.core.api_error import ApiError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

TWO_SENTENCES = '{"script": {"sentences": ["I was thinking of | next Tuesday.", "Goodbye."]}}'
RAW = {"model": "flux-general-en", "encoding": "linear16", "sample_rate": 16_000}


def events(messages):
    return [message["event"] for message in messages if message.type == "TurnInfo" and message["event"] != "Update"]


async def test_a_conversation(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators(TWO_SENTENCES)
    async with deepgram(simulators).listen.v2.connect(**RAW, eager_eot_threshold=0.4) as socket:
        audio = silence(300) + voice(900) + silence(250) + voice(700) + silence(600) + voice(600) + silence(500)
        await speak(socket, audio)
        await socket.send_close_stream()
        messages = await collect(socket)
    assert messages[0].type == "Connected"
    assert [message.sequence_id for message in messages] == list(range(len(messages)))
    assert len({message.request_id for message in messages}) == 1
    assert events(messages) == [
        *("StartOfTurn", "EagerEndOfTurn", "TurnResumed", "EagerEndOfTurn", "EndOfTurn"),
        *("StartOfTurn", "EagerEndOfTurn", "EndOfTurn"),
    ]
    ends = [message for message in messages if message.type == "TurnInfo" and message["event"] == "EndOfTurn"]
    assert [(end.turn_index, end.transcript, end.trigger) for end in ends] == [
        (0, "I was thinking of next Tuesday.", "model"),
        (1, "Goodbye.", "model"),
    ]
    assert [word.word for word in ends[0].words] == "I was thinking of next Tuesday.".split()
    assert ends[0].words[0].start == pytest.approx(0.3, abs=0.02)
    assert (ends[0].audio_window_start, ends[1].audio_window_start) == (0, ends[0].audio_window_end)


async def test_events_come_after_the_audio_they_need(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW, eager_eot_threshold=0.5) as socket:
        await speak(socket, silence(400) + voice(1000) + silence(600))
        await socket.send_close_stream()
        messages = await collect(socket)
    at = {m["event"]: m["audio_window_end"] for m in messages if m.type == "TurnInfo" and m["event"] != "Update"}
    assert at == {"StartOfTurn": 0.6, "EagerEndOfTurn": 1.55, "EndOfTurn": 1.75}
    updates = [m["audio_window_end"] for m in messages if m.type == "TurnInfo" and m["event"] == "Update"]
    assert updates == [0.25, 0.5, 0.85, 1.1, 1.35, 2.0, 2.0]


async def test_confidence_lies_on_the_side_of_the_thresholds_that_events_claim(
    run_simulators, deepgram, speak, collect, voice, silence
):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW, eot_threshold=0.9, eager_eot_threshold=0.6) as socket:
        await speak(socket, voice(1000) + silence(600))
        await socket.send_close_stream()
        turns = [message for message in await collect(socket) if message.type == "TurnInfo"]
    confidence = {turn["event"]: turn["end_of_turn_confidence"] for turn in turns if turn["event"] != "Update"}
    assert 0.6 <= confidence["EagerEndOfTurn"] < 0.9 <= confidence["EndOfTurn"]
    updates = [turn["end_of_turn_confidence"] for turn in turns if turn["event"] == "Update"]
    assert updates
    assert max(updates) < 0.6


async def test_updates_between_eager_and_end_stay_between_the_thresholds(
    run_simulators, deepgram, speak, collect, voice, silence
):
    simulators = await run_simulators(delays="deepgram-flux.end_ms=900")
    async with deepgram(simulators).listen.v2.connect(**RAW, eot_threshold=0.9, eager_eot_threshold=0.6) as socket:
        await speak(socket, voice(1000) + silence(1000))
        await socket.send_close_stream()
        turns = [message for message in await collect(socket) if message.type == "TurnInfo"]
    names = [turn["event"] for turn in turns]
    waiting = turns[names.index("EagerEndOfTurn") + 1 : names.index("EndOfTurn")]
    assert [turn["event"] for turn in waiting] == ["Update"] * 2
    assert all(0.6 <= turn["end_of_turn_confidence"] < 0.9 for turn in waiting)


async def test_no_eager_events_unless_asked_for(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        await speak(socket, voice(900) + silence(500))
        await socket.send_close_stream()
        assert events(await collect(socket)) == ["StartOfTurn", "EndOfTurn"]


async def test_configure(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW, keyterm=["Acme"]) as socket:
        await socket.send_configure({"type": "Configure", "thresholds": {"eager_eot_threshold": 0.5}, "numerals": True})
        await socket.send_configure({"type": "Configure", "thresholds": {"eot_threshold": 0.4}})
        await socket.send_configure({"type": "Configure", "language_hints": ["en"]})
        await speak(socket, voice(900) + silence(500))
        await socket.send_close_stream()
        messages = await collect(socket)
    success, failure, other = (message for message in messages if message.type.startswith("Configure"))
    assert success.type == "ConfigureSuccess"
    assert (success.thresholds.eager_eot_threshold, success.thresholds.eot_threshold) == (0.5, 0.7)
    assert (success.keyterms, success.numerals) == (["Acme"], True)
    assert (failure.type, failure.code) == ("ConfigureFailure", "INVALID_THRESHOLD")
    assert other.type == "ConfigureFailure"
    assert events(messages) == ["StartOfTurn", "EagerEndOfTurn", "EndOfTurn"]


async def test_force_end_turn(run_simulators, deepgram, speak, collect, voice):
    simulators = await run_simulators('{"script": {"sentences": ["one two three four five six seven eight"]}}')
    async with deepgram(simulators).listen.v2.connect(**RAW, eot_threshold=1.0) as socket:
        await speak(socket, voice(900))
        await socket.send_force_end_turn()
        await socket.send_close_stream()
        messages = await collect(socket)
    end = next(message for message in messages if message.type == "TurnInfo" and message["event"] == "EndOfTurn")
    assert end.trigger == "manual"
    assert 0 < len(end.words) < 8


async def test_the_time_out_ends_a_turn_that_confidence_does_not(
    run_simulators, deepgram, speak, collect, voice, silence
):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW, eot_threshold=1.0, eot_timeout_ms=800) as socket:
        await speak(socket, voice(900) + silence(1000))
        await socket.send_close_stream()
        ends = [m for m in await collect(socket) if m.type == "TurnInfo" and m["event"] == "EndOfTurn"]
    assert [end.trigger for end in ends] == ["timeout"]


async def test_the_multilingual_model_names_languages(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators()
    settings = {**RAW, "model": "flux-general-multi"}
    async with deepgram(simulators).listen.v2.connect(**settings, language_hint=["en", "es"]) as socket:
        await speak(socket, voice(900) + silence(500))
        await socket.send_close_stream()
        end = next(m for m in await collect(socket) if m.type == "TurnInfo" and m["event"] == "EndOfTurn")
    assert (end.languages, end.languages_hinted) == (["en"], ["en", "es"])


async def test_closing_gives_a_last_update_and_no_close_code(run_simulators, deepgram, speak, collect, voice):
    simulators = await run_simulators('{"script": {"sentences": ["one two three"]}}')
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        await speak(socket, voice(600))
        await socket.send_close_stream()
        last = (await collect(socket))[-1]
        assert (last["event"], last.transcript) == ("Update", "one two three")
        assert socket._websocket.close_code == 1005  # RFC 6455: no code was received


@pytest.mark.parametrize("encoding", ["mulaw", "alaw"])
async def test_telephone_audio(run_simulators, deepgram, collect, voice, silence, encoding):
    from simulators.audio.pcm import audioop

    simulators = await run_simulators()
    narrow, _ = audioop.ratecv(voice(900) + silence(600), 2, 1, 16_000, 8_000, None)
    encoded = audioop.lin2ulaw(narrow, 2) if encoding == "mulaw" else audioop.lin2alaw(narrow, 2)
    settings = {"model": "flux-general-en", "encoding": encoding, "sample_rate": 8000}
    async with deepgram(simulators).listen.v2.connect(**settings) as socket:
        for at in range(0, len(encoded), 160):
            await socket.send_media(encoded[at : at + 160])
        await socket.send_close_stream()
        assert events(await collect(socket)) == ["StartOfTurn", "EndOfTurn"]


async def test_scenarios_go_before_audio(run_simulators, deepgram, speak, collect, silence):
    turns = '[{"text": "Never mind | the audio.", "spans": [[100, 700], [900, 1500]]}]'
    simulators = await run_simulators(f'{{"script": {{"scenarios": [{{"turns": {turns}}}]}}}}')
    for expected in (["Never mind the audio."], []):  # the second connection follows its audio again
        async with deepgram(simulators).listen.v2.connect(**RAW, eager_eot_threshold=0.4) as socket:
            await speak(socket, silence(2500))
            await socket.send_close_stream()
            messages = await collect(socket)
        ends = [m.transcript for m in messages if m.type == "TurnInfo" and m["event"] == "EndOfTurn"]
        assert ends == expected


async def test_a_scenario_by_the_wall_clock_needs_no_audio(run_simulators, deepgram):
    scenario = '{"clock": "wall", "turns": [{"text": "Hello.", "spans": [[50, 350]]}]}'
    simulators = await run_simulators(f'{{"script": {{"scenarios": [{scenario}]}}}}')
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket, asyncio.timeout(10):
        async for message in socket:
            if message.type == "TurnInfo" and message["event"] == "EndOfTurn":
                break
        assert (message["event"], message.transcript) == ("EndOfTurn", "Hello.")


async def test_latency_keeps_the_order(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators(delays="deepgram-flux.latency_ms=p0:0,p100:80")
    async with deepgram(simulators).listen.v2.connect(**RAW, eager_eot_threshold=0.4) as socket:
        await speak(socket, voice(900) + silence(600))
        await socket.send_close_stream()
        messages = await collect(socket)
    assert [message.sequence_id for message in messages] == list(range(len(messages)))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"model": "flux-general-xx"}, 400),
        ({"encoding": "linear16", "sample_rate": None}, 400),
        ({"eot_threshold": 2}, 400),
    ],
)
async def test_bad_parameters_refuse_the_handshake(run_simulators, deepgram, change, status):
    simulators = await run_simulators()
    with pytest.raises(ApiError) as refused:
        async with deepgram(simulators).listen.v2.connect(**{**RAW, **change}):
            pass
    assert refused.value.status_code == status


async def test_nova_parameters_are_refused_with_the_vendors_body(run_simulators):
    simulators = await run_simulators()
    url = f"{simulators.urls.ws}/v2/listen?model=flux-general-en&interim_results=true"
    headers = {"Authorization": f"Token {simulators.settings['DEEPGRAM_API_KEY']}"}
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=headers)
    response = refused.value.response
    assert response.status_code == 400
    assert "interim_results" in response.headers["dg-error"]
    body = json.loads(response.body)
    assert body["err_code"] == "INVALID_QUERY_PARAMETER"
    assert body["request_id"] == response.headers["dg-request-id"]


async def test_keys_and_tokens(run_simulators, deepgram):
    simulators = await run_simulators()
    with pytest.raises(ApiError) as refused:
        async with deepgram(simulators, api_key="wrong").listen.v2.connect(**RAW):
            pass
    assert refused.value.status_code == 401
    granted = await deepgram(simulators).auth.v1.tokens.grant()
    async with deepgram(simulators, access_token=granted.access_token).listen.v2.connect(**RAW) as socket:
        assert (await socket.recv()).type == "Connected"
    with pytest.raises(ApiError):
        async with deepgram(simulators, access_token="made-up").listen.v2.connect(**RAW):
            pass


async def test_browsers_authenticate_by_sub_protocol(run_simulators):
    simulators = await run_simulators()
    url = f"{simulators.urls.ws}/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000"
    key = simulators.settings["DEEPGRAM_API_KEY"]
    async with connect(url, subprotocols=["token", key]) as socket:
        assert socket.subprotocol == "token"
        assert json.loads(await socket.recv())["type"] == "Connected"
        assert socket.response.headers["dg-request-id"]


@pytest.mark.parametrize("text", ['{"type":"KeepAlive"}', '{"type":"Finalize"}', "hello", "[]"])
async def test_a_message_that_flux_does_not_know_is_fatal(run_simulators, deepgram, text):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket:
        await socket._websocket.send(text)
        assert (await socket.recv()).type == "Connected"
        error = await socket.recv()
        assert (error.type, error.code) == ("Error", "UNPARSABLE_CLIENT_MESSAGE")
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
        assert socket._websocket.close_code == 1011


async def test_silence_on_the_line_is_closed(run_simulators, deepgram):
    simulators = await run_simulators(delays="deepgram-flux.idle_close_ms=150")
    async with deepgram(simulators).listen.v2.connect(**RAW) as socket, asyncio.timeout(10):
        await socket.recv()
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
        assert socket._websocket.close_code == 1011
        assert "net0001" in socket._websocket.close_reason
