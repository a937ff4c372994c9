"""PocketSphinx with a language model made for sales conversations: speech to text that needs no network.

The engine runs in helper processes that all callers share. An utterance takes about a tenth of its length to decode; it
has a decoder of its own from its beginning to its text, and waits for one when all are taken (see ``SphinxRules``).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

from pipelines.engines.pocketsphinx_messages import LANGUAGES, SAMPLE_RATE, SphinxReply
from pipelines.engines.supervisor import Supervisor
from pipelines.stt.port import Interim, SttError, SttEvent, SttOptions
from pipelines.stt.sphinx_pool import SphinxPool
from pipelines.stt.sphinx_utterance import BYTES_PER_MS, SphinxRules, Utterance

_MODULE = "pipelines.engines.pocketsphinx_process"
_MODEL = Path(__file__).parent / "language_model"
_MODEL_FILES = (str(_MODEL / "sales.lm.bin"), str(_MODEL / "sales.dict"))


class PocketsphinxRecognizer:
    """The recogniser of all conversations of the process. Make it with ``start``."""

    def __init__(self, pool: SphinxPool, rules: SphinxRules) -> None:
        self._pool = pool
        self._rules = rules

    @classmethod
    async def start(cls, rules: SphinxRules | None = None) -> "PocketsphinxRecognizer":
        """Start the helpers and wait until they are ready. Raises SttError ``stt_engine_start_failed``."""
        rules = rules or SphinxRules()
        pool = SphinxPool(rules.decoders_per_helper)
        engines: list[Supervisor[SphinxReply]] = [
            Supervisor(_MODULE, SphinxReply, arguments=_MODEL_FILES, on_ready=pool.hand_out)
            for _ in range(rules.helpers)
        ]
        pool.add(engines)
        results = await asyncio.gather(*(engine.start() for engine in engines), return_exceptions=True)
        failure = next((result for result in results if isinstance(result, BaseException)), None)
        if failure is not None:
            await asyncio.gather(*(engine.aclose() for engine in engines))
            raise SttError("stt_engine_start_failed", str(failure), retryable=False) from failure
        return cls(pool, rules)

    @property
    def name(self) -> str:
        return "pocketsphinx"

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    @property
    def languages(self) -> frozenset[str]:
        return LANGUAGES

    @property
    def continuous(self) -> bool:
        return False

    @property
    def detects_turns(self) -> bool:
        return False

    @property
    def guesses(self) -> bool:
        return True

    @property
    def healthy(self) -> bool:
        """False while every helper is being started again, and once closed."""
        return any(engine.healthy for engine in self._pool.engines)

    @property
    def engine_pids(self) -> tuple[int | None, ...]:
        """The helpers' process ids."""
        return tuple(engine.pid for engine in self._pool.engines)

    async def open(self, options: SttOptions) -> "PocketsphinxStream":
        """Start a caller's stream; it costs nothing until somebody speaks. ``keyterms`` are not used.

        Raises SttError ``stt_language_not_supported`` for any language but English.
        """
        if not self.languages.intersection(options.languages):
            raise SttError("stt_language_not_supported", "the only model is English", retryable=False)
        return PocketsphinxStream(self._pool, self._rules)

    async def aclose(self) -> None:
        """Stop the helpers. Utterances that are being decoded fail."""
        await asyncio.gather(*(engine.aclose() for engine in self._pool.engines))


class PocketsphinxStream:
    """One caller. Made by ``PocketsphinxRecognizer.open``."""

    def __init__(self, pool: SphinxPool, rules: SphinxRules) -> None:
        self.cepstrum = ""
        """How this caller and line sound, learnt from utterance to utterance. For the stream's utterances only."""
        self._pool = pool
        self._rules = rules
        self._heard_bytes = 0
        self._utterances: dict[int, Utterance] = {}
        self._current: Utterance | None = None
        self._events: deque[SttEvent] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    def begin(self, utterance: int) -> None:
        """Audio from here on belongs to this utterance. One that was neither finished nor abandoned is given up."""
        if self._closed:
            return
        if self._current is not None:
            self._current.drop()
        start_ms = self._heard_bytes / BYTES_PER_MS
        self._current = Utterance(self, self._pool, self._rules, utterance, start_ms)
        self._utterances[utterance] = self._current
        self._pool.lease(self._current)

    def send_audio(self, pcm: bytes) -> None:
        """Queue audio; outside of an utterance only the clock takes note of it."""
        self._heard_bytes += len(pcm)
        if self._current is not None:
            self._current.add(pcm)

    def finish(self, utterance: int) -> None:
        """Ask for the final text. A number that is not being heard is answered by nothing."""
        found = self._end_of_sound(utterance)
        if found is not None:
            found.finish()

    def abandon(self, utterance: int) -> None:
        """Nobody wants this text: no event comes of this utterance any more."""
        found = self._end_of_sound(utterance)
        if found is not None:
            found.drop()

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()

    async def aclose(self) -> None:
        """Drop what is being decoded and end the events."""
        self._closed = True
        self._current = None
        for utterance in list(self._utterances.values()):
            utterance.drop()
        self._wake.set()

    def put(self, event: SttEvent) -> None:
        """For the stream's utterances only. An unread interim gives way to the next event of its utterance."""
        last = self._events[-1] if self._events else None
        if isinstance(last, Interim) and isinstance(event, Interim) and last.utterance == event.utterance:
            self._events.pop()
        self._events.append(event)
        self._wake.set()

    def forget(self, utterance: int) -> None:
        """For the stream's utterances only."""
        self._utterances.pop(utterance, None)

    def _end_of_sound(self, utterance: int) -> Utterance | None:
        found = self._utterances.get(utterance)
        if found is self._current:
            self._current = None
        return found
