"""The voice with its real engine."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import numpy as np
import pytest

from pipelines.audio.level import AudibleSpan
from pipelines.engines.errors import EngineError
from pipelines.language.tags import LANGUAGES
from pipelines.tts.espeak import EspeakContext, EspeakRules, EspeakSpeech
from pipelines.tts.port import Audio, Spoken, SpokenWord, TtsError, TtsEvent, TtsOptions, Words

TEXT = (
    "Hi Jane, thanks for calling! Our team plan is $1,200 per month for 25 seats — mail jane.doe@acme.com, or call "
    "415-555-0100 by 3:30 p.m. on May 3rd. Dr. Smith, e.g., saved 20% (really). Does that work for you? 😀"
)


@pytest.fixture
async def voice() -> AsyncIterator[EspeakSpeech]:
    speech = await EspeakSpeech.start()
    yield speech
    await speech.aclose()


async def events_of(context: EspeakContext) -> list[TtsEvent]:
    async with asyncio.timeout(20):
        return [event async for event in context]


async def speak(voice: EspeakSpeech, text: str, options: TtsOptions | None = None, step: int = 7) -> list[TtsEvent]:
    context = voice.open(options or TtsOptions())
    for start in range(0, len(text), step):
        context.send_text(text[start : start + step])
    context.finish()
    return await events_of(context)


def pcm_of(events: list[TtsEvent]) -> bytes:
    return b"".join(event.pcm for event in events if isinstance(event, Audio))


def words_of(events: list[TtsEvent]) -> list[SpokenWord]:
    return [word for event in events if isinstance(event, Words) for word in event.words]


def length_ms(events: list[TtsEvent]) -> float:
    return len(pcm_of(events)) / 48


async def test_every_word_is_timed_in_order_within_the_audio(voice: EspeakSpeech) -> None:
    events = await speak(voice, TEXT)
    words = words_of(events)
    assert [word.text for word in words] == TEXT.split()
    edges = [edge for word in words for edge in (word.start_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert edges[-1] == pytest.approx(length_ms(events))
    assert isinstance(events[-1], Spoken)
    spoken = [word for word in words if any(character.isalnum() for character in word.text)]
    assert all(word.end_ms - word.start_ms > 30 for word in spoken)


async def test_words_come_no_later_than_their_audio(voice: EspeakSpeech) -> None:
    given_ms = 0.0
    timed_ms = 0.0
    for event in await speak(voice, TEXT):
        if isinstance(event, Words):
            timed_ms = event.words[-1].end_ms
        elif isinstance(event, Audio):
            given_ms += len(event.pcm) / 48
            assert timed_ms >= given_ms - 0.1
    assert given_ms > 0


async def test_word_times_agree_with_the_sound(voice: EspeakSpeech) -> None:
    """A pause in the sound lies where the words say that a sentence ends."""
    events = await speak(voice, "First sentence here. Second one there.")
    words = words_of(events)
    samples = np.frombuffer(pcm_of(events), np.int16).astype(int)
    pause = samples[int(words[2].end_ms * 24) : int(words[3].start_ms * 24)]
    assert 250 <= len(pause) / 24 <= 400
    assert np.abs(pause).max() == 0
    onset = samples[int(words[3].start_ms * 24) : int(words[3].start_ms * 24) + 24 * 60]
    assert np.abs(onset).max() > 1000


async def test_speech_begins_within_ten_milliseconds_and_ends_without_a_tail(voice: EspeakSpeech) -> None:
    for text in ("Hello there.", "So, what?", "Email us.", "3 people"):
        events = await speak(voice, text)
        span = AudibleSpan(24000)
        span.feed(pcm_of(events))
        assert span.first_ms is not None
        assert span.last_ms is not None
        assert span.first_ms <= 10
        assert length_ms(events) - span.last_ms <= 80


async def test_the_first_clause_is_spoken_before_the_text_is_complete(voice: EspeakSpeech) -> None:
    context = voice.open(TtsOptions())
    context.send_text("Thanks for calling. I am still think")
    async with asyncio.timeout(10):
        first_audio = await anext(event async for event in context if isinstance(event, Audio))
    assert len(first_audio.pcm) > 24000
    context.cancel()


async def test_voices_differ_and_unknown_ones_are_spoken(voice: EspeakSpeech) -> None:
    text = "The quick brown fox."
    sounds = {
        name: pcm_of(await speak(voice, text, TtsOptions(voice=name))) for name in ("alloy", "marin", "echo", "x")
    }
    assert len({sounds["alloy"], sounds["marin"], sounds["echo"]}) == 3
    assert abs(len(sounds["x"]) - len(sounds["alloy"])) < 48 * 30


async def test_speed_is_honoured(voice: EspeakSpeech) -> None:
    text = "We help sales teams to find the right people and to talk to them."
    slow, normal, fast = [length_ms(await speak(voice, text, TtsOptions(speed=speed))) for speed in (0.7, 1.0, 1.5)]
    assert slow > normal * 1.2
    assert fast < normal * 0.8


async def test_every_language_of_agents_is_spoken(voice: EspeakSpeech) -> None:
    for language in (*LANGUAGES, "pt-BR", "es-MX", "fr-CH"):
        assert length_ms(await speak(voice, "1 2 3 4", TtsOptions(language=language))) > 500, language


async def test_cancel_ends_at_once_without_spoken(voice: EspeakSpeech) -> None:
    context = voice.open(TtsOptions())
    context.send_text("This is the first sentence. " * 40)
    context.finish()
    seen: list[TtsEvent] = []
    async with asyncio.timeout(10):
        async for event in context:
            seen.append(event)
            context.cancel()
    assert len(seen) == 1
    assert isinstance(seen[0], Words)
    assert isinstance((await speak(voice, "Still there."))[-1], Spoken)


async def test_cancel_before_any_text(voice: EspeakSpeech) -> None:
    context = voice.open(TtsOptions())
    context.cancel()
    context.send_text("too late")
    context.finish()
    assert await events_of(context) == []


async def test_nothing_to_say_is_spoken_at_once(voice: EspeakSpeech) -> None:
    assert await speak(voice, "") == [Spoken()]
    events = await speak(voice, " 😀 — ")
    assert [word.text for word in words_of(events)] == ["😀", "—"]
    assert isinstance(events[-1], Spoken)


async def test_replies_of_many_callers_do_not_mix(voice: EspeakSpeech) -> None:
    texts = [f"This is caller {number}. You have the number {number}." for number in range(12)]
    replies = await asyncio.gather(*(speak(voice, text) for text in texts))
    for text, events in zip(texts, replies, strict=True):
        assert [word.text for word in words_of(events)] == text.split()


async def test_audio_nobody_reads_is_bounded(voice: EspeakSpeech) -> None:
    context = voice.open(TtsOptions())
    context.send_text("This sentence takes about two seconds to say. " * 100)
    context.finish()
    await asyncio.sleep(1.0)
    read_ms = 0.0
    largest_backlog_ms = context.unread_ms
    async for event in context:
        if isinstance(event, Audio):
            read_ms += len(event.pcm) / 48
            largest_backlog_ms = max(largest_backlog_ms, context.unread_ms)
    assert read_ms > 100_000
    assert largest_backlog_ms < 15_000


async def test_too_much_text_fails_the_reply(voice: EspeakSpeech) -> None:
    context = voice.open(TtsOptions())
    context.send_text("word " * 10_000)
    with pytest.raises(TtsError) as raised:
        await events_of(context)
    assert (raised.value.code, raised.value.retryable) == ("tts_text_too_long", False)


async def test_a_killed_engine_costs_no_word() -> None:
    voice = await EspeakSpeech.start()
    context = voice.open(TtsOptions())
    text = "This is sentence number one of many. " * 12
    context.send_text(text)
    context.finish()
    events: list[TtsEvent] = []
    killed = False
    async with asyncio.timeout(20):
        async for event in context:
            events.append(event)
            if isinstance(event, Audio) and not killed:
                killed = True
                assert voice.engine_pid is not None
                os.kill(voice.engine_pid, signal.SIGKILL)
    assert [word.text for word in words_of(events)] == text.split()
    assert isinstance(events[-1], Spoken)
    await voice.aclose()


async def test_an_engine_that_stays_away_fails_the_reply_in_time() -> None:
    voice = await EspeakSpeech.start(EspeakRules(clause_s=0.3))
    assert voice.healthy
    await voice.aclose()
    with pytest.raises(TtsError) as raised:
        await speak(voice, "Hello there.")
    assert (raised.value.code, raised.value.retryable) == ("tts_timeout", True)
    assert not voice.healthy


async def test_an_engine_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.tts.espeak._MODULE", "pipelines.engines.no_such_process")
    with pytest.raises(TtsError) as raised:
        await EspeakSpeech.start()
    assert raised.value.code == "tts_engine_start_failed"
    assert isinstance(raised.value.__cause__, EngineError)


async def test_the_engine_is_never_loaded_into_this_process(voice: EspeakSpeech) -> None:
    import sys

    await speak(voice, "Hello.")
    assert "espeakng_loader" not in sys.modules
    assert "pipelines.engines.espeak_library" not in sys.modules
