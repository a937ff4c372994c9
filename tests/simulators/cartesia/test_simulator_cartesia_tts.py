import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from simulators.audio.loudness import Loudness

QUICK = "cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=500"


def audio(events):
    return b"".join(event.audio for event in events if event.type == "chunk")


def kinds(events):
    """Event types without repetitions."""
    names = [event.type for event in events]
    return [name for before, name in zip([None, *names], names, strict=False) if name != before]


def spoken_words(pcm, rate=16_000):
    levels = Loudness(rate, -45).feed(pcm)
    return sum(1 for before, level in zip([0, *levels], levels, strict=False) if level and not before)


async def test_a_reply_in_several_inputs(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        await context.push("Hello there, ")
        await context.push("this is ")
        await context.push("a test.")
        await context.no_more_inputs()
        events = await receive(context)
    assert kinds(events) == ["chunk", "done"]
    assert spoken_words(audio(events)) == 6
    assert {event.status_code for event in events[:-1]} == {206}
    assert {event.flush_id for event in events[:-1]} == {1}
    assert (events[-1].status_code, events[-1].done) == (200, True)
    assert simulators.simulation.seen["cartesia-tts"].counters["characters"] == len("Hello there, this is a test.")


async def test_word_times_come_no_later_than_their_audio(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket, add_timestamps=True, add_phoneme_timestamps=True)
        await context.push("Hello there. ")
        await context.push("How are you?")
        await context.no_more_inputs()
        events = await receive(context)
    heard_s = 0.0
    words, starts, ends = [], [], []
    for event in events:
        if event.type == "chunk":
            heard_s += len(event.audio) / 32_000
        elif event.type == "timestamps":
            times = event.word_timestamps
            assert times.start[0] >= heard_s - 1e-4  # times are rounded
            words, starts, ends = words + times.words, starts + times.start, ends + times.end
    assert words == ["Hello", "there.", "How", "are", "you?"]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= heard_s
    phonemes = [p for event in events if event.type == "phoneme_timestamps" for p in event.phoneme_timestamps.phonemes]
    assert "".join(phonemes) == "hellotherehowareyou"


async def test_the_first_audio_and_the_rest_take_their_time(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays="cartesia-tts.first_audio_ms=120;cartesia-tts.realtime_factor=5")
    loop = asyncio.get_running_loop()
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        begun = loop.time()
        await context.push("One two three four five six seven eight.", continue_=False)
        first = None
        async for event in context.receive():
            if event.type == "chunk" and first is None:
                first = loop.time() - begun
        whole = loop.time() - begun
    assert first >= 0.119
    assert whole - first >= 0.4  # some 2.7 s of speech


async def test_flushes_are_numbered(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket, max_buffer_delay_ms=5000)
        await context.push("Half a", flush=True)
        await context.push(" sentence", flush=True)
        await context.no_more_inputs()
        events = await receive(context)
    assert kinds(events) == ["chunk", "flush_done", "chunk", "flush_done", "done"]
    flushes = [event.flush_id for event in events if event.type == "flush_done"]
    chunks = list(dict.fromkeys(event.flush_id for event in events if event.type == "chunk"))
    assert flushes == chunks == [1, 2]


async def test_text_is_held_back_up_to_the_buffer_delay(run_simulators, cartesia, new_context):
    simulators = await run_simulators(delays=QUICK)
    loop = asyncio.get_running_loop()
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket, max_buffer_delay_ms=300)
        begun = loop.time()
        await context.push("No sentence yet")
        async for event in context.receive():
            assert event.type == "chunk"
            break
        assert loop.time() - begun >= 0.299


async def test_contexts_share_a_socket_out_of_order(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays="cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=20")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        long, short = new_context(socket), new_context(socket)
        order = []

        async def read(name, context):
            events = await receive(context)
            order.append(name)
            return events

        await long.push("This one has a good many more words to say than the other one has.", continue_=False)
        await short.push("Short.", continue_=False)
        first, second = await asyncio.gather(read("long", long), read("short", short))
    assert order == ["short", "long"]
    assert (spoken_words(audio(first)), spoken_words(audio(second))) == (15, 1)


