"""The adapter against the vendor's wire protocol, as simulated."""

import asyncio
import logging

import pytest
from speech_sound import send, silence, until, voice

from pipelines.stt.cartesia_stt import CartesiaRecognizer, InkTurns
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
    connect_s=2.0, close_s=0.2, heartbeat_s=0.4, reconnects=2, pause_s=0.02, answer_s=0.5, replay_speed=50.0
)


@pytest.fixture
async def ink():
    made, streams = [], []

    async def connect(simulators, *, options=PLAIN, **changed):
        settings = simulators.settings
        arguments = {"api_key": settings["CARTESIA_API_KEY"], "base_url": settings["CARTESIA_BASE_URL"], **changed}
        made.append(CartesiaRecognizer(**arguments))
        streams.append(await made[-1].open(options))
        return streams[-1]

    yield connect
    for stream in streams:
        await stream.aclose()
    for recogniser in made:
        await recogniser.aclose()


def ended(event):
    return isinstance(event, TurnEnded)


def kinds(events):
    return [type(event) for event in events if not isinstance(event, Interim)]


async def test_a_turn_with_a_pause(simulate, ink):
    stream = await ink(await simulate(SAY), turns=InkTurns(end_threshold=0.1, end_timeout_ms=3000))
    stream.begin(4)
    send(stream, silence(300) + voice(900) + silence(250) + voice(900) + silence(600))
    events = await until(stream, ended)
    assert kinds(events) == [TurnStarted, EagerEnd, Resumed, EagerEnd, TurnEnded]
    assert {event.utterance for event in events} == {4}
    assert events[-1].text == events[-2].text
    assert events[-1].text.startswith("We use")


async def test_finishing_is_answered_once_with_what_was_understood(simulate, ink):
    stream = await ink(await simulate(SAY))
    stream.begin(1)
    send(stream, voice(1600))
    await until(stream, lambda event: isinstance(event, Interim))
    stream.finish(1)
    final = (await until(stream, lambda event: isinstance(event, Final)))[-1]
    assert final.utterance == 1
    assert final.text.startswith("We")


async def test_more_keyterms_than_allowed_do_not_cost_the_connection(simulate, ink):
    simulators = await simulate(SAY)
    await ink(simulators, options=SttOptions(keyterms=tuple(f"company number {n}" for n in range(300))))
    assert "keyterm" in simulators.simulation.seen["cartesia-stt"].requests[-1]["query"]


@pytest.mark.parametrize("faults", ["drop@accepted", "drop@first", "drop", "stall", "stall@mid", "server_error@mid"])
async def test_a_connection_that_breaks_is_replaced_and_no_word_is_lost(simulate, ink, faults):
    simulators = await simulate(SAY, faults=f"cartesia-stt:{faults},times=1")
    stream = await ink(simulators, rules=HURRIED)
    stream.begin(1)
    send(stream, silence(300) + voice(1600) + silence(600))
    events = await until(stream, ended)
    assert events[-1].text in ("We use a spreadsheet today.", "And it is slow.")
    assert simulators.simulation.seen["cartesia-stt"].counters["connections"] == 2


async def test_silence_keeps_little_audio(simulate, ink):
    stream = await ink(await simulate(SAY))
    for _ in range(20):
        send(stream, silence(500))
        await asyncio.sleep(0.01)
    send(stream, silence(100))
    assert len(stream._backlog._sent) * 80 <= 1300


async def test_a_line_that_stays_broken_is_told_as_fatal(simulate, ink):
    stream = await ink(await simulate(SAY, faults="cartesia-stt:drop@accepted"), rules=HURRIED)
    stream.begin(3)
    events = await until(stream, lambda _: False)
    assert [(type(event), event.utterance, event.fatal) for event in events] == [(UtteranceFailed, 3, True)]


async def test_a_wrong_key_is_told_without_the_key(simulate, ink, caplog):
    caplog.set_level(logging.DEBUG)
    simulators = await simulate()
    with pytest.raises(SttError) as failed:
        await ink(simulators, api_key="sk-very-secret")
    assert (failed.value.code, failed.value.retryable) == ("stt_unauthorized", False)
    assert "sk-very-secret" not in f"{failed.value}{caplog.text}"
