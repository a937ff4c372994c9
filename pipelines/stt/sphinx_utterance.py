"""One utterance on its way through a helper: held while it waits, answered exactly once if it was finished."""

import contextlib
import os
from typing import Protocol

from msgspec import Struct

from pipelines.audio.comfort_noise import ComfortNoise
from pipelines.deadline import Deadline, after
from pipelines.engines.errors import EngineError
from pipelines.engines.pocketsphinx_messages import (
    SAMPLE_RATE,
    Begin,
    Drop,
    Finish,
    Settled,
    Sound,
    SphinxReply,
    SphinxRequest,
)
from pipelines.stt.port import Final, Interim, SttEvent, UtteranceFailed, Word
from pipelines.stt.sphinx_pool import Engine, SphinxPool
from pipelines.stt.text import plain_text

BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
_PIECE_BYTES = 60 * BYTES_PER_MS
"""Sound is handed on in pieces of at least 60 ms: a third of the messages, and nothing waits longer for its text, as
interims come every 150 ms and the end of an utterance hands on the rest at once."""


_NOISE_RMS = 40
"""-58 dBFS. Synthetic speech between digital zeros was heard with 31 % of the words wrong instead of 41 %, people as
before."""


class SphinxRules(Struct, frozen=True):
    """Bounds. Together ``helpers`` x ``decoders_per_helper`` utterances are decoded at once.

    Past ``max_waiting_ms`` of sound that waits for a decoder an utterance fails as ``stt_overloaded``. One that is not
    settled ``finish_s`` after its end fails as ``stt_overloaded`` if it was still waiting, else as ``stt_timeout``.
    """

    helpers: int = max(1, min(4, (os.cpu_count() or 2) // 2 + 1))
    decoders_per_helper: int = 4
    max_waiting_ms: int = 15_000
    finish_s: float = 5.0


class Owner(Protocol):
    """The stream of an utterance."""

    cepstrum: str

    def put(self, event: SttEvent) -> None: ...

    def forget(self, utterance: int) -> None: ...


class Utterance:
    """``start_ms``: where it begins in its stream's audio. Ends by ``Final``, ``UtteranceFailed`` or ``drop``."""

    def __init__(self, owner: Owner, pool: SphinxPool, rules: SphinxRules, number: int, start_ms: float) -> None:
        self.number = number
        self._owner = owner
        self._pool = pool
        self._rules = rules
        self._start_ms = start_ms
        self._engine: Engine | None = None
        self._id = 0
        self._held = bytearray()
        self._noise = ComfortNoise(_NOISE_RMS)
        self._deadline: Deadline | None = None
        self._over = False
        self._finished = False

    def add(self, pcm: bytes) -> None:
        """More sound."""
        if self._over or self._finished:
            return
        self._held += pcm
        if self._engine is not None:
            if len(self._held) >= _PIECE_BYTES:
                self._hand_on()
        elif len(self._held) > self._rules.max_waiting_ms * BYTES_PER_MS:
            self._fail("stt_overloaded", "every recogniser is busy")

    def finish(self) -> None:
        """No more sound comes; the answer has a deadline."""
        if self._over or self._finished:
            return
        self._finished = True
        self._deadline = after(self._rules.finish_s, self._on_deadline)
        if self._engine is not None:
            self._hand_on()
            self._send(Finish(self._id))

    def drop(self) -> None:
        """Nobody wants it any more: it ends without an event."""
        self._end(tell_engine=True)

    def start(self, engine: Engine) -> None:
        """A decoder is free: give it what has been said so far."""
        self._engine = engine
        self._id = engine.subscribe(self)
        self._send(Begin(self._id, self._owner.cepstrum))
        self._hand_on()
        if self._finished:
            self._send(Finish(self._id))

    def receive(self, message: SphinxReply) -> None:
        if self._over:
            return
        if not isinstance(message, Settled):
            self._owner.put(Interim(self.number, plain_text(message.text)))
            return
        self._end()
        if message.words:
            self._owner.cepstrum = message.cepstrum
        words = tuple(
            Word(text, self._start_ms + start_ms, self._start_ms + end_ms) for text, start_ms, end_ms in message.words
        )
        self._owner.put(Final(self.number, plain_text(" ".join(word.text for word in words)), words))

    def lost(self, error: EngineError) -> None:
        self._fail(f"stt_{error.code}", "the recogniser died over this utterance")

    def _hand_on(self) -> None:
        if self._held:
            self._send(Sound(self._id, self._noise.add(bytes(self._held))))
            self._held.clear()

    def _send(self, message: SphinxRequest) -> None:
        if self._over or self._engine is None:
            return
        try:
            self._engine.send(message)
        except EngineError as error:
            code = "stt_overloaded" if error.code == "engine_overloaded" else f"stt_{error.code}"
            self._fail(code, str(error))

    def _on_deadline(self) -> None:
        if self._engine is None:
            self._fail("stt_overloaded", "every recogniser was busy for too long")
        else:
            self._fail("stt_timeout", f"no text within {self._rules.finish_s} s")

    def _fail(self, code: str, message: str) -> None:
        if not self._over:
            self._end(tell_engine=True)
            self._owner.put(UtteranceFailed(self.number, code, message))

    def _end(self, *, tell_engine: bool = False) -> None:
        if self._over:
            return
        self._over = True
        self._held.clear()
        if self._deadline is not None:
            self._deadline.cancel()
        if self._engine is not None:
            self._engine.unsubscribe(self._id)
            if tell_engine:
                with contextlib.suppress(EngineError):
                    self._engine.send(Drop(self._id))
        self._pool.give_back(self, self._engine)
        self._owner.forget(self.number)
