"""Recognition, model and voice that cost nothing and take the time real ones take, for measuring the server alone.

The final text comes 20 ms after it is asked for, the first token after 150 ms and then 400 a second, the first audio
after 60 ms and then five times as fast as real time.
"""

import asyncio
import math
import struct
from collections.abc import AsyncIterator

from pipelines.conversation.ports import Engines
from pipelines.llm.port import ChatRequest, Completed, LlmEvent, TextDelta, Usage
from pipelines.stt.port import Final, Interim, SttEvent, SttOptions
from pipelines.tts.port import Audio, Spoken, SpokenWord, TtsEvent, TtsOptions, Words
from pipelines.vad.silero import SileroVoiceActivity

FINAL_S = 0.020
FIRST_TOKEN_S = 0.150
TOKENS_PER_S = 400
FIRST_AUDIO_S = 0.060
SPEED = 5.0
WORD_MS = 300
WORDS = 27
"""A reply of about eight seconds."""

CALLER_WORDS = "how much would that cost for a team of twenty people?"
_WORD_PCM = b"".join(
    struct.pack("<h", int(9000 * math.sin(2 * math.pi * 200 * n / 24_000))) for n in range(24 * WORD_MS)
)


class TimedStream:
    def __init__(self) -> None:
        self._events: asyncio.Queue[SttEvent | None] = asyncio.Queue()

    def begin(self, utterance: int) -> None:
        self._events.put_nowait(Interim(utterance, CALLER_WORDS))

    def send_audio(self, pcm: bytes) -> None:
        pass

    def finish(self, utterance: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(FINAL_S, self._events.put_nowait, Final(utterance, CALLER_WORDS))

    def abandon(self, utterance: int) -> None:
        pass

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        self._events.put_nowait(None)


class TimedRecognizer:
    name = "timed"
    sample_rate = 16_000
    continuous = False
    detects_turns = False
    healthy = True

    async def open(self, options: SttOptions) -> TimedStream:
        return TimedStream()

    async def aclose(self) -> None:
        pass


class TimedModel:
    name = "timed"
    healthy = True

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        await asyncio.sleep(FIRST_TOKEN_S)
        for first in range(0, WORDS, 4):  # four tokens a piece: how they arrive at such speeds
            words = min(4, WORDS - first)
            yield TextDelta("".join(f"word{first + n} " for n in range(words)))
            await asyncio.sleep(words / TOKENS_PER_S)
        yield Completed("stop", Usage(200, WORDS))

    async def aclose(self) -> None:
        pass


class TimedContext:
    def __init__(self) -> None:
        self._words: asyncio.Queue[str | None] = asyncio.Queue()
        self._cancelled = False

    def send_text(self, text: str) -> None:
        for word in text.split():
            self._words.put_nowait(word)

    def finish(self) -> None:
        self._words.put_nowait(None)

    def cancel(self) -> None:
        self._cancelled = True
        self._words.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        word, at_ms = await self._words.get(), 0.0
        await asyncio.sleep(FIRST_AUDIO_S)
        while word is not None and not self._cancelled:
            yield Words((SpokenWord(word, at_ms, at_ms + WORD_MS),))
            yield Audio(_WORD_PCM)
            at_ms += WORD_MS
            await asyncio.sleep(WORD_MS / 1000 / SPEED)
            word = await self._words.get()
        if not self._cancelled:
            yield Spoken()


class TimedVoice:
    name = "timed"
    sample_rate = 24_000
    healthy = True

    def open(self, options: TtsOptions) -> TimedContext:
        return TimedContext()

    async def aclose(self) -> None:
        pass


def timed_engines() -> Engines:
    """Voice activity is the real one."""
    return Engines(vad=SileroVoiceActivity(), stt=TimedRecognizer(), models=(TimedModel(),), voices=(TimedVoice(),))
