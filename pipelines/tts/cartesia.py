"""Cartesia's Sonic as a voice: all replies of the process share one socket, each with a context of its own.

Text is sent clause by clause and spoken at once. A context that the vendor let expire while a model was slow goes on
with the next clause; its times run on.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from itertools import count
from secrets import token_hex

from msgspec import Struct

from pipelines.deadline import Deadline
from pipelines.tts.cartesia_line import CartesiaLine, LineRules
from pipelines.tts.cartesia_wire import VERSION, Manner, ServerMessage, WordTimestamps, refusal
from pipelines.tts.clauses import ClauseSplitter
from pipelines.tts.port import Audio, Spoken, SpokenWord, TtsError, TtsEvent, TtsOptions, Words
from pipelines.tts.written_words import WrittenWords

DEFAULT_VOICE = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
"""Katie, a neutral American voice that the vendor recommends for agents."""

_SAMPLE_BYTES = 2


class CartesiaRules(Struct, frozen=True):
    """``silence_s``: how long audio that is owed may be away before the reply fails.

    Past ``max_waiting_s`` of audio that nobody reads the reply fails as ``tts_not_read``.
    """

    silence_s: float = 3.0
    max_waiting_s: float = 300.0
    line: LineRules = LineRules()


class CartesiaSpeech:
    """The voice of all conversations of the process. Use it within one event loop."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "wss://api.cartesia.ai",
        voice: str | None = None,
        model: str = "sonic-3",
        sample_rate: int = 24_000,
        rules: CartesiaRules = CartesiaRules(),  # noqa: B008 - frozen
    ) -> None:
        """``base_url``: http, https, ws or wss. ``sample_rate``: one that the vendor makes; the conversation's own
        saves resampling."""
        self._voice = voice or DEFAULT_VOICE
        self._model = model
        self._sample_rate = sample_rate
        self._rules = rules
        address = base_url.rstrip("/").replace("http", "ws", 1) if base_url.startswith("http") else base_url.rstrip("/")
        url = f"{address}/tts/websocket?cartesia_version={VERSION}"
        self._line = CartesiaLine(url, {"Authorization": f"Bearer {api_key}"}, rules.line)
        self._ids = (f"{token_hex(4)}-{number}" for number in count(1))

    @property
    def name(self) -> str:
        return "cartesia"

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def healthy(self) -> bool:
        """Whether the last attempt to connect succeeded."""
        return self._line.reachable

    def prepare(self) -> None:
        """Open the socket behind the call that begins, or again where the vendor closed an idle one."""
        self._line.connection()

    async def warm(self) -> None:
        """Open the socket ahead of the first reply. Raises TtsError."""
        await self._line.warm()

    def open(self, options: TtsOptions) -> "CartesiaContext":
        """Start a reply. Never blocks and never fails: the iterator tells."""
        manner = Manner(self._model, self._voice, self._sample_rate, options)
        return CartesiaContext(self._line, manner, next(self._ids), self._rules)

    async def aclose(self) -> None:
        """Close the socket. Replies that are still being spoken fail."""
        await self._line.aclose()


