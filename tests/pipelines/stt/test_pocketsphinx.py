"""The embedded recogniser with its real engine."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from sphinx_sound import BYTES_PER_MS, recorded, silence, spoken, word_errors

from pipelines.stt.pocketsphinx import PocketsphinxRecognizer, PocketsphinxStream
from pipelines.stt.port import Final, Interim, SttError, SttEvent, SttOptions, UtteranceFailed
from pipelines.stt.sphinx_utterance import SphinxRules

BUDGET = "we have about twenty people and a budget of five thousand dollars"
ONE = SphinxRules(helpers=1)
RECORDED = {
    "librivox-0870": "and mister john dashwood had then leisure to consider how much there might be prudently in his "
    "power to do for them",
    "librivox-0880": "he was not an ill disposed young man",
    "librivox-0930": "he might even have been made amiable himself",
    "go-forward": "go forward ten meters",
}


async def started(rules: SphinxRules = ONE) -> AsyncIterator[PocketsphinxRecognizer]:
    speech_to_text = await PocketsphinxRecognizer.start(rules)
    yield speech_to_text
    await speech_to_text.aclose()


@pytest.fixture
async def recognizer() -> AsyncIterator[PocketsphinxRecognizer]:
    async for speech_to_text in started():
        yield speech_to_text


async def next_event(stream: PocketsphinxStream) -> SttEvent:
    async with asyncio.timeout(20):
        return await anext(aiter(stream))


async def answer(stream: PocketsphinxStream) -> Final | UtteranceFailed:
    while True:
        event = await next_event(stream)
        if isinstance(event, Final | UtteranceFailed):
            return event


def say(stream: PocketsphinxStream, utterance: int, pcm: bytes) -> None:
    stream.begin(utterance)
    for start in range(0, len(pcm), 20 * BYTES_PER_MS):
        stream.send_audio(pcm[start : start + 20 * BYTES_PER_MS])


async def hear(recognizer: PocketsphinxRecognizer, *sounds: bytes) -> list[Final]:
    """What one caller's utterances are heard as."""
    stream = await recognizer.open(SttOptions())
    finals = []
    for number, pcm in enumerate(sounds, start=1):
        say(stream, number, pcm)
        stream.finish(number)
        final = await answer(stream)
        assert isinstance(final, Final)
        assert final.utterance == number
        finals.append(final)
    await stream.aclose()
    return finals


def words(final: Final) -> str:
    return " ".join(word.text for word in final.words)


async def test_a_spoken_sentence_comes_back(recognizer: PocketsphinxRecognizer) -> None:
    errors = 0
    for voice in ("alloy", "verse", "sage"):  # without the breath some voices have, which is another every time
        (final,) = await hear(recognizer, await spoken(BUDGET, voice))
        errors += word_errors(BUDGET, words(final))
    assert errors <= 6  # of 36 words; measured: 2


async def test_numbers_and_prices_are_written_as_figures(recognizer: PocketsphinxRecognizer) -> None:
    (final,) = await hear(recognizer, await spoken(BUDGET, "alloy"))
    assert final.text == "we have about 20 people and a budget of $5,000"


async def test_what_callers_say_is_heard(recognizer: PocketsphinxRecognizer) -> None:
    phrases = {
        "yes that works for me": "yes that works for me",
        "how much does it cost": "how much does it cost",
        "can i speak with a real person": "can i speak with a real person",
        "please take me off your list": "please take me off your list",
        "i am not interested": "i am not interested",
        "let's do tuesday at three thirty P M": "let's do tuesday at 3:30 pm",
        "our C R M is salesforce": "our CRM is salesforce",
        "my email is jane at acme dot com": "my email is jane@acme.com",
    }
    errors = 0
    for voice in ("alloy", "verse", "sage"):  # without the breath some voices have, which is another every time
        finals = await hear(recognizer, *[await spoken(phrase, voice) for phrase in phrases])
        errors += sum(word_errors(text, final.text) for text, final in zip(phrases.values(), finals, strict=True))
    assert errors <= 0.2 * 3 * sum(len(text.split()) for text in phrases.values())