async def test_cancel_stops_what_was_not_made_yet(run_simulators, raw_message):
    simulators = await run_simulators(delays="cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=5")
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2026-08-14"
    headers = {"Authorization": f"Bearer {simulators.settings['CARTESIA_API_KEY']}"}
    async with connect(url, additional_headers=headers) as socket, asyncio.timeout(20):
        await socket.send(json.dumps(raw_message(transcript="word " * 40)))
        assert json.loads(await socket.recv())["type"] == "chunk"
        await socket.send(json.dumps({"context_id": "c", "cancel": True}))
        late = 0
        while (event := json.loads(await socket.recv()))["type"] == "chunk":
            late += 1
        assert event["type"] == "done"
        assert late < 10  # of some 130
        await socket.send(json.dumps({"context_id": "never-seen", "cancel": True}))
        await socket.send(json.dumps(raw_message()))  # the id can be used again
        assert json.loads(await socket.recv())["context_id"] == "c"
    assert simulators.simulation.seen["cartesia-tts"].counters["cancelled"] == 2


async def test_a_context_is_spoken_in_one_manner(run_simulators, raw_message):
    simulators = await run_simulators(delays=QUICK)
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2026-08-14"
    headers = {"Authorization": f"Bearer {simulators.settings['CARTESIA_API_KEY']}"}
    async with connect(url, additional_headers=headers) as socket, asyncio.timeout(20):
        await socket.send(json.dumps(raw_message(**{"continue": True})))
        await socket.send(json.dumps(raw_message(voice={"mode": "id", "id": "another"}, **{"continue": True})))
        while (event := json.loads(await socket.recv()))["type"] == "chunk":
            pass
    assert event["type"] == "error"
    assert "must stay the same" in event["message"]


