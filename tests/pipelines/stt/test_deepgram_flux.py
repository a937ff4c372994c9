"""The adapter against the vendor's wire protocol, as simulated."""

import asyncio
import logging

import pytest
from eventually import eventually
from speech_sound import send, silence, until, voice

from pipelines.stt.deepgram_flux import DeepgramFlux, FluxTurns
from pipelines.stt.live_socket import SocketRules
from pipelines.stt.port import (
    EagerEnd,
    Final,
    Interim,
    Resumed,
    SttError,
    SttOptions,
    TurnEnded,
    TurnStarted,
    UtteranceFailed,
)

SAY = '{"script":{"sentences":["We use a spreadsheet today.","And it is slow."]}}'
PLAIN = SttOptions()
HURRIED = SocketRules(
    connect_s=0.5, close_s=0.2, heartbeat_s=0.4, reconnects=2, pause_s=0.02, answer_s=0.5, replay_speed=50.0
)


@pytest.fixture
async def flux():
    made, streams = [], []

    async def connect(simulators, *, options=PLAIN, **changed):
        settings = simulators.settings
        arguments = {"api_key": settings["DEEPGRAM_API_KEY"], "base_url": settings["DEEPGRAM_BASE_URL"], **changed}
        made.append(DeepgramFlux(**arguments))
        streams.append(await made[-1].open(options))
        return streams[-1]

    connect.made = made
    yield connect
    for stream in streams:
        await stream.aclose()
    for recogniser in made:
        await recogniser.aclose()


def ended(event):
    return isinstance(event, TurnEnded)


def kinds(events):
    return [type(event) for event in events if not isinstance(event, Interim)]


def seen(simulators):
    return simulators.simulation.seen["deepgram-flux"]


async def test_a_turn(simulate, flux):
    simulators = await simulate(SAY)
    stream = await flux(simulators)
    stream.begin(7)
    send(stream, silence(300) + voice(1600) + silence(600))
    events = await until(stream, ended)
    assert kinds(events) == [TurnStarted, EagerEnd, TurnEnded]
    assert events[-1].text == events[-2].text == "We use a spreadsheet today."
    assert {event.utterance for event in events} == {7}
    interims = [event.text for event in events if isinstance(event, Interim)]
    assert interims and all(events[-1].text.startswith(text.rstrip(".")) for text in interims)
    words = events[-1].words
    assert [word.text for word in words] == events[-1].text.split()
    assert 250 <= words[0].start_ms < words[-1].end_ms <= 2000


async def test_a_pause_takes_back_the_eager_end(simulate, flux):
    stream = await flux(await simulate(SAY))
    stream.begin(1)
    send(stream, voice(900) + silence(250) + voice(900) + silence(600))
    assert kinds(await until(stream, ended)) == [TurnStarted, EagerEnd, Resumed, EagerEnd, TurnEnded]


async def test_without_eager_ends(simulate, flux):
    stream = await flux(await simulate(SAY), turns=FluxTurns(eager_eot_threshold=None))
    send(stream, voice(1600) + silence(600))
    assert kinds(await until(stream, ended)) == [TurnStarted, TurnEnded]


async def test_finishing_ends_the_turn_with_one_final(simulate, flux):
    simulators = await simulate(SAY)
    stream = await flux(simulators)
    stream.begin(1)
    send(stream, voice(1600) + silence(100))
    await until(stream, lambda event: isinstance(event, Interim))
    stream.finish(1)
    stream.begin(2)
    send(stream, voice(900) + silence(600))
    events = await until(stream, ended)
    finals = [event for event in events if isinstance(event, Final)]
    assert [final.utterance for final in finals] == [1]
    assert finals[0].text.startswith("We use")
    assert (events[-1].utterance, events[-1].text) == (2, "And it is slow.")
    assert seen(simulators).counters["ForceEndTurn"] == 1


async def test_finishing_what_nobody_understood_is_answered(simulate, flux):
    stream = await flux(await simulate(SAY))
    stream.begin(1)
    send(stream, silence(500))
    stream.finish(1)
    assert await until(stream, lambda event: isinstance(event, Final)) == [Final(1, "")]


async def test_the_query(simulate, flux):
    simulators = await simulate(SAY)
    options = SttOptions(keyterms=("Acme", "ring central"))
    await flux(simulators, options=options, sample_rate=24_000)
    query = [tuple(pair) for pair in seen(simulators).requests[-1]["query"]]
    assert {("model", "flux-general-en"), ("encoding", "linear16"), ("sample_rate", "24000")} <= set(query)
    assert [value for name, value in query if name == "keyterm"] == ["Acme", "ring central"]


async def test_another_language_than_english_is_heard_by_the_model_that_knows_it(simulate, flux):
    simulators = await simulate(SAY)
    for languages, asked in ((("de",), ["de"]), (("de", "tlh", "en"), ["de", "en"])):
        await flux(simulators, options=SttOptions(languages=languages))
        query = [tuple(pair) for pair in seen(simulators).requests[-1]["query"]]
        assert ("model", "flux-general-multi") in query
        assert [value for name, value in query if name == "language_hint"] == asked


async def test_silence_alone_keeps_the_session_and_little_audio(simulate, flux):
    simulators = await simulate(SAY)
    stream = await flux(simulators)
    for _ in range(20):
        send(stream, silence(500))
        await asyncio.sleep(0.01)
    await eventually(lambda: len(stream._backlog._sent) * 80 <= 2500)
    stream.begin(1)
    send(stream, voice(1600) + silence(600))
    words = (await until(stream, ended))[-1].words
    assert 9_900 <= words[0].start_ms <= words[-1].end_ms <= 11_700