async def test_people_reading_literature_come_back_as_something_close(recognizer: PocketsphinxRecognizer) -> None:
    finals = await hear(recognizer, *(recorded(name) for name in RECORDED))
    errors = sum(word_errors(text, words(final)) for text, final in zip(RECORDED.values(), finals, strict=True))
    assert errors <= 0.5 * sum(len(text.split()) for text in RECORDED.values())  # measured: 35 %


async def test_interims_follow_the_speech_and_one_final_ends_it(recognizer: PocketsphinxRecognizer) -> None:
    pcm = await spoken(BUDGET, "alloy")
    stream = await recognizer.open(SttOptions())
    stream.begin(7)
    interims: list[Interim] = []

    async def collect() -> Final:
        async for event in stream:
            if isinstance(event, Interim):
                interims.append(event)
            else:
                assert isinstance(event, Final)
                return event
        raise AssertionError("the stream ended")

    reading = asyncio.create_task(collect())
    for start in range(0, len(pcm), 60 * BYTES_PER_MS):
        stream.send_audio(pcm[start : start + 60 * BYTES_PER_MS])
        await asyncio.sleep(0.02)
    stream.finish(7)
    final = await reading
    assert final.utterance == 7
    assert {interim.utterance for interim in interims} == {7}
    assert len(interims) >= len(pcm) / BYTES_PER_MS / 500
    assert any(interim.text.startswith("we have") and interim.text != final.text for interim in interims)
    await stream.aclose()


async def test_words_lie_where_they_were_said_in_the_streams_audio(recognizer: PocketsphinxRecognizer) -> None:
    stream = await recognizer.open(SttOptions())
    pcm = await spoken("how much does it cost", "alloy")
    stream.send_audio(silence(500))
    say(stream, 1, pcm)
    stream.finish(1)
    first = await answer(stream)
    stream.send_audio(silence(1000))
    say(stream, 2, pcm)
    stream.finish(2)
    second = await answer(stream)
    assert isinstance(first, Final)
    assert isinstance(second, Final)
    length_ms = len(pcm) / BYTES_PER_MS
    for final, start_ms in ((first, 500), (second, 1500 + length_ms)):
        edges = [edge for word in final.words for edge in (word.start_ms, word.end_ms)]
        assert edges == sorted(edges)
        assert start_ms + 50 <= edges[0] <= start_ms + 250
        assert start_ms + length_ms - 300 <= edges[-1] <= start_ms + length_ms + 10
    await stream.aclose()


async def test_silence_has_an_empty_text(recognizer: PocketsphinxRecognizer) -> None:
    finals = await hear(recognizer, silence(1500), b"")
    assert [(final.text, final.words) for final in finals] == [("", ()), ("", ())]


async def test_the_callers_sound_is_learnt_from_utterance_to_utterance(recognizer: PocketsphinxRecognizer) -> None:
    stream = await recognizer.open(SttOptions())
    say(stream, 1, silence(800))
    stream.finish(1)
    await answer(stream)
    assert stream.cepstrum == ""  # silence teaches nothing
    say(stream, 2, await spoken(BUDGET, "alloy"))
    stream.finish(2)
    await answer(stream)
    assert len(stream.cepstrum.split(",")) == 13
    await stream.aclose()


async def test_callers_who_speak_at_once_are_all_heard() -> None:
    texts = ["how much does it cost", "can i speak with a real person", "yes that works for me", "i am not interested"]
    sounds = [await spoken(text, "alloy") for text in texts]
    async for recognizer in started(SphinxRules(helpers=2, decoders_per_helper=2)):
        for _ in range(2):
            heard = await asyncio.gather(*(hear(recognizer, pcm) for pcm in sounds))
            for text, (final,) in zip(texts, heard, strict=True):
                assert word_errors(text, words(final)) <= 1


async def test_who_finds_no_decoder_waits_and_is_heard() -> None:
    pcm = await spoken("how much does it cost", "alloy")
    async for recognizer in started(SphinxRules(helpers=1, decoders_per_helper=1)):
        first, second = await recognizer.open(SttOptions()), await recognizer.open(SttOptions())
        say(first, 1, pcm)
        say(second, 1, pcm)
        second.finish(1)
        await asyncio.sleep(0.1)
        first.finish(1)
        for stream in (first, second):
            final = await answer(stream)
            assert isinstance(final, Final)
            assert word_errors("how much does it cost", words(final)) <= 1