async def test_a_context_expires_after_its_last_audio(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators(delays=QUICK + ";cartesia-tts.context_expiry_ms=150")
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        await context.push("Let me look that up. ")
        events = await receive(context)
        assert kinds(events) == ["chunk", "done"]
        assert simulators.simulation.seen["cartesia-tts"].busy == 0


@pytest.mark.parametrize(
    ("encoding", "rate", "sample_bytes"), [("pcm_f32le", 44_100, 4), ("pcm_mulaw", 8000, 1), ("pcm_s16le", 24_000, 2)]
)
async def test_output_formats(run_simulators, cartesia, new_context, receive, encoding, rate, sample_bytes):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        wanted = {"container": "raw", "encoding": encoding, "sample_rate": rate}
        context = new_context(socket, output_format=wanted, add_timestamps=True)
        await context.push("Hello there.", continue_=False)
        events = await receive(context)
    last_word = [event for event in events if event.type == "timestamps"][-1].word_timestamps
    assert last_word.end[-1] < len(audio(events)) / sample_bytes / rate < last_word.end[-1] + 0.5


async def test_chunks_may_end_within_a_sample(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators('{"cartesia": {"split_samples": true}}', delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        context = new_context(socket)
        await context.push("Hello there, how are you?", continue_=False)
        events = await receive(context)
    sizes = [len(event.audio) for event in events if event.type == "chunk"]
    assert any(size % 2 for size in sizes)
    assert sum(sizes) % 2 == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"model_id": "robo-1"}, "model_not_found"),
        ({"voice": {"mode": "id", "id": ""}}, "invalid_request"),
        ({"voice": {"mode": "embedding", "embedding": [0.1]}}, "invalid_request"),
        ({"output_format": {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16_000}}, "invalid_request"),
        ({"output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 11_025}}, "invalid_request"),
        ({"max_buffer_delay_ms": 6000}, "invalid_request"),
        ({"generation_config": {"speed": 3}}, "invalid_request"),
        ({"generation_config": {"volume": 0.1}}, "invalid_request"),
        ({"transcript": None}, "invalid_request"),
    ],
)
async def test_a_bad_request_is_an_error_of_its_context(run_simulators, cartesia, raw_message, change, code):
    simulators = await run_simulators(delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket, asyncio.timeout(20):
        await socket._connection.send(json.dumps(raw_message(**change)))
        error = await socket.recv()
        assert (error.type, error.context_id, error.error_code, error.done) == ("error", "c", code, True)
        assert error.title
        assert error.request_id
        await socket._connection.send(json.dumps(raw_message(context_id="d")))
        assert (await socket.recv()).type == "chunk"


@pytest.mark.parametrize("text", ["hello", "[1]", '{"model_id": "sonic-3"}'])
async def test_a_message_without_context_is_an_error_without_context(run_simulators, cartesia, text):
    simulators = await run_simulators()
    async with cartesia(simulators).tts.websocket_connect() as socket:
        await socket._connection.send(text)
        error = await asyncio.wait_for(socket.recv(), 10)
        assert (error.type, error.context_id, error.status_code) == ("error", None, 400)


async def test_known_voices_only(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators('{"cartesia": {"voices": ["good"]}}', delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        good, bad = new_context(socket, voice={"mode": "id", "id": "good"}), new_context(socket)
        await good.push("Hi.", continue_=False)
        await bad.push("Hi.", continue_=False)
        assert kinds(await receive(good)) == ["chunk", "done"]
        assert [event.error_code for event in await receive(bad)] == ["voice_not_found"]


async def test_concurrency_is_limited_by_contexts(run_simulators, cartesia, new_context, receive):
    simulators = await run_simulators('{"cartesia": {"max_contexts": 1}}', delays=QUICK)
    async with cartesia(simulators).tts.websocket_connect() as socket:
        first, second = new_context(socket), new_context(socket)
        await first.push("One ")
        await second.push("Two ")
        (error,) = await receive(second)
        assert (error.status_code, error.error_code) == (429, "concurrency_limited")
        await first.no_more_inputs()
        await receive(first)
        third = new_context(socket)
        await third.push("Three.", continue_=False)
        assert kinds(await receive(third)) == ["chunk", "done"]


async def test_inputs_do_not_pile_up_for_ever(run_simulators, raw_message):
    simulators = await run_simulators(delays="cartesia-tts.first_audio_ms=60000")
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2026-08-14"
    headers = {"Authorization": f"Bearer {simulators.settings['CARTESIA_API_KEY']}"}
    text = json.dumps(raw_message(transcript="word ", max_buffer_delay_ms=0) | {"continue": True})
    async with connect(url, additional_headers=headers) as socket:
        for _ in range(2010):
            await socket.send(text)
        error = json.loads(await asyncio.wait_for(socket.recv(), 20))
    assert (error["type"], error["context_id"], "Too many" in error["message"]) == ("error", "c", True)


async def test_older_versions_have_plain_errors(run_simulators, raw_message):
    simulators = await run_simulators()
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2025-04-16"
    headers = {"X-API-Key": simulators.settings["CARTESIA_API_KEY"]}
    async with connect(url, additional_headers=headers) as socket:
        await socket.send(json.dumps(raw_message(model_id="robo-1")))
        error = json.loads(await asyncio.wait_for(socket.recv(), 10))
    assert error["error"].startswith("Invalid model: ")
    assert "title" not in error


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?cartesia_version=2026-08-14", {}, 401),
        ("?cartesia_version=2026-08-14", {"Authorization": "Bearer wrong"}, 401),
        ("?cartesia_version=2026-08-14&access_token=wrong", {}, 401),
        ("", {"X-API-Key": "simulated-cartesia-key"}, 400),
        ("?cartesia_version=today", {"X-API-Key": "simulated-cartesia-key"}, 400),
    ],
)
async def test_handshakes_without_key_or_version(run_simulators, query, headers, status):
    simulators = await run_simulators()
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{simulators.urls.ws}/tts/websocket{query}", additional_headers=headers)
    assert refused.value.response.status_code == status


async def test_access_tokens(run_simulators, cartesia):
    simulators = await run_simulators()
    made = await cartesia(simulators).access_token.create(expires_in=60, grants={"tts": True})
    url = f"{simulators.urls.ws}/tts/websocket?cartesia_version=2026-08-14&access_token={made.token}"
    async with connect(url):
        pass
    with pytest.raises(InvalidStatus) as refused:  # the token does not grant transcription
        await connect(url.replace("/tts/websocket", "/stt/websocket"))
    assert refused.value.response.status_code == 401


async def test_an_idle_socket_is_closed(run_simulators, cartesia):
    simulators = await run_simulators(delays="cartesia-tts.idle_close_ms=100")
    async with cartesia(simulators).tts.websocket_connect() as socket, asyncio.timeout(10):
        assert [event async for event in socket] == []
        assert socket._connection.close_code == 1000
