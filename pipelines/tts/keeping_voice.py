"""A voice that speaks a greeting or a filler once and keeps the sound: later it starts at once and costs nothing.

Only replies opened with ``repeated`` are looked up and kept: what is said to one caller is not worth the memory.
"""

import asyncio
from collections.abc import AsyncIterator

from msgspec import structs

from pipelines.tts.kept_phrases import KeptPhrase, KeptPhrases
from pipelines.tts.port import Audio, Spoken, SpokenWord, TextToSpeech, TtsContext, TtsEvent, TtsOptions, Words

MAX_BYTES = 8_000_000
"""Nearly three minutes of speech at 24 kHz: a few greetings and every filler, for some voices."""

WAIT_S = 0.1
"""A greeting may come from a model piece by piece. While it may become a phrase that is kept it waits so long for the
rest, which is what a cloud voice would take to its first audio."""


class KeepingVoice:
    """Implements ``TextToSpeech`` over a provider whose speech is paid for. Use it within one event loop."""

    def __init__(self, voice: TextToSpeech, *, max_bytes: int = MAX_BYTES, wait_s: float = WAIT_S) -> None:
        self._voice = voice
        self._phrases = KeptPhrases(max_bytes)
        self._wait_s = wait_s

    @property
    def name(self) -> str:
        return self._voice.name

    @property
    def sample_rate(self) -> int:
        return self._voice.sample_rate

    @property
    def healthy(self) -> bool:
        return bool(getattr(self._voice, "healthy", True))

    def prepare(self) -> None:
        self._voice.prepare()

    def open(self, options: TtsOptions) -> TtsContext:
        if not options.repeated:
            return self._voice.open(options)
        return _RepeatedReply(self._voice, self._phrases, options, self._wait_s)

    async def aclose(self) -> None:
        await self._voice.aclose()


class _RepeatedReply:
    """One reply, held until it is plain whether its sound is kept."""

    def __init__(self, voice: TextToSpeech, phrases: KeptPhrases, options: TtsOptions, wait_s: float) -> None:
        self._voice = voice
        self._phrases = phrases
        self._options = options
        self._wait_s = wait_s
        self._text = ""
        self._finished = False
        self._cancelled = False
        self._kept: KeptPhrase | None = None
        self._spoken_by: TtsContext | None = None
        self._decided = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def send_text(self, text: str) -> None:
        if self._cancelled or self._finished:
            return
        self._text += text
        if self._spoken_by is not None:
            self._spoken_by.send_text(text)
        elif not self._phrases.may_become(self._options, self._text):
            self._ask_provider()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._wait_s, self._ask_provider)

    def finish(self) -> None:
        if self._cancelled or self._finished:
            return
        self._finished = True
        if self._spoken_by is not None:
            self._spoken_by.finish()
            return
        self._kept = self._phrases.get(self._options, self._text)
        if self._kept is None:
            self._ask_provider()
        else:
            self._decide()

    def cancel(self) -> None:
        self._cancelled = True
        self._decide()
        if self._spoken_by is not None:
            self._spoken_by.cancel()

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        try:
            await self._decided.wait()
            events = self._from_provider() if self._kept is None else self._from_memory(self._kept)
            async for event in events:
                if self._cancelled:
                    return
                yield event
        finally:
            self.cancel()

    def _ask_provider(self) -> None:
        self._spoken_by = self._voice.open(structs.replace(self._options, repeated=False))
        self._spoken_by.send_text(self._text)
        if self._finished:
            self._spoken_by.finish()
        self._decide()

    def _decide(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._decided.set()

    async def _from_memory(self, phrase: KeptPhrase) -> AsyncIterator[TtsEvent]:
        yield Words(phrase.words)
        yield Audio(phrase.pcm)
        yield Spoken(kept=True)

    async def _from_provider(self) -> AsyncIterator[TtsEvent]:
        if self._spoken_by is None:
            return
        pcm = bytearray()
        words: list[SpokenWord] = []
        fits = True
        async for event in self._spoken_by:
            match event:
                case Audio(piece) if fits:
                    fits = len(pcm) + len(piece) <= self._phrases.largest_bytes
                    pcm += piece if fits else b""
                case Words(placed):
                    words += placed
                case Spoken() if fits and pcm:
                    self._phrases.keep(self._options, KeptPhrase(self._text, bytes(pcm), tuple(words)))
            yield event
