"""PocketSphinx with a language model made for sales conversations: speech to text that needs no network.

A helper process decodes one utterance at a time (about a tenth of real time each); a pool of them is shared by all
callers of the process. An utterance leases a helper from its ``begin`` to its text. When none is free its sound waits,
up to ``max_waiting_ms``; what lasts longer fails as ``stt_overloaded``.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec import Struct

from pipelines.engines.errors import EngineError
from pipelines.engines.pocketsphinx_messages import SAMPLE_RATE, Begin, Drop, Finish, Settled, Sound, SphinxReply
from pipelines.engines.supervisor import Supervisor
from pipelines.stt.port import Final, Interim, SttError, SttEvent, SttOptions, UtteranceFailed
from pipelines.stt.text import plain_text

_MODULE = "pipelines.engines.pocketsphinx_process"
_MODEL = Path(__file__).parent / "language_model"
_BYTES_PER_MS = SAMPLE_RATE * 2 // 1000


class SphinxRules(Struct, frozen=True):
    """``helpers``: utterances decoded at once. Past ``max_waiting_ms`` of undecoded sound an utterance fails."""

    helpers: int = max(1, min(4, (os.cpu_count() or 2) // 2 + 1))
    max_waiting_ms: int = 15_000


class PocketsphinxRecognizer:
    """The recogniser of all conversations of the process. Make it with ``start``."""

    def __init__(self, engines: Sequence[Supervisor[SphinxReply]], rules: SphinxRules) -> None:
        self._engines = tuple(engines)
        self._free: deque[Supervisor[SphinxReply]] = deque(engines)
        self._waiting: deque[_Utterance] = deque()
        self._rules = rules

    @classmethod
    async def start(cls, rules: SphinxRules | None = None) -> "PocketsphinxRecognizer":
        """Start the helpers and wait until they are ready. Raises SttError ``stt_engine_start_failed``."""
        rules = rules or SphinxRules()
        files = (str(_MODEL / "sales.lm.bin"), str(_MODEL / "sales.dict"))
        engines: list[Supervisor[SphinxReply]] = [
            Supervisor(_MODULE, SphinxReply, arguments=files) for _ in range(rules.helpers)
        ]
        results = await asyncio.gather(*(engine.start() for engine in engines), return_exceptions=True)
        failure = next((result for result in results if isinstance(result, BaseException)), None)
        if failure is not None:
            await asyncio.gather(*(engine.aclose() for engine in engines))
            raise SttError("stt_engine_start_failed", str(failure), retryable=False) from failure
        return cls(engines, rules)

    @property
    def name(self) -> str:
        return "pocketsphinx"

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    @property
    def continuous(self) -> bool:
        return False

    @property
    def detects_turns(self) -> bool:
        return False

    @property
    def healthy(self) -> bool:
        """False while every helper is being started again, and once closed."""
        return any(engine.healthy for engine in self._engines)

    @property
    def engine_pids(self) -> tuple[int | None, ...]:
        """The helpers' process ids."""
        return tuple(engine.pid for engine in self._engines)

    async def open(self, options: SttOptions) -> "PocketsphinxStream":
        """Start a caller's stream. Costs nothing: helpers are leased an utterance."""
        return PocketsphinxStream(self)

    async def aclose(self) -> None:
        """Stop the helpers. Utterances that are being decoded fail."""
        await asyncio.gather(*(engine.aclose() for engine in self._engines))

    def lease(self, utterance: "_Utterance") -> None:
        """Give the utterance a helper, now or when one is free. For streams only."""
        self._waiting.append(utterance)
        self._hand_out()

    def give_back(self, utterance: "_Utterance", engine: Supervisor[SphinxReply] | None) -> None:
        """The utterance needs its helper, or its place in the queue, no more. For streams only."""
        if engine is None:
            if utterance in self._waiting:
                self._waiting.remove(utterance)
        else:
            self._free.append(engine)
            self._hand_out()

    @property
    def max_waiting_bytes(self) -> int:
        return self._rules.max_waiting_ms * _BYTES_PER_MS

    def _hand_out(self) -> None:
        while self._waiting and self._free:
            # Helpers that are alive first: one that is being started again would fail the utterance.
            engine = next((engine for engine in self._free if engine.healthy), self._free[0])
            self._free.remove(engine)
            self._waiting.popleft().start(engine)


