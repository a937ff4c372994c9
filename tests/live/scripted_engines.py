"""Engines whose words are scripted and whose time is honest: for tests of everything between them."""

import asyncio
import math
import struct
from collections.abc import AsyncIterator, Callable, Sequence

from pipelines.conversation.rim.ports import Engines
from pipelines.llm.port import ChatRequest, Completed, LlmEvent, TextDelta, ToolCallDelta, Usage
from pipelines.stt.port import Final, Interim, SttEvent, SttOptions
from pipelines.tts.port import Audio, Spoken, SpokenWord, TtsEvent, TtsOptions, Words
from pipelines.vad.port import VoiceActivity
from pipelines.vad.silero import SileroVoiceActivity

WORD_MS = 250
_TONE = b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 220 * n / 24_000))) for n in range(24 * WORD_MS))


class FakeStream:
    """Answers each utterance with the next text of its script."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._events: asyncio.Queue[SttEvent | None] = asyncio.Queue()
        self._bytes: dict[int, int] = {}
        self._current: int | None = None

    def begin(self, utterance: int) -> None:
        self._current = utterance
        self._bytes[utterance] = 0

    def send_audio(self, pcm: bytes) -> None:
        if self._current is not None:
            self._bytes[self._current] += len(pcm)

    def finish(self, utterance: int) -> None:
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        self._events.put_nowait(Interim(utterance, text.split(" ")[0]))
        self._events.put_nowait(Final(utterance, text))

    def abandon(self, utterance: int) -> None:
        self._bytes.pop(utterance, None)

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        self._events.put_nowait(None)


class FakeRecognizer:
    name = "fake"
    sample_rate = 16_000
    continuous = False
    detects_turns = False
    guesses = False
    languages = frozenset({"en"})
    healthy = True

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)

    async def open(self, options: SttOptions) -> FakeStream:
        return FakeStream(self.texts)

    async def aclose(self) -> None:
        pass


class FakeModel:
    """Says what ``answer`` makes of the last message; calls the tool it is told to."""

    name = "fake"
    healthy = True

    def __init__(self, answer: Callable[[ChatRequest], str | ToolCallDelta], *, token_s: float = 0.0) -> None:
        self.answer = answer
        self.requests: list[ChatRequest] = []
        self._token_s = token_s

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        self.requests.append(request)
        answer = self.answer(request)
        if isinstance(answer, ToolCallDelta):
            yield answer
            yield Completed("tool_calls", Usage(10, 5))
            return
        for word in answer.split():
            await asyncio.sleep(self._token_s)
            yield TextDelta(word + " ")
        yield Completed("stop", Usage(10, len(answer.split())))

    async def aclose(self) -> None:
        pass


class FakeContext:
    def __init__(self) -> None:
        self._events: asyncio.Queue[TtsEvent | None] = asyncio.Queue()
        self._at_ms = 0.0

    def send_text(self, text: str) -> None:
        for word in text.split():
            ends_ms = self._at_ms + WORD_MS
            self._events.put_nowait(Words((SpokenWord(word, self._at_ms, ends_ms),)))
            self._events.put_nowait(Audio(_TONE))
            self._at_ms = ends_ms

    def finish(self) -> None:
        self._events.put_nowait(Spoken())

    def cancel(self) -> None:
        self._events.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        while (event := await self._events.get()) is not None:
            yield event
            if isinstance(event, Spoken):
                return


class FakeVoice:
    name = "fake"
    sample_rate = 24_000
    healthy = True

    def prepare(self) -> None:
        pass

    def open(self, options: TtsOptions) -> FakeContext:
        return FakeContext()

    async def aclose(self) -> None:
        pass


def scripted_engines(
    texts: Sequence[str] = ("how much does it cost",),
    answer: Callable[[ChatRequest], str | ToolCallDelta] = lambda _: "It costs fifty dollars a month.",
    *,
    token_s: float = 0.0,
    vad: VoiceActivity | None = None,
) -> Engines:
    """Voice activity is the real one: its judgement of real audio is part of what is tested."""
    return Engines(
        vad=vad or SileroVoiceActivity(),
        recognisers=(FakeRecognizer(texts),),
        models=(FakeModel(answer, token_s=token_s),),
        voices=(FakeVoice(),),
    )
