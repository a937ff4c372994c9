"""The adapter against the vendor's wire protocol, as simulated."""

import asyncio
import logging

import pytest
from eventually import eventually
from speech_sound import send, silence, until, voice

from pipelines.stt.deepgram_nova import DeepgramNova
from pipelines.stt.live_socket import SocketRules
from pipelines.stt.port import Final, Interim, SttError, SttOptions, UtteranceFailed

SAY = '{"script":{"sentences":["We use a spreadsheet today.","And it is slow."]}}'
FAST = "deepgram-nova.final_ms=10"
PLAIN = SttOptions()
HURRIED = SocketRules(
    connect_s=0.5, close_s=0.2, heartbeat_s=0.4, reconnects=2, pause_s=0.02, answer_s=0.4, replay_speed=50.0
)


@pytest.fixture
async def nova():
    made, streams = [], []

    async def connect(simulators, *, options=PLAIN, **changed):
        settings = simulators.settings
        arguments = {"api_key": settings["DEEPGRAM_API_KEY"], "base_url": settings["DEEPGRAM_BASE_URL"], **changed}
        made.append(DeepgramNova(**arguments))
        streams.append(await made[-1].open(options))
        return streams[-1]

    yield connect
    for stream in streams:
        await stream.aclose()
    for recogniser in made:
        await recogniser.aclose()


def final(event):
    return isinstance(event, Final)


def seen(simulators):
    return simulators.simulation.seen["deepgram-nova"]


async def test_an_utterance(simulate, nova):
    simulators = await simulate(SAY, delays=FAST)
    stream = await nova(simulators)
    send(stream, silence(300) + voice(200))
    stream.begin(5)
    send(stream, voice(1400) + silence(150))
    heard = await until(stream, lambda event: isinstance(event, Interim))
    stream.finish(5)
    events = await until(stream, final)
    assert events[-1].utterance == 5
    assert events[-1].text == "We use a spreadsheet today."
    assert heard[0].utterance == 5
    assert events[-1].text.startswith(heard[0].text)
    words = events[-1].words
    assert 250 <= words[0].start_ms < words[-1].end_ms <= 2000
    assert seen(simulators).counters["Finalize"] == 1


async def test_two_utterances_have_one_final_each(simulate, nova):
    simulators = await simulate(SAY, delays=FAST)
    stream = await nova(simulators)
    finals = []
    for number in (1, 2):
        stream.begin(number)
        send(stream, voice(1600) + silence(200))
        stream.finish(number)
        finals.append((await until(stream, final))[-1])
    send(stream, silence(1500))
    await asyncio.sleep(0.1)
    assert not any(final(event) for event in stream.book.out)
    assert [(event.utterance, event.text) for event in finals] == [
        (1, "We use a spreadsheet today."),
        (2, "And it is slow."),
    ]


async def test_an_utterance_that_resumes_while_its_answer_is_on_the_way(simulate, nova):
    stream = await nova(await simulate(SAY, delays="deepgram-nova.final_ms=100"))
    stream.begin(1)
    send(stream, voice(1200) + silence(200))
    stream.finish(1)
    stream.begin(2)
    send(stream, voice(1200) + silence(200))
    stream.finish(2)
    first = (await until(stream, final))[-1]
    second = (await until(stream, final))[-1]
    assert (first.utterance, second.utterance) == (1, 2)
    assert first.text and second.text
    assert first.words[-1].end_ms <= second.words[0].start_ms


async def test_after_the_vendor_settled_it_by_itself(simulate, nova):
    stream = await nova(await simulate(SAY, delays=FAST))
    stream.begin(1)
    send(stream, voice(1600) + silence(600))
    await asyncio.sleep(0.2)
    stream.finish(1)
    assert (await until(stream, final))[-1].text == "We use a spreadsheet today."


async def test_finishing_without_audio_is_answered(simulate, nova):
    stream = await nova(await simulate(SAY))
    stream.begin(1)
    stream.finish(1)
    assert (await until(stream, final)) == [Final(1, "")]