async def test_who_waits_for_too_long_is_told() -> None:
    async for recognizer in started(SphinxRules(helpers=1, decoders_per_helper=1, max_waiting_ms=1000, finish_s=0.2)):
        busy, loud, patient = [await recognizer.open(SttOptions()) for _ in range(3)]
        busy.begin(1)
        say(loud, 1, silence(1020))
        say(patient, 1, silence(500))
        patient.finish(1)
        for stream in (loud, patient):
            failure = await answer(stream)
            assert isinstance(failure, UtteranceFailed)
            assert (failure.code, failure.fatal) == ("stt_overloaded", False)
        busy.finish(1)
        assert isinstance(await answer(busy), Final)
        (final,) = await hear(recognizer, silence(200))
        assert final.text == ""


async def test_what_is_abandoned_is_never_answered_and_frees_its_decoder() -> None:
    async for recognizer in started(SphinxRules(helpers=1, decoders_per_helper=1)):
        stream = await recognizer.open(SttOptions())
        for number in (1, 2, 3):
            say(stream, number, silence(300))
            stream.abandon(number)
        stream.begin(4)
        say(stream, 5, await spoken("how much does it cost", "alloy"))  # which gives up 4
        stream.finish(5)
        final = await answer(stream)
        assert isinstance(final, Final)
        assert final.utterance == 5


async def test_a_killed_engine_fails_the_utterance_and_hears_the_next_one() -> None:
    pcm = await spoken("how much does it cost", "alloy")
    async for recognizer in started():
        stream = await recognizer.open(SttOptions())
        say(stream, 1, pcm)
        await asyncio.sleep(0.05)
        (pid,) = recognizer.engine_pids
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        failure = await answer(stream)
        assert isinstance(failure, UtteranceFailed)
        assert (failure.utterance, failure.code, failure.fatal) == (1, "stt_engine_lost", False)
        stream.finish(1)
        say(stream, 2, pcm)  # the helper is away: the sound waits for the next one
        stream.finish(2)
        final = await answer(stream)
        assert isinstance(final, Final)
        assert word_errors("how much does it cost", words(final)) <= 1
        assert recognizer.healthy


async def test_an_engine_that_does_not_answer_fails_the_utterance_in_time() -> None:
    pcm = await spoken("how much does it cost", "alloy")
    async for recognizer in started(SphinxRules(helpers=1, finish_s=1.0)):
        stream = await recognizer.open(SttOptions())
        (pid,) = recognizer.engine_pids
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        say(stream, 1, pcm)
        stream.finish(1)
        failure = await answer(stream)
        assert isinstance(failure, UtteranceFailed)
        assert failure.code == "stt_timeout"
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(1.0)
        (final,) = await hear(recognizer, pcm)
        assert word_errors("how much does it cost", words(final)) <= 1


async def test_closing_a_stream_ends_its_events(recognizer: PocketsphinxRecognizer) -> None:
    stream = await recognizer.open(SttOptions())
    say(stream, 1, silence(300))
    await stream.aclose()
    stream.begin(2)
    stream.send_audio(silence(100))
    async with asyncio.timeout(5):
        assert [event async for event in stream] == []


async def test_closing_the_recogniser_fails_what_is_being_heard() -> None:
    recognizer = await PocketsphinxRecognizer.start(ONE)
    stream = await recognizer.open(SttOptions())
    stream.begin(1)
    await recognizer.aclose()
    assert isinstance(await answer(stream), UtteranceFailed)
    assert not recognizer.healthy


async def test_other_languages_are_refused(recognizer: PocketsphinxRecognizer) -> None:
    await recognizer.open(SttOptions(languages=("de", "en")))
    with pytest.raises(SttError) as raised:
        await recognizer.open(SttOptions(languages=("de",)))
    assert (raised.value.code, raised.value.retryable) == ("stt_language_not_supported", False)


async def test_an_engine_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.stt.pocketsphinx._MODEL_FILES", ("/nowhere/sales.lm.bin", "/nowhere/sales.dict"))
    with pytest.raises(SttError) as raised:
        await PocketsphinxRecognizer.start(ONE)
    assert (raised.value.code, raised.value.retryable) == ("stt_engine_start_failed", False)


def test_the_engine_is_not_loaded_into_the_server() -> None:
    program = "import sys, pipelines.stt.pocketsphinx; print('pocketsphinx' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "False"
