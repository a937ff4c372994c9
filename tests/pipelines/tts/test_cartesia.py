"""The adapter against the vendor's wire protocol, as simulated."""

import asyncio
import logging

import pytest
from eventually import eventually

from pipelines.tts.cartesia import CartesiaRules, CartesiaSpeech
from pipelines.tts.cartesia_line import LineRules
from pipelines.tts.port import Audio, Spoken, TtsError, TtsOptions, Words

FAST = "cartesia-tts.first_audio_ms=1;cartesia-tts.realtime_factor=200"
TEXT = "Most teams start small, and see the difference within two weeks. Shall I show you how it works?"
HURRIED = CartesiaRules(silence_s=0.5, line=LineRules(connect_s=0.5, heartbeat_s=0.4, close_s=0.2))


@pytest.fixture
async def cartesia():
    made = []

    def connect(simulators, **options):
        settings = simulators.settings
        options = {"api_key": settings["CARTESIA_API_KEY"], "base_url": settings["CARTESIA_BASE_URL"], **options}
        made.append(CartesiaSpeech(**options))
        return made[-1]

    yield connect
    for voice in made:
        await voice.aclose()


async def read(context):
    async with asyncio.timeout(20):
        return [event async for event in context]


def start(speech, *texts, **options):
    context = speech.open(TtsOptions(**options))
    for text in texts:
        context.send_text(text)
    context.finish()
    return context


async def say(speech, *texts, **options):
    return await read(start(speech, *texts, **options))


async def failure(voice, *texts):
    with pytest.raises(TtsError) as failed:
        await say(voice, *(texts or (TEXT,)))
    return failed.value


def audio_of(events):
    return b"".join(event.pcm for event in events if isinstance(event, Audio))


def words_of(events):
    return [word for event in events if isinstance(event, Words) for word in event.words]


def seen(simulators):
    return simulators.simulation.seen["cartesia-tts"]


