import array
import asyncio

import pytest
from deepgram.listen.v1.types.listen_v1configure import ListenV1Configure
from websockets.exceptions import ConnectionClosedError

RAW = {"model": "nova-3", "encoding": "linear16", "sample_rate": 16_000}
QUICK = "deepgram-nova.final_ms=5"


def results(messages, *, final=None):
    return [m for m in messages if m.type == "Results" and (final is None or m.is_final == final)]


def transcript(message):
    return message.channel.alternatives[0].transcript


async def test_a_conversation(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators('{"script": {"sentences": ["Hello there, Sam.", "Bye."]}}', delays=QUICK)
    wanted = {"interim_results": "true", "endpointing": 300, "utterance_end_ms": 1000, "vad_events": "true"}
    async with deepgram(simulators).listen.v1.connect(**RAW, **wanted, punctuate="true") as socket:
        await speak(socket, silence(200) + voice(1500) + silence(1500) + voice(600) + silence(500))
        await socket.send_close_stream()
        messages = await collect(socket)
        assert socket._websocket.close_code == 1000
    kinds = [m.type if m.type != "Results" else ("final" if m.is_final else "interim") for m in messages]
    assert [kind for kind in kinds if kind != "interim"] == [
        *("SpeechStarted", "final", "UtteranceEnd", "SpeechStarted", "final", "final", "Metadata"),
    ]
    first, second, rest = results(messages, final=True)
    assert (transcript(first), first.speech_final, first.from_finalize) == ("Hello there, Sam.", True, False)
    assert (transcript(second), second.speech_final) == ("Bye.", True)
    assert transcript(rest) == ""
    assert first.channel_index == [0, 1]
    words = first.channel.alternatives[0].words
    assert [(word.word, word.punctuated_word) for word in words] == [
        ("hello", "Hello"),
        ("there", "there,"),
        ("sam", "Sam."),
    ]
    assert words[-1].end == pytest.approx(1.7, abs=0.02)
    ended = next(message for message in messages if message.type == "UtteranceEnd")
    assert ended.last_word_end == pytest.approx(1.7, abs=0.02)
    started = next(message for message in messages if message.type == "SpeechStarted")
    assert (started.channel, started.timestamp) == ([0, 1], pytest.approx(0.2, abs=0.02))
    assert (messages[-1].duration, messages[-1].channels) == (pytest.approx(4.3), 1)
    assert messages[-1].request_id == first.metadata.request_id


async def test_an_interim_has_the_start_of_the_final_that_supersedes_it(
    run_simulators, deepgram, speak, collect, voice, silence
):
    simulators = await run_simulators(delays=QUICK)
    async with deepgram(simulators).listen.v1.connect(**RAW, interim_results="true", endpointing=300) as socket:
        await speak(socket, voice(2500) + silence(400))
        await socket.send_close_stream()
        messages = results(await collect(socket))
    assert [(message.is_final, message.start) for message in messages[:3]] == [(False, 0), (False, 0), (True, 0)]
    assert transcript(messages[2]).startswith(transcript(messages[1]))
    assert len(transcript(messages[1])) > len(transcript(messages[0])) > 0


async def test_unformatted_text_is_plain(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators('{"script": {"sentences": ["Hello there, Sam."]}}', delays=QUICK)
    async with deepgram(simulators).listen.v1.connect(**RAW, endpointing=300) as socket:
        await speak(socket, voice(1000) + silence(400))
        await socket.send_close_stream()
        final = results(await collect(socket))[0]
    assert transcript(final) == "hello there sam"
    assert final.channel.alternatives[0].words[0].punctuated_word is None


async def test_finals_take_their_time(run_simulators, deepgram, speak, voice, silence):
    simulators = await run_simulators(delays="deepgram-nova.final_ms=200")
    loop = asyncio.get_running_loop()
    async with deepgram(simulators).listen.v1.connect(**RAW, endpointing=300) as socket:
        await speak(socket, voice(600) + silence(300))
        sent = loop.time()
        assert (await socket.recv()).speech_final
        assert loop.time() - sent >= 0.19


async def test_finalize(run_simulators, deepgram, speak, voice):
    simulators = await run_simulators('{"script": {"sentences": ["One two."]}}', delays=QUICK)
    async with deepgram(simulators).listen.v1.connect(**RAW, endpointing=300) as socket:
        await speak(socket, voice(500))
        await socket.send_finalize()
        flushed = await socket.recv()
        assert (transcript(flushed), flushed.is_final, flushed.from_finalize) == ("one two", True, True)
        await socket.send_finalize()  # nothing new: no answer
        await socket.send_close_stream()
        assert (await socket.recv()).type == "Metadata"


async def test_keep_alive_keeps_alive_and_its_absence_closes(run_simulators, deepgram):
    simulators = await run_simulators(delays="deepgram-nova.idle_close_ms=300")
    async with deepgram(simulators).listen.v1.connect(**RAW) as socket, asyncio.timeout(20):
        for _ in range(5):
            await asyncio.sleep(0.1)
            await socket.send_keep_alive()
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
        assert (socket._websocket.close_code, "net0001" in socket._websocket.close_reason) == (1011, True)
    assert simulators.simulation.seen["deepgram-nova"].counters["KeepAlive"] == 5


async def test_configure(run_simulators, deepgram):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v1.connect(**RAW) as socket:
        await socket.send_configure(ListenV1Configure(keyterms=["Acme"], features={"numerals": True}))
        success = await socket.recv()
        assert (success.type, success.keyterms) == ("ConfigureSuccess", ["Acme"])
        await socket.send_configure(ListenV1Configure(features={"numerals": False}))
        assert (await socket.recv()).keyterms is None
        await socket.send_configure(ListenV1Configure(keyterms=["word " * 600]))
        failure = await socket.recv()
        assert (failure.type, failure.code) == ("ConfigureFailure", "CONFIGURE_KEYTERM_LIMIT_EXCEEDED")
    async with deepgram(simulators).listen.v1.connect(**{**RAW, "model": "nova-2"}) as socket:
        await socket.send_configure(ListenV1Configure(keyterms=["Acme"]))
        assert (await socket.recv()).code == "CONFIGURE_KEYTERMS_NOT_SUPPORTED"


async def test_text_that_makes_no_sense_is_an_error_and_no_more(run_simulators, deepgram):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v1.connect(**RAW) as socket:
        await socket._websocket.send("hello")
        error = await socket.recv()
        assert (error.type, error.variant, error.message) == ("Error", "SchemaError", "hello")
        await socket.send_close_stream()
        assert (await socket.recv()).type == "Metadata"


async def test_audio_in_no_known_container_cannot_be_decoded(run_simulators, deepgram):
    simulators = await run_simulators()
    async with deepgram(simulators).listen.v1.connect(model="nova-3") as socket:
        await socket.send_media(b"\x00" * 320)
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
        assert (socket._websocket.close_code, socket._websocket.close_reason) == (1008, "DATA-0000")


async def test_channels_are_transcribed_apart(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators('{"script": {"sentences": ["First.", "Second."]}}', delays=QUICK)
    left = array.array("h", voice(800) + silence(1200))
    right = array.array("h", silence(1000) + voice(600) + silence(400))
    both = array.array("h", [sample for pair in zip(left, right, strict=True) for sample in pair]).tobytes()
    wanted = {"channels": 2, "multichannel": "true", "endpointing": 300}
    async with deepgram(simulators).listen.v1.connect(**RAW, **wanted) as socket:
        await speak(socket, both)
        await socket.send_close_stream()
        messages = await collect(socket)
    spoken = [(message.channel_index, transcript(message)) for message in results(messages) if transcript(message)]
    assert spoken == [([0, 2], "first"), ([1, 2], "second")]
    assert (messages[-1].channels, messages[-1].duration) == (2, 2.0)


async def test_several_languages(run_simulators, deepgram, speak, collect, voice, silence):
    simulators = await run_simulators(delays=QUICK)
    wanted = {"language": "multi", "language_hint": ["en", "es"], "endpointing": 300}
    async with deepgram(simulators).listen.v1.connect(**RAW, **wanted) as socket:
        await speak(socket, voice(900) + silence(400))
        await socket.send_close_stream()
        alternative = results(await collect(socket))[0].channel.alternatives[0]
    assert (alternative.languages, alternative.languages_hinted) == (["en"], ["en", "es"])
    assert alternative.words[0].language == "en"
