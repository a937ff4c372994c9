"""The next recogniser hears again what has no text yet, wherever in an utterance the change falls."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from pipelines.conversation import facts
from pipelines.conversation.rim.ears import BYTES_PER_MS, LEFT_ALONE, TRIM_BYTES, Ears
from pipelines.conversation.rim.speech_breakers import SpeechBreakers
from pipelines.stt.port import Final, SttError, SttEvent, SttOptions, UtteranceFailed


class FakeStream:
    def __init__(self) -> None:
        self.events: asyncio.Queue[SttEvent | None] = asyncio.Queue()
        self.log: list[tuple[str, int]] = []
        self.pieces: list[int] = []
        self.bytes = 0
        self.closed = False

    def begin(self, utterance: int) -> None:
        self.log.append(("begin", utterance))

    def send_audio(self, pcm: bytes) -> None:
        self.pieces.append(len(pcm) // 48)
        self.bytes += len(pcm)
        if self.log and self.log[-1][0] == "audio":
            self.log[-1] = ("audio", self.log[-1][1] + len(pcm) // 48)
        else:
            self.log.append(("audio", len(pcm) // 48))

    def finish(self, utterance: int) -> None:
        self.log.append(("finish", utterance))

    def abandon(self, utterance: int) -> None:
        self.log.append(("abandon", utterance))

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while (event := await self.events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        self.closed = True


class FakeRecogniser:
    sample_rate = 24_000
    guesses = False
    languages = frozenset({"en"})

    def __init__(self, name: str, *, continuous: bool = False, opens: bool = True, detects_turns: bool = False) -> None:
        self.name = name
        self.continuous = continuous or detects_turns
        self.detects_turns = detects_turns
        self.streams: list[FakeStream] = []
        self.told: list[SttOptions] = []
        self._opens = opens

    async def open(self, options: SttOptions) -> FakeStream:
        if not self._opens:
            raise SttError("stt_down", "down", retryable=True)
        self.told.append(options)
        self.streams.append(FakeStream())
        return self.streams[-1]

    async def aclose(self) -> None:
        pass


class Listener:
    """Ears whose facts are collected."""

    def __init__(self, *recognisers: FakeRecogniser, breakers: SpeechBreakers | None = None) -> None:
        self.facts: list[facts.Fact] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.ears = Ears(recognisers, breakers or SpeechBreakers(), post=self.facts.append, own=self._own)

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work, name=name))
        return self.tasks[-1]

    def hear(self, ms: int) -> None:
        for _ in range(ms // 20):
            self.ears.feed(bytes(20 * 48))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_recogniser_is_opened_anew_when_it_is_to_expect_other_words() -> None:
    listener = Listener(recogniser := FakeRecogniser("first", continuous=True))
    expected = SttOptions(keyterms=("Acme",))
    listener.ears.open(0)
    await settled()
    listener.ears.configure(SttOptions())
    listener.ears.begin(1, 0.0)
    listener.hear(1000)
    listener.ears.configure(expected)
    await settled()
    assert recogniser.told == [SttOptions(), expected]
    assert recogniser.streams[1].log == [("begin", 1), ("audio", 1000)]
    assert recogniser.streams[0].closed


@pytest.mark.parametrize("continuous", [False, True])
async def test_an_utterance_in_progress_is_heard_again_from_its_beginning(continuous: bool) -> None:
    first, second = FakeRecogniser("first"), FakeRecogniser("second", continuous=continuous)
    listener = Listener(first, second)
    listener.ears.open(0)
    await settled()
    listener.hear(1000)
    listener.ears.begin(1, 700.0)
    listener.hear(3000)
    listener.ears.open(1)
    listener.hear(200)
    await settled()
    listener.hear(100)
    assert second.streams[0].log == [("begin", 1), ("audio", 300 + 3000 + 200 + 100)]
    assert first.streams[0].closed


async def test_one_that_was_finished_is_asked_for_its_text_and_not_given_more() -> None:
    listener = Listener(first := FakeRecogniser("first"), second := FakeRecogniser("second"))
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    listener.hear(1000)
    listener.ears.finish(1)
    listener.hear(3800)
    listener.ears.begin(2, 4700.0)
    listener.hear(400)
    heard = [("begin", 1), ("audio", 1000), ("finish", 1), ("begin", 2), ("audio", 500)]
    assert first.streams[0].log == heard
    first.streams[0].events.put_nowait(UtteranceFailed(1, "stt_connection_lost", "lost", fatal=True))
    await settled()
    assert listener.facts[-1] == facts.RecognizerLost(0, "stt_connection_lost")
    listener.ears.open(1)
    await settled()
    assert second.streams[0].log == heard


async def test_what_has_its_text_is_not_heard_again() -> None:
    listener = Listener(first := FakeRecogniser("first"), second := FakeRecogniser("second"))
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    listener.hear(1000)
    listener.ears.finish(1)
    first.streams[0].events.put_nowait(Final(1, "hello"))
    await settled()
    assert listener.facts[-1] == facts.Transcribed(1, "hello")
    listener.ears.open(1)
    await settled()
    assert second.streams[0].log == []


@pytest.mark.parametrize("released", [False, True])
async def test_an_answered_utterance_is_kept_until_it_is_released(released: bool) -> None:
    listener = Listener(first := FakeRecogniser("first"), second := FakeRecogniser("second"))
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    listener.hear(1000)
    listener.ears.finish(1)
    first.streams[0].events.put_nowait(Final(1, ""))
    await settled()
    if released:
        listener.ears.release()
    listener.hear(5000)
    listener.ears.replace(1, "stt_silent", again=1)
    await settled()
    assert second.streams[0].log == ([] if released else [("begin", 1), ("audio", 1000), ("finish", 1)])


async def test_one_that_cannot_be_opened_or_ends_unasked_is_lost() -> None:
    listener = Listener(FakeRecogniser("first", opens=False), second := FakeRecogniser("second"))
    listener.ears.open(0)
    await settled()
    assert listener.facts == [facts.RecognizerLost(0, "stt_down")]
    listener.ears.open(1)
    await settled()
    second.streams[0].events.put_nowait(None)
    await settled()
    listener.ears.begin(1, 0.0)
    assert second.streams[0].log == [], "nobody listens"
    assert listener.facts[1:] == [facts.RecognizerChanged(1, detects_turns=False), facts.RecognizerLost(1, "stt_ended")]


async def test_what_is_kept_is_bounded() -> None:
    listener = Listener(FakeRecogniser("first", opens=False), second := FakeRecogniser("second"))
    listener.ears.begin(1, 0.0)
    listener.hear(60_000)
    listener.ears.open(1)
    await settled()
    (_, (_, sent_ms)) = second.streams[0].log
    assert 20_000 <= sent_ms <= 20_000 + TRIM_BYTES / BYTES_PER_MS + 20


async def _talking(*recognisers: FakeRecogniser) -> Listener:
    """A caller in the middle of an utterance, 1000 ms of it sent, voice activity one window of 20 ms a frame."""
    listener = Listener(*recognisers)
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    for frame in range(1, 51):
        listener.hear(20)
        listener.ears.window(0.9, frame * 20.0)
    stream = recognisers[0].streams[0]
    del stream.pieces[:]
    return listener


async def test_steady_speech_goes_to_a_recogniser_with_turns_in_pieces_and_its_end_at_once() -> None:
    listener = await _talking(turns := FakeRecogniser("turns", detects_turns=True))
    listener.hear(160)
    listener.ears.window(0.9, 1160.0)
    stream = turns.streams[0]
    assert set(stream.pieces) == {80}
    listener.hear(60)
    listener.ears.window(0.1, 1220.0)
    assert stream.log == [("begin", 1), ("audio", 1220)]
    del stream.pieces[:]
    listener.hear(100)
    assert stream.pieces == [20] * 5


async def test_a_recogniser_without_turns_gets_each_frame() -> None:
    listener = await _talking(plain := FakeRecogniser("plain", continuous=True))
    listener.hear(160)
    assert plain.streams[0].pieces == [20] * 8


@pytest.mark.parametrize("continuous", [True, False])
async def test_between_utterances_only_one_that_listens_on_is_given_audio(continuous: bool) -> None:
    listener = Listener(recogniser := FakeRecogniser("only", continuous=continuous))
    listener.ears.open(0)
    await settled()
    listener.hear(100)
    assert recogniser.streams[0].log == ([("audio", 100)] if continuous else [])


@pytest.mark.parametrize("opens_late", [False, True])
async def test_the_end_of_an_utterance_is_not_left_in_the_resampler(opens_late: bool) -> None:
    recogniser = FakeRecogniser("only")
    recogniser.sample_rate = 16_000
    listener = Listener(recogniser)
    listener.ears.open(0)
    if not opens_late:
        await settled()
    listener.ears.begin(1, 0.0)
    listener.hear(1000)
    listener.ears.finish(1)
    await settled()
    assert recogniser.streams[0].bytes == 32_000


async def test_words_that_were_heard_in_part_are_no_words() -> None:
    listener = Listener(recogniser := FakeRecogniser("only"))
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    recogniser.streams[0].events.put_nowait(Final(1, "do not", is_complete=False))
    await settled()
    assert listener.facts[-1] == facts.TranscriptFailed(1, "stt_incomplete", "The recogniser did not hear all of it.")


async def test_nothing_gathered_is_missing_when_an_utterance_is_finished_or_another_recogniser_takes_over() -> None:
    for finishes in (True, False):
        first, second = FakeRecogniser("first", detects_turns=True), FakeRecogniser("second", detects_turns=True)
        listener = await _talking(first, second)
        listener.hear(40)
        if finishes:
            listener.ears.finish(1)
            assert first.streams[0].log == [("begin", 1), ("audio", 1040), ("finish", 1)]
        else:
            listener.ears.open(1)
            await settled()
            listener.hear(100)
            listener.ears.finish(1)
            assert second.streams[0].log == [("begin", 1), ("audio", 1040 + 100), ("finish", 1)]


async def test_nothing_of_the_audio_is_kept_once_the_conversation_is_over() -> None:
    listener = Listener(FakeRecogniser("only"))
    listener.ears.open(0)
    await settled()
    listener.ears.begin(1, 0.0)
    pcm = bytes(bytearray(BYTES_PER_MS * 500))
    unheard = sys.getrefcount(pcm)
    listener.ears.feed(pcm)
    assert sys.getrefcount(pcm) > unheard
    listener.ears.close()
    assert sys.getrefcount(pcm) == unheard


async def test_one_that_keeps_failing_callers_is_left_alone_until_a_call_finds_it_well() -> None:
    clock = [0.0]
    breakers = SpeechBreakers(clock=lambda: clock[0])
    first, second = FakeRecogniser("first"), FakeRecogniser("second")

    async def call(*, heard: str = "") -> Listener:
        """In which the first says so much, or nothing and is replaced."""
        listener = Listener(first, second, breakers=breakers)
        listener.ears.open(0)
        await settled()
        if heard:
            first.streams[-1].events.put_nowait(Final(1, heard))
            await settled()
        elif facts.RecognizerLost(0, LEFT_ALONE) not in listener.facts:
            listener.ears.replace(1, "stt_silent")
        else:
            listener.ears.replace(1, LEFT_ALONE)
        await settled()
        return listener

    await call()
    await call()
    await call(heard="yes")  # it works, and those before were perhaps the callers'
    for _ in range(3):
        await call()
    assert len(first.streams) == 6
    assert facts.RecognizerLost(0, LEFT_ALONE) in (await call()).facts
    assert (len(first.streams), len(second.streams)) == (6, 6), "nobody waits for it now"
    clock[0] = 61.0
    await call()
    await call()
    assert len(first.streams) == 7, "one call tried it, and it failed again"
    clock[0] = 61.0 + 119.0
    await call()
    assert len(first.streams) == 7, "it is left alone for longer"
    clock[0] = 61.0 + 121.0
    await call(heard="yes")
    await call(heard="yes")
    assert len(first.streams) == 9


async def test_one_that_hears_no_words_does_not_work() -> None:
    breakers = SpeechBreakers()
    for _ in range(3):
        listener = Listener(first := FakeRecogniser("first"), FakeRecogniser("second"), breakers=breakers)
        listener.ears.open(0)
        await settled()
        first.streams[0].events.put_nowait(Final(1, ""))
        await settled()
        listener.ears.replace(1, "stt_silent")
    assert not breakers.is_closed("first")


async def test_the_last_is_tried_whatever_it_did() -> None:
    breakers = SpeechBreakers()
    for _ in range(5):
        breakers.failed("only")
    listener = Listener(only := FakeRecogniser("only"), breakers=breakers)
    listener.ears.open(0)
    await settled()
    assert len(only.streams) == 1


@pytest.mark.parametrize("code", ["stt_return", "stt_language_not_supported"])
async def test_a_recogniser_is_not_blamed_for_what_a_call_wants(code: str) -> None:
    breakers = SpeechBreakers()
    for _ in range(5):
        listener = Listener(FakeRecogniser("first"), FakeRecogniser("second"), breakers=breakers)
        listener.ears.open(0)
        listener.ears.replace(1, code)
    assert breakers.is_closed("first")