async def test_an_abandoned_utterance_has_no_answer(simulate, nova):
    stream = await nova(await simulate(SAY, delays=FAST))
    stream.begin(1)
    send(stream, voice(300) + silence(300))
    stream.abandon(1)
    send(stream, silence(800))
    stream.begin(2)
    send(stream, voice(900) + silence(200))
    stream.finish(2)
    events = await until(stream, final)
    assert [event.utterance for event in events if final(event)] == [2]


async def test_the_session_is_kept_without_audio(simulate, nova):
    simulators = await simulate(SAY, delays=f"{FAST};deepgram-nova.idle_close_ms=400")
    stream = await nova(simulators, rules=SocketRules(quiet_s=0.1))
    await asyncio.sleep(0.9)
    assert seen(simulators).counters["KeepAlive"] >= 4
    assert seen(simulators).counters["connections"] == 1
    stream.begin(1)
    send(stream, voice(1600) + silence(200))
    stream.finish(1)
    assert (await until(stream, final))[-1].text


@pytest.mark.parametrize("faults", ["drop@accepted", "drop@first", "drop", "server_error@first", "server_error@mid"])
async def test_a_connection_that_breaks_is_replaced_and_no_word_is_lost(simulate, nova, faults):
    simulators = await simulate(SAY, delays=FAST, faults=f"deepgram-nova:{faults},times=1")
    stream = await nova(simulators, rules=HURRIED)
    stream.begin(1)
    send(stream, silence(300) + voice(2500) + silence(200))
    stream.finish(1)
    events = await until(stream, final)
    assert events[-1].text in ("We use a spreadsheet today.", "And it is slow.")
    assert 250 <= events[-1].words[0].start_ms < events[-1].words[-1].end_ms <= 3000
    assert seen(simulators).counters["connections"] == 2


@pytest.mark.parametrize("faults", ["stall", "stall@first", "hang@first,duration_ms=3000"])
async def test_a_connection_that_is_silent_is_replaced(simulate, nova, faults):
    simulators = await simulate(SAY, delays=FAST, faults=f"deepgram-nova:{faults},times=1")
    stream = await nova(simulators, rules=HURRIED)
    stream.begin(1)
    send(stream, silence(300) + voice(2500))
    await eventually(lambda: seen(simulators).counters["connections"] == 2)
    send(stream, silence(200))
    stream.finish(1)
    assert (await until(stream, final))[-1].text in ("We use a spreadsheet today.", "And it is slow.")


async def test_a_recogniser_that_never_answers_costs_no_finish(simulate, nova):
    stream = await nova(await simulate(SAY, faults="deepgram-nova:stall"))
    stream.begin(1)
    send(stream, voice(900))
    stream.finish(1)
    assert (await until(stream, final)) == [Final(1, "")]


async def test_garbage_is_passed_over(simulate, nova):
    stream = await nova(await simulate(SAY, delays=FAST, faults="deepgram-nova:garbage"))
    stream.begin(1)
    send(stream, voice(2500) + silence(200))
    stream.finish(1)
    assert (await until(stream, final))[-1].text == "We use a spreadsheet today."


async def test_a_line_that_stays_broken_is_told_as_fatal(simulate, nova):
    stream = await nova(await simulate(SAY, faults="deepgram-nova:drop@accepted"), rules=HURRIED)
    stream.begin(3)
    events = await until(stream, lambda _: False)
    assert [(type(event), event.utterance, event.fatal) for event in events] == [(UtteranceFailed, 3, True)]


async def test_a_wrong_key_is_told_without_the_key(simulate, nova, caplog):
    caplog.set_level(logging.DEBUG)
    simulators = await simulate()
    with pytest.raises(SttError) as failed:
        await nova(simulators, api_key="sk-very-secret")
    assert (failed.value.code, failed.value.retryable) == ("stt_unauthorized", False)
    assert "sk-very-secret" not in f"{failed.value}{caplog.text}"