async def test_no_audio_at_all_keeps_the_session(simulate, flux):
    simulators = await simulate(SAY, delays="deepgram-flux.idle_close_ms=300")
    stream = await flux(simulators, rules=SocketRules(quiet_s=0.1))
    await asyncio.sleep(0.7)
    assert seen(simulators).counters["connections"] == 1
    stream.begin(1)
    send(stream, voice(1600) + silence(600))
    words = (await until(stream, ended))[-1].words
    assert 0 <= words[0].start_ms <= 100  # the silence put in is not counted


@pytest.mark.parametrize(
    "faults",
    [
        "drop@accepted",
        "drop@first",
        "drop",
        "stall",
        "stall@first",
        "stall@mid",
        "server_error@first",
        "server_error@mid",
        "server_error@accepted",
        "hang@first,duration_ms=3000",
    ],
)
async def test_a_connection_that_breaks_is_replaced_and_no_word_is_lost(simulate, flux, faults):
    simulators = await simulate(SAY, faults=f"deepgram-flux:{faults},times=1")
    stream = await flux(simulators, rules=HURRIED)
    stream.begin(1)
    send(stream, silence(300) + voice(1600) + silence(600))
    events = await until(stream, ended)
    # The simulated caller of the new connection says the script's next sentence.
    assert events[-1].text in ("We use a spreadsheet today.", "And it is slow.")
    assert 250 <= events[-1].words[0].start_ms < events[-1].words[-1].end_ms <= 2000
    assert seen(simulators).counters["connections"] == 2
    assert not any(isinstance(event, UtteranceFailed) for event in events)


async def test_times_run_on_after_a_break(simulate, flux):
    simulators = await simulate(SAY, faults="deepgram-flux:drop@idle,nth=1")
    stream = await flux(simulators, rules=HURRIED)
    stream.begin(1)
    send(stream, voice(1600) + silence(600))
    await until(stream, ended)
    await eventually(lambda: seen(simulators).counters["connections"] == 2)
    stream.begin(2)
    send(stream, silence(800) + voice(1600) + silence(600))
    last = (await until(stream, ended))[-1]
    assert last.utterance == 2
    assert 2900 <= last.words[0].start_ms < last.words[-1].end_ms <= 4700


async def test_what_is_sent_again_is_paced(simulate, flux):
    simulators = await simulate(SAY, faults="deepgram-flux:drop,nth=1")
    stream = await flux(simulators, rules=SocketRules(pause_s=0.01, replay_speed=4.0))
    stream.begin(1)
    send(stream, voice(1600) + silence(600))
    await eventually(lambda: seen(simulators).counters["connections"] == 2)
    clock = asyncio.get_running_loop().time
    begun = clock()
    await until(stream, ended)
    assert clock() - begun >= 1.6 / 4 * 0.8


async def test_garbage_is_passed_over(simulate, flux):
    simulators = await simulate(SAY, faults="deepgram-flux:garbage,nth=1")
    stream = await flux(simulators)
    send(stream, voice(1600) + silence(600))
    assert kinds(await until(stream, ended)) == [TurnStarted, EagerEnd, TurnEnded]


async def test_a_line_that_stays_broken_is_told_as_fatal(simulate, flux):
    simulators = await simulate(SAY, faults="deepgram-flux:drop@accepted")
    stream = await flux(simulators, rules=HURRIED)
    stream.begin(3)
    events = await until(stream, lambda _: False)
    assert events == [UtteranceFailed(3, "stt_connection_lost", "the connection to the recogniser broke", True)]
    stream.send_audio(silence(100))
    stream.finish(3)


@pytest.mark.parametrize(
    ("faults", "code", "retryable"),
    [
        ("refuse", "stt_provider_error", True),
        ("refuse,status=402", "stt_payment_required", False),
        ("refuse,status=0", "stt_connection_lost", True),
        ("rate_limit", "stt_rate_limited", True),
        ("server_error", "stt_provider_error", True),
        ("stall@connect", "stt_timeout", True),
    ],
)
async def test_a_refused_handshake(simulate, flux, faults, code, retryable):
    simulators = await simulate(faults=f"deepgram-flux:{faults}")
    with pytest.raises(SttError) as failed:
        await flux(simulators, rules=HURRIED)
    assert (failed.value.code, failed.value.retryable) == (code, retryable)
    assert not flux.made[-1].healthy


async def test_a_wrong_key_is_told_without_the_key(simulate, flux, caplog):
    caplog.set_level(logging.DEBUG)
    simulators = await simulate()
    with pytest.raises(SttError) as failed:
        await flux(simulators, api_key="sk-very-secret")
    assert (failed.value.code, failed.value.retryable) == ("stt_unauthorized", False)
    assert "sk-very-secret" not in f"{failed.value}{caplog.text}"


async def test_closing_says_goodbye_and_ends_the_iterator(simulate, flux):
    simulators = await simulate(SAY)
    stream = await flux(simulators)
    reading = asyncio.create_task(until(stream, lambda _: False))
    await asyncio.sleep(0)
    await stream.aclose()
    assert await reading == []
    await eventually(lambda: seen(simulators).open == 0)


async def test_more_than_a_hundred_callers(simulate):
    simulators = await simulate(SAY)
    settings = simulators.settings
    recogniser = DeepgramFlux(api_key=settings["DEEPGRAM_API_KEY"], base_url=settings["DEEPGRAM_BASE_URL"])
    streams = []
    try:
        for _ in range(110):
            streams.append(await recogniser.open(PLAIN))
        assert seen(simulators).open == 110
    finally:
        await asyncio.gather(*(stream.aclose() for stream in streams))
        await recogniser.aclose()