class _Utterance:
    """One utterance on its way through a helper."""

    def __init__(self, stream: "PocketsphinxStream", recognizer: PocketsphinxRecognizer, number: int) -> None:
        self.number = number
        self._stream = stream
        self._recognizer = recognizer
        self._engine: Supervisor[SphinxReply] | None = None
        self._id = 0
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._finished = False
        self._over = False

    def add(self, pcm: bytes) -> None:
        if self._over:
            return
        if self._engine is not None:
            self._send(Sound(self._id, pcm))
            return
        self._held.append(pcm)
        self._held_bytes += len(pcm)
        if self._held_bytes > self._recognizer.max_waiting_bytes:
            self._fail("stt_overloaded", "every recogniser is busy")

    def finish(self) -> None:
        self._finished = True
        if self._engine is not None and not self._over:
            self._send(Finish(self._id))

    def drop(self) -> None:
        if not self._over and self._engine is not None:
            self._send(Drop(self._id))
        self._end()

    def start(self, engine: Supervisor[SphinxReply]) -> None:
        """A helper is free: give it what has been said so far."""
        self._engine = engine
        self._id = engine.subscribe(self)
        self._send(Begin(self._id))
        if self._held:
            self._send(Sound(self._id, b"".join(self._held)))
            self._held.clear()
        if self._finished:
            self._send(Finish(self._id))

    def receive(self, message: SphinxReply) -> None:
        text = plain_text(message.text)
        if isinstance(message, Settled):
            self._end()
            self._stream.put(Final(self.number, text))
        else:
            self._stream.put(Interim(self.number, text))

    def lost(self, error: EngineError) -> None:
        self._fail(f"stt_{error.code}", "the recogniser died over this utterance")

    def _send(self, message: Begin | Sound | Finish | Drop) -> None:
        assert self._engine is not None
        if self._over:
            return
        try:
            self._engine.send(message)
        except EngineError as error:
            self._fail(f"stt_{error.code}", str(error))

    def _fail(self, code: str, message: str) -> None:
        if not self._over:
            self._end()
            self._stream.put(UtteranceFailed(self.number, code, message))

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._held.clear()
        if self._engine is not None:
            self._engine.unsubscribe(self._id)
        self._recognizer.give_back(self, self._engine)
        self._stream.forget(self.number)


class PocketsphinxStream:
    """One caller. Made by ``PocketsphinxRecognizer.open``."""

    def __init__(self, recognizer: PocketsphinxRecognizer) -> None:
        self._recognizer = recognizer
        self._utterances: dict[int, _Utterance] = {}
        self._current: _Utterance | None = None
        self._events: deque[SttEvent] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    def begin(self, utterance: int) -> None:
        """Audio from here on belongs to this utterance."""
        self._current = self._utterances[utterance] = _Utterance(self, self._recognizer, utterance)
        self._recognizer.lease(self._current)

    def send_audio(self, pcm: bytes) -> None:
        """Outside of an utterance it is left out."""
        if self._current is not None and pcm:
            self._current.add(pcm)

    def finish(self, utterance: int) -> None:
        """Ask for the final text."""
        found = self._utterances.get(utterance)
        if found is self._current:
            self._current = None
        if found is not None:
            found.finish()

    def abandon(self, utterance: int) -> None:
        """Nobody wants this text."""
        found = self._utterances.get(utterance)
        if found is self._current:
            self._current = None
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
        for utterance in list(self._utterances.values()):
            utterance.drop()
        self._closed = True
        self._wake.set()

    def put(self, event: SttEvent) -> None:
        """For the stream's utterances only. An unread interim gives way to the next one."""
        last = self._events[-1] if self._events else None
        if isinstance(event, Interim) and isinstance(last, Interim) and last.utterance == event.utterance:
            self._events.pop()
        self._events.append(event)
        self._wake.set()

    def forget(self, utterance: int) -> None:
        """For the stream's utterances only."""
        self._utterances.pop(utterance, None)
