"""The next recogniser hears again what has no text yet, wherever in an utterance the change falls."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from pipelines.conversation import facts
from pipelines.conversation.ears import BYTES_PER_MS, TRIM_BYTES, Ears
from pipelines.stt.port import Final, SttError, SttEvent, SttOptions, UtteranceFailed


class FakeStream:
    def __init__(self) -> None:
        self.events: asyncio.Queue[SttEvent | None] = asyncio.Queue()
        self.log: list[tuple[str, int]] = []
        self.closed = False

    def begin(self, utterance: int) -> None:
        self.log.append(("begin", utterance))

    def send_audio(self, pcm: bytes) -> None:
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
    detects_turns = False
    guesses = False

    def __init__(self, name: str, *, continuous: bool = False, opens: bool = True) -> None:
        self.name = name
        self.continuous = continuous
        self.streams: list[FakeStream] = []
        self._opens = opens

    async def open(self, options: SttOptions) -> FakeStream:
        if not self._opens:
            raise SttError("stt_down", "down", retryable=True)
        self.streams.append(FakeStream())
        return self.streams[-1]

    async def aclose(self) -> None:
        pass


class Listener:
    """Ears whose facts are collected."""

    def __init__(self, *recognisers: FakeRecogniser) -> None:
        self.facts: list[facts.Fact] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.ears = Ears(recognisers, post=self.facts.append, own=self._own)

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work, name=name))
        return self.tasks[-1]

    def hear(self, ms: int) -> None:
        for _ in range(ms // 20):
            self.ears.feed(bytes(20 * 48))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


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
    listener.hear(400)
    listener.ears.begin(2, 1200.0)
    first.streams[0].events.put_nowait(UtteranceFailed(1, "stt_connection_lost", "lost", fatal=True))
    await settled()
    assert listener.facts[-1] == facts.RecognizerLost(0, "stt_connection_lost")
    listener.ears.open(1)
    await settled()
    assert second.streams[0].log == [("begin", 1), ("audio", 1000), ("finish", 1), ("begin", 2), ("audio", 200)]


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
    listener.ears.open(1, again=1)
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
    assert listener.facts[1:] == [facts.RecognizerChanged(1, detects_turns=False), facts.RecognizerLost(1, "stt_ended")]


async def test_what_is_kept_is_bounded() -> None:
    listener = Listener(FakeRecogniser("first", opens=False), second := FakeRecogniser("second"))
    listener.ears.begin(1, 0.0)
    listener.hear(60_000)
    listener.ears.open(1)
    await settled()
    (_, (_, sent_ms)) = second.streams[0].log
    assert 20_000 <= sent_ms <= 20_000 + TRIM_BYTES / BYTES_PER_MS + 20