class CartesiaContext:
    """One reply. Made by ``CartesiaSpeech.open``."""

    def __init__(self, line: CartesiaLine, manner: Manner, context_id: str, rules: CartesiaRules) -> None:
        self._loop = asyncio.get_running_loop()
        self._line = line
        self._rules = rules
        self._id = context_id
        self._inputs = manner.inputs(context_id)
        self._bytes_per_s = manner.sample_rate * _SAMPLE_BYTES
        self._clauses = ClauseSplitter()
        self._words = WrittenWords()
        self._events: deque[TtsEvent] = deque()
        self._unread_bytes = 0
        self._audio_bytes = 0
        self._base_ms = 0.0
        """Where the vendor's times of this context begin; moves on when the context expired."""
        self._odd = b""
        self._wake = asyncio.Event()
        self._finished = False
        self._ended_input = False
        self._open_at_vendor = False
        self._owed = False
        """Text with words in it was sent, and no audio has come since."""
        self._progress_at = 0.0
        self._timer: Deadline | None = None
        self._over = False
        self._error: TtsError | None = None
        self._connection = line.connection()
        if self._connection.error is not None:
            self.fail(self._connection.error)
        else:
            self._connection.subscribers[context_id] = self

    # Text in

    def send_text(self, text: str) -> None:
        """Queue text, white space included. After ``finish`` or ``cancel`` it is left out."""
        if self._over or self._finished:
            return
        for clause in self._clauses.feed(text):
            self._send(clause, more=True)

    def finish(self) -> None:
        """No more text comes."""
        if self._over or self._finished:
            return
        self._finished = True
        rest = self._clauses.flush()
        if rest.strip() or self._open_at_vendor:
            self._send(rest, more=False)
            self._ended_input = True
        else:
            self._put(Spoken())
            self._end()

    def cancel(self) -> None:
        """Stop now; what was not read yet is gone."""
        self._events.clear()
        if not self._over and self._open_at_vendor:
            self._connection.send(self._inputs.cancel())
        self._end()

    def _send(self, text: str, *, more: bool) -> None:
        self._connection.send(self._inputs.text(text, more=more))
        self._words.add_text(text)
        self._open_at_vendor = True
        self._owed = self._owed or any(character.isalnum() for character in text)
        self._progress_at = self._loop.time()
        self._watch()

    # Speech out

    def receive(self, message: ServerMessage) -> None:
        """A message of this context came."""
        self._progress_at = self._loop.time()
        match message.type:
            case "chunk":
                self._take_audio(message.data)
            case "timestamps" if message.word_timestamps is not None:
                self._take_words(message.word_timestamps)
            case "done":
                self._take_done()
            case "error":
                self.fail(refusal(message.status_code, message.error_code))

    def fail(self, error: TtsError) -> None:
        """The reply breaks off: what came is read first, then the error."""
        if not self._over:
            self._error = error
            self._end()

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        try:
            while True:
                while self._events:
                    event = self._events.popleft()
                    if isinstance(event, Audio):
                        self._unread_bytes -= len(event.pcm)
                    yield event
                if (error := self._error) is not None:
                    # A copy: contexts of one dead socket share the error.
                    raise TtsError(error.code, str(error), retryable=error.retryable)
                if self._over:
                    return
                self._wake.clear()
                await self._wake.wait()
        finally:
            self.cancel()

    def _take_audio(self, data: bytes) -> None:
        """The vendor does not promise that chunks end with a sample."""
        data = self._odd + data
        whole = len(data) - len(data) % _SAMPLE_BYTES
        self._odd = data[whole:]
        self._owed = False
        if not whole:
            return
        self._audio_bytes += whole
        self._unread_bytes += whole
        if self._unread_bytes > self._rules.max_waiting_s * self._bytes_per_s:
            self.fail(TtsError("tts_not_read", "nobody reads the reply's audio", retryable=False))
            return
        self._put(Audio(data[:whole]))

    def _take_words(self, times: WordTimestamps) -> None:
        placed: list[SpokenWord] = []
        for word, start_s, end_s in zip(times.words, times.start, times.end, strict=False):
            placed += self._words.place(word, self._base_ms + start_s * 1000, self._base_ms + end_s * 1000)
        if placed:
            self._put(Words(tuple(placed)))

    def _take_done(self) -> None:
        """The end of the reply, or of the vendor's patience: then further text makes a context of the same name."""
        has_expired = not self._ended_input or (self._owed and self._audio_bytes > 0)
        if has_expired:
            self._base_ms = self._audio_bytes / self._bytes_per_s * 1000
            self._odd = b""
            self._open_at_vendor = self._owed
        elif self._owed:
            self.fail(TtsError("tts_no_audio", "cartesia ended a reply without speaking it", retryable=True))
        else:
            self._put(Spoken())
            self._end()

    # Deadlines

    def _watch(self) -> None:
        if self._timer is None and not self._over:
            due = self._progress_at + self._rules.silence_s
            self._timer = Deadline(due, self._check)

    def _check(self) -> None:
        """Runs seldom: the timer is set again only when it fires, not with every message."""
        self._timer = None
        if self._over or not (self._owed or self._ended_input):
            return
        if self._loop.time() < self._progress_at + self._rules.silence_s:
            self._watch()
            return
        self._connection.send(self._inputs.cancel())
        connection, error = self._connection, TtsError("tts_timeout", "cartesia went silent", retryable=True)
        self.fail(error)
        if connection.last_heard < self._progress_at or not connection.is_open:
            self._line.give_up(connection, error)

    def _put(self, event: TtsEvent) -> None:
        self._events.append(event)
        self._wake.set()

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._connection.subscribers.pop(self._id, None)
        if self._timer is not None:
            self._timer.cancel()
        self._wake.set()
