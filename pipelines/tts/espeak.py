"""eSpeak NG as a voice: robotic, instant, offline. The engine runs in a helper process of its own.

A reply is spoken clause by clause, each in one request (about 5 ms of work for 4 s of speech). A clause whose helper
died is asked for once more: nothing of it was heard yet. Further clauses are asked for only while less than
``max_ahead_ms`` of audio is unread, so a caller who never listens costs a bounded amount of memory.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from msgspec import Struct

from pipelines.deadline import Deadline, after
from pipelines.engines.errors import EngineError
from pipelines.engines.espeak_messages import SAMPLE_RATE, Cancel, EspeakReply, NotSaid, Say
from pipelines.engines.supervisor import Supervisor
from pipelines.language.tags import is_english
from pipelines.tts.port import Audio, Spoken, TtsError, TtsEvent, TtsOptions
from pipelines.tts.reply import Clause, Reply
from pipelines.tts.voices import espeak_voice, words_per_minute

_MODULE = "pipelines.engines.espeak_process"
_SAMPLE_BYTES = 2
_BYTES_PER_MS = SAMPLE_RATE * _SAMPLE_BYTES // 1000
_RETRY_S = 0.05
_SLOWEST_SPEED = 0.25


class EspeakRules(Struct, frozen=True):
    """``clause_s``: the time a clause may take, a restart of the helper included, before the reply fails.

    Past ``max_waiting_chars`` of text not yet spoken the reply fails as ``tts_text_too_long``.
    """

    clause_s: float = 5.0
    max_ahead_ms: int = 10_000
    max_waiting_chars: int = 20_000
    attempts: int = 2


class EspeakSpeech:
    """The voice of all conversations of the process. Make it with ``start``."""

    def __init__(self, engine: Supervisor[EspeakReply], rules: EspeakRules) -> None:
        self._engine = engine
        self._rules = rules

    @classmethod
    async def start(cls, rules: EspeakRules | None = None) -> "EspeakSpeech":
        """Start the helper process and wait until it is ready. Raises TtsError ``tts_engine_start_failed``."""
        engine: Supervisor[EspeakReply] = Supervisor(_MODULE, EspeakReply)
        try:
            await engine.start()
        except EngineError as error:
            raise _tts_error(error) from error
        return cls(engine, rules or EspeakRules())

    @property
    def name(self) -> str:
        return "espeak"

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    @property
    def healthy(self) -> bool:
        """False while the helper is being started again, and once closed."""
        return self._engine.healthy

    @property
    def engine_pid(self) -> int | None:
        """The helper's process id."""
        return self._engine.pid

    def prepare(self) -> None:
        """It is here."""

    def open(self, options: TtsOptions) -> "EspeakContext":
        """Start a reply. Never blocks and never fails: a helper that is away is waited for behind it."""
        return EspeakContext(self._engine, self._rules, options)

    async def aclose(self) -> None:
        """Stop the helper. Replies that are still being spoken fail."""
        await self._engine.aclose()


class EspeakContext:
    """One reply. Made by ``EspeakSpeech.open``."""

    def __init__(self, engine: Supervisor[EspeakReply], rules: EspeakRules, options: TtsOptions) -> None:
        self._engine = engine
        self._rules = rules
        self._voice = espeak_voice(options.voice, options.language)
        self._words_per_minute = words_per_minute(options.speed)
        english = is_english(options.language)
        self._reply = Reply(_BYTES_PER_MS, max(options.speed, _SLOWEST_SPEED), english=english)
        self._number = engine.subscribe(self)
        self._asked: Clause | None = None
        self._attempts = 0
        self._deadline: Deadline | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._events: deque[TtsEvent] = deque()
        self._unread_bytes = 0
        self._wake = asyncio.Event()
        self._over = False
        self._error: TtsError | None = None

    @property
    def unread_ms(self) -> float:
        """Audio that is ready and nobody took."""
        return self._unread_bytes / _BYTES_PER_MS

    def send_text(self, text: str) -> None:
        """Queue text, white space included. After ``finish`` or ``cancel`` it is left out."""
        if self._over:
            return
        if self._reply.unspoken_chars + len(text) > self._rules.max_waiting_chars:
            self._fail(TtsError("tts_text_too_long", "more text than a reply may hold at once", retryable=False))
            return
        self._reply.add(text)
        self._advance()

    def finish(self) -> None:
        """No more text comes."""
        self._reply.end_text()
        self._advance()

    def cancel(self) -> None:
        """Stop now: nothing more is synthesised, what was not read yet is gone."""
        self._events.clear()
        self._end()

    def receive(self, message: EspeakReply) -> None:
        """Take the sound of the clause that was asked for."""
        if self._asked is None:
            return
        clause, self._asked = self._asked, None
        self._attempts = 0
        if isinstance(message, NotSaid):
            self._fail(TtsError("tts_engine_refused", f"eSpeak NG answered {message.code}", retryable=False))
            return
        self._put(self._reply.sound(clause, message.pcm, message.marks))
        self._advance()

    def lost(self, error: EngineError) -> None:
        """The helper died: ask its successor, but not for ever, as the clause may be what killed it."""
        if self._over:
            return
        self._number = self._engine.subscribe(self)
        if self._asked is not None:
            clause, self._asked = self._asked, None
            if self._attempts >= self._rules.attempts:
                self._fail(_tts_error(error))
                return
            self._reply.put_back(clause)
        self._advance()

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        try:
            while True:
                while self._events:
                    event = self._events.popleft()
                    if isinstance(event, Audio):
                        self._unread_bytes -= len(event.pcm)
                        self._advance()
                    yield event
                if self._error is not None:
                    raise self._error
                if self._over:
                    return
                self._wake.clear()
                await self._wake.wait()
        finally:
            self.cancel()

    def _advance(self) -> None:
        """Ask for the next clause, if there is one and it is time."""
        while not self._over and self._asked is None and self._retry is None:
            if self.unread_ms > self._rules.max_ahead_ms:
                return
            clause = self._reply.next_clause()
            if clause is None:
                if self._reply.complete:
                    self._put([Spoken()])
                    self._end()
                return
            if clause.spoken:
                self._ask(clause)
            else:
                self._put(self._reply.sound(clause, b"", ()))

    def _ask(self, clause: Clause) -> None:
        self._start_deadline()
        try:
            self._engine.send(Say(self._number, clause.spoken, self._voice, self._words_per_minute))
        except EngineError:
            self._reply.put_back(clause)
            self._retry = asyncio.get_running_loop().call_later(_RETRY_S, self._try_again)
            return
        self._attempts += 1
        self._asked = clause

    def _try_again(self) -> None:
        self._retry = None
        self._advance()

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = after(self._rules.clause_s, self._on_deadline)

    def _on_deadline(self) -> None:
        self._fail(TtsError("tts_timeout", f"no sound within {self._rules.clause_s} s", retryable=True))

    def _put(self, events: list[TtsEvent]) -> None:
        """Progress: events for the reader, and no clause that is late."""
        self._events.extend(events)
        self._unread_bytes += sum(len(event.pcm) for event in events if isinstance(event, Audio))
        self._wake.set()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _fail(self, error: TtsError) -> None:
        self._error = error
        self._end()

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._engine.unsubscribe(self._number)
        if self._asked is not None:
            self._asked = None
            with contextlib.suppress(EngineError):
                self._engine.send(Cancel(self._number))
        for timer in (self._deadline, self._retry):
            if timer is not None:
                timer.cancel()
        self._wake.set()


def _tts_error(error: EngineError) -> TtsError:
    return TtsError(f"tts_{error.code}", str(error), retryable=error.retryable)