async def test_a_reply_in_small_pieces(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    voice = cartesia(simulators)
    events = await say(voice, *(TEXT[at : at + 3] for at in range(0, len(TEXT), 3)))
    assert isinstance(events[-1], Spoken)
    assert [word.text for word in words_of(events)] == TEXT.split()
    audio_ms = len(audio_of(events)) / 48
    assert 3000 < audio_ms < 12_000
    words = words_of(events)
    assert all(first.end_ms <= second.start_ms for first, second in zip(words, words[1:], strict=False))
    assert words[-1].end_ms <= audio_ms + 1
    assert (voice.name, voice.sample_rate, voice.healthy) == ("cartesia", 24_000, True)


async def test_words_come_before_their_audio_ends(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    audio_ms, spoken = 0.0, []
    for event in await say(cartesia(simulators), TEXT):
        if isinstance(event, Audio):
            audio_ms += len(event.pcm) / 48
        elif isinstance(event, Words):
            spoken += [word.text for word in event.words]
            assert all(word.end_ms > audio_ms for word in event.words)
    assert spoken == TEXT.split()


async def test_many_replies_share_one_socket_and_do_not_mix(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    voice = cartesia(simulators)
    texts = [f"This is reply number {number}, and it says {'so ' * number}much." for number in range(20)]
    replies = await asyncio.gather(*(say(voice, text) for text in texts))
    assert [[word.text for word in words_of(reply)] for reply in replies] == [text.split() for text in texts]
    assert seen(simulators).counters["connections"] == 1
    assert seen(simulators).counters["contexts"] == 20


async def test_the_first_clause_is_spoken_before_the_text_ends(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    context = cartesia(simulators).open(TtsOptions())
    context.send_text("Yes, we do have that one. And")
    async with asyncio.timeout(10):
        assert isinstance(await anext(aiter(context)), Words)


async def test_chunks_that_end_within_a_sample(simulate, cartesia):
    whole = await say(cartesia(await simulate(delays=FAST)), TEXT)
    torn = await say(cartesia(await simulate('{"cartesia":{"split_samples":true}}', delays=FAST)), TEXT)
    assert all(len(event.pcm) % 2 == 0 for event in torn if isinstance(event, Audio))
    assert audio_of(torn) == audio_of(whole)


async def test_options_reach_the_voice(simulate, cartesia):
    simulators = await simulate('{"cartesia":{"voices":["anna"]}}', delays=FAST)
    voice = cartesia(simulators)
    slow = audio_of(await say(voice, TEXT, voice="anna", speed=0.1, language="en-US"))
    fast = audio_of(await say(voice, TEXT, voice="anna", speed=9.0))
    assert len(slow) > 2 * len(fast)
    error = await failure(voice)
    assert (error.code, error.retryable) == ("tts_not_found", False)


async def test_another_rate(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    audio = audio_of(await say(cartesia(simulators, sample_rate=8000), TEXT))
    assert len(audio) / 16 == pytest.approx(len(audio_of(await say(cartesia(simulators), TEXT))) / 48, rel=0.05)


@pytest.mark.parametrize("texts", [(), ("",), ("  \n",)])
async def test_nothing_to_say(simulate, cartesia, texts):
    simulators = await simulate(delays=FAST)
    assert await say(cartesia(simulators), *texts) == [Spoken()]
    assert seen(simulators).counters["contexts"] == 0


async def test_cancelling_ends_the_iterator_and_the_work(simulate, cartesia):
    simulators = await simulate(delays="cartesia-tts.first_audio_ms=1;cartesia-tts.realtime_factor=1")
    voice = cartesia(simulators)
    context = start(voice, TEXT)
    events = []
    async with asyncio.timeout(10):
        async for event in context:
            events.append(event)
            if isinstance(event, Audio):
                context.cancel()
    assert not any(isinstance(event, Spoken) for event in events)
    await eventually(lambda: seen(simulators).counters["cancelled"] == 1 and seen(simulators).busy == 0)
    context.send_text("More.")
    context.finish()
    assert seen(simulators).counters["contexts"] == 1


async def test_leaving_the_iterator_cancels(simulate, cartesia):
    simulators = await simulate(delays="cartesia-tts.first_audio_ms=60000")
    task = asyncio.create_task(say(cartesia(simulators), TEXT))
    await eventually(lambda: seen(simulators).busy == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: seen(simulators).counters["cancelled"] == 1)


async def test_a_context_that_expired_goes_on(simulate, cartesia):
    simulators = await simulate(delays=f"{FAST};cartesia-tts.context_expiry_ms=50")
    context = cartesia(simulators).open(TtsOptions())
    reading = asyncio.create_task(read(context))
    context.send_text("Let me look that up for you. ")
    await eventually(lambda: seen(simulators).counters["contexts"] == 1 and seen(simulators).busy == 0)
    await asyncio.sleep(0.02)
    context.send_text("It costs twenty a month.")
    context.finish()
    events = await reading
    words = words_of(events)
    assert " ".join(word.text for word in words) == "Let me look that up for you. It costs twenty a month."
    assert all(first.end_ms <= second.start_ms for first, second in zip(words, words[1:], strict=False))
    assert words[-1].end_ms <= len(audio_of(events)) / 48 + 1
    assert isinstance(events[-1], Spoken)


async def test_warming_opens_the_socket(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    voice = cartesia(simulators)
    await voice.warm()
    assert seen(simulators).open == 1
    await say(voice, TEXT)
    assert seen(simulators).counters["connections"] == 1


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("cartesia-tts:refuse", "tts_provider_error"),
        ("cartesia-tts:rate_limit", "tts_rate_limited"),
        ("cartesia-tts:server_error", "tts_provider_error"),
        ("cartesia-tts:stall@connect", "tts_timeout"),
        ("cartesia-tts:server_error@accepted", "tts_provider_error"),
        ("cartesia-tts:drop@accepted", "tts_connection_lost"),
        ("cartesia-tts:stall", "tts_timeout"),
        ("cartesia-tts:hang,duration_ms=1200", "tts_"),
        ("cartesia-tts:drop@first", "tts_connection_lost"),
        ("cartesia-tts:drop", "tts_connection_lost"),
        ("cartesia-tts:stall@first", "tts_timeout"),
        ("cartesia-tts:stall@mid", "tts_timeout"),
        ("cartesia-tts:hang@mid,duration_ms=1200", "tts_"),
        ("cartesia-tts:server_error@first", "tts_provider_error"),
        ("cartesia-tts:server_error@mid", "tts_provider_error"),
        ("cartesia-tts:rate_limit@first", "tts_rate_limited"),
        ("cartesia-tts:garbage", "tts_provider_error"),
        ("cartesia-tts:slow_drip,pause_ms=60000", "tts_timeout"),
    ],
)
async def test_what_a_fault_becomes(simulate, cartesia, faults, code):
    simulators = await simulate(delays=FAST, faults=faults + ",times=1")
    voice = cartesia(simulators, rules=HURRIED)
    error = await failure(voice)
    assert error.code.startswith(code)
    assert error.retryable
    assert isinstance((await say(voice, TEXT))[-1], Spoken)  # the next reply is whole, on a new socket if need be


async def test_a_reset_handshake_is_tried_once_more(simulate, cartesia):
    simulators = await simulate(delays=FAST, faults="cartesia-tts:refuse,status=0,times=1")
    assert isinstance((await say(cartesia(simulators), TEXT))[-1], Spoken)


async def test_handshakes_that_are_always_reset(simulate, cartesia):
    simulators = await simulate(delays=FAST, faults="cartesia-tts:refuse,status=0")
    error = await failure(cartesia(simulators))
    assert (error.code, error.retryable) == ("tts_connection_lost", True)


async def test_all_replies_on_a_dead_socket_fail_at_once(simulate, cartesia):
    simulators = await simulate(delays=FAST, faults="cartesia-tts:drop,nth=3")
    voice = cartesia(simulators)
    contexts = [voice.open(TtsOptions()) for _ in range(5)]
    for context in contexts[:4]:
        context.send_text(TEXT)
    outcomes = await asyncio.gather(*(read(context) for context in contexts), return_exceptions=True)
    assert [getattr(outcome, "code", None) for outcome in outcomes] == ["tts_connection_lost"] * 5
    assert all(outcome.retryable for outcome in outcomes)


async def test_a_socket_that_died_between_replies_is_replaced_before_the_next(simulate, cartesia):
    simulators = await simulate(delays=FAST, faults="cartesia-tts:drop@idle,nth=1")
    voice = cartesia(simulators, rules=CartesiaRules(line=LineRules(steady_s=0.0)))
    await say(voice, TEXT)
    await eventually(lambda: seen(simulators).counters["connections"] == 2)
    assert isinstance((await say(voice, TEXT))[-1], Spoken)
    assert seen(simulators).counters["connections"] == 2


async def test_too_many_contexts(simulate, cartesia):
    simulators = await simulate('{"cartesia":{"max_contexts":1}}', delays="cartesia-tts.realtime_factor=5")
    voice = cartesia(simulators)
    first = asyncio.create_task(say(voice, TEXT))
    await eventually(lambda: seen(simulators).busy == 1)
    error = await failure(voice)
    assert (error.code, error.retryable) == ("tts_rate_limited", True)
    assert isinstance((await first)[-1], Spoken)


async def test_a_wrong_key_is_told_without_the_key(simulate, cartesia, caplog):
    caplog.set_level(logging.DEBUG)
    voice = cartesia(await simulate(), api_key="sk-very-secret")
    error = await failure(voice)
    assert (error.code, error.retryable, voice.healthy) == ("tts_unauthorized", False, False)
    assert "sk-very-secret" not in f"{error}{caplog.text}"


async def test_no_server_at_all(cartesia):
    voice = CartesiaSpeech(api_key="k", base_url="http://127.0.0.1:1")
    assert (await failure(voice)).code == "tts_connection_lost"
    with pytest.raises(TtsError):
        await voice.warm()
    await voice.aclose()


async def test_closing_fails_what_is_being_said(simulate, cartesia):
    simulators = await simulate(delays="cartesia-tts.first_audio_ms=60000")
    voice = cartesia(simulators)
    reading = asyncio.create_task(say(voice, TEXT))
    await eventually(lambda: seen(simulators).busy == 1)
    await voice.aclose()
    with pytest.raises(TtsError):
        await reading
    assert (await failure(voice)).code == "tts_closed"


async def test_a_call_that_begins_finds_the_socket_open(simulate, cartesia):
    simulators = await simulate(delays=FAST)
    voice = cartesia(simulators)
    seen = simulators.simulation.seen["cartesia-tts"]
    for _ in range(3):
        voice.prepare()
    await eventually(lambda: seen.open == 1)
    await say(voice, TEXT)
    assert seen.counters["connections"] == 1
