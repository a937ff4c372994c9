"""Ears for a conversation in which nobody speaks: the words come in writing."""

import asyncio
from collections.abc import AsyncIterator, Callable

from pipelines.stt.port import SttEvent, SttOptions
from pipelines.vad.port import Window


class _Deaf:
    def __init__(self) -> None:
        self._events: asyncio.Queue[SttEvent | None] = asyncio.Queue()

    def begin(self, utterance: int) -> None: ...

    def send_audio(self, pcm: bytes) -> None: ...

    def finish(self, utterance: int) -> None: ...

    def abandon(self, utterance: int) -> None: ...

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        self._events.put_nowait(None)


class NoRecognizer:
    """Hears nothing."""

    name = "none"
    sample_rate = 24_000
    continuous = False
    detects_turns = False
    guesses = False
    languages = frozenset({"en"})

    async def open(self, options: SttOptions) -> _Deaf:
        return _Deaf()

    async def aclose(self) -> None: ...


class _Still:
    def feed(self, pcm: bytes) -> None: ...

    def close(self) -> None: ...


class NoVoiceActivity:
    """Notices nothing."""

    def open(self, on_window: Callable[[Window], None]) -> _Still:
        return _Still()

    async def aclose(self) -> None: ...
