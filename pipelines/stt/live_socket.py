"""One caller's WebSocket to a recogniser: audio out, messages in, and its replacement when it breaks.

Talks to the socket through aiohttp: the vendors' SDKs show no ping or time-out settings, give ``None`` for messages
they do not know, and do not reconnect.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Mapping
from typing import Literal, Protocol

import aiohttp
from msgspec import Struct

from pipelines.deadline import Deadline, after, timeout
from pipelines.eager import begin
from pipelines.stt.backlog import Backlog, Chunk
from pipelines.stt.port import SttError

log = logging.getLogger(__name__)

_Socket = aiohttp.ClientWebSocketResponse[Literal[False]]
_LARGEST_MESSAGE = 1 << 20
_STATUS_CODES = {
    400: "stt_bad_request",
    401: "stt_unauthorized",
    402: "stt_payment_required",
    403: "stt_forbidden",
    404: "stt_not_found",
    429: "stt_rate_limited",
}


class SocketRules(Struct, frozen=True):
    """Seconds, and ``max_ms`` of audio kept.

    ``heartbeat_s``: a ping this often; unanswered for half as long, the socket is dead. ``reconnects``: tries in a row,
    ``pause_s`` doubling between them; a connection that lived ``steady_s`` ends the row. ``answer_s``: speech without
    an answer for so long shows that the recogniser hangs. ``quiet_s``: without audio so long, the session is kept
    alive. ``replay_speed``: Deepgram asks for at most 1.25 times real time.
    """

    connect_s: float = 3.0
    close_s: float = 1.0
    heartbeat_s: float = 6.0
    reconnects: int = 4
    pause_s: float = 0.1
    steady_s: float = 5.0
    answer_s: float = 4.0
    quiet_s: float = 4.0
    replay_speed: float = 1.25
    max_ms: float = 20_000.0


class Listener(Protocol):
    """What a vendor's protocol does."""

    @property
    def expects_more(self) -> bool:
        """The recogniser is in the middle of something."""

    def read(self, text: bytes, offset_ms: float) -> None:
        """A message came. ``offset_ms``: add it to the message's times. Raises SttError when the session is over."""

    def quiet(self) -> None:
        """No audio was sent for ``quiet_s``: keep the session alive."""

    def replaced(self) -> None:
        """A new connection takes over; unsettled audio will be sent again."""

    def audio_lost(self) -> None:
        """More audio than the bound waited; the oldest is gone."""

    def failed(self, error: SttError) -> None:
        """There will be no more messages."""


class LiveSocket:
    """Open it, then send; ``aclose`` ends it. Never blocks but in these two."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, listener: Listener, backlog: Backlog, rules: SocketRules
    ) -> None:
        self._session = session
        self._url = url
        self._listener = listener
        self._backlog = backlog
        self._rules = rules
        self._clock = asyncio.get_running_loop().time
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._offset_ms = 0.0
        self._replay_until_ms = 0.0
        self._answered_at = 0.0
        self._failures = 0
        self._expecting: Deadline | None = None
        self._ws: _Socket | None = None
        self._reader: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._own_sound: bytes | None = None
        self._goodbye: str | None = None
        self._idle: _Socket | None = None
        """The socket, as long as its writer has nothing to do: then audio goes out without it."""
        self._unfinished: Awaitable[None] | None = None
        self._sent_at = 0.0

    async def open(self, goodbye: str) -> None:
        """``goodbye``: the protocol's last message. Raises SttError."""
        self._goodbye = goodbye
        ws = await self._connect()
        self._task = asyncio.create_task(self._run(ws), name="recogniser socket")

    def send_audio(self, pcm: bytes, *, at_once: bool = False) -> None:
        """``at_once``: do not wait for a whole chunk."""
        if not self._backlog.add_audio(pcm, at_once=at_once):
            self._listener.audio_lost()
        if self._backlog.has_waiting:
            self._send_waiting()

    def hurry(self) -> None:
        """Send what does not fill a chunk."""
        self._backlog.flush()
        self._send_waiting()

    def _send_waiting(self) -> None:
        if self._idle is not None:
            self._send_now(self._idle)
        else:
            self._wake.set()

    def send_command(self, text: str) -> None:
        """After all audio so far."""
        self._backlog.add_command(text)
        self._wake.set()

    @property
    def answered_s_ago(self) -> float:
        """Since the recogniser last said something."""
        return self._clock() - self._answered_at

    def settle(self, until_ms: float) -> None:
        self._backlog.settle(until_ms)

    def insert_silence(self, pcm: bytes, duration_ms: float) -> None:
        """Sound of our own, which the times of the caller's audio do not count."""
        if self._ws is not None and not self._backlog.has_waiting:
            self._offset_ms -= duration_ms
            self._own_sound = pcm
            self._wake.set()

    def expect_answer(self) -> None:
        """Somebody speaks: if no answer comes, the connection is replaced."""
        if self._expecting is None:
            asked_at = self._clock()
            self._expecting = after(self._rules.answer_s, self._check_answer, asked_at)

    def answered(self) -> None:
        """The recogniser is at work."""
        self._answered_at = self._clock()

    async def aclose(self) -> None:
        if self._expecting is not None:
            self._expecting.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        if self._ws is not None and not self._ws.closed:
            await self._close(self._ws, self._goodbye)
        if self._closing is not None:
            await asyncio.wait((self._closing,))
        self._let_go()

    def _let_go(self) -> None:
        """Of the audio, and of tasks that ended: the traceback of how they did holds this socket, and both would wait
        for the garbage collector."""
        self._backlog.clear()
        self._task = self._reader = self._closing = self._expecting = None

    def _check_answer(self, asked_at: float) -> None:
        self._expecting = None
        if self._answered_at < asked_at and self._reader is not None:
            log.warning("a recogniser does not answer; its connection is replaced")
            self._reader.cancel()
        elif self._listener.expects_more:
            self.expect_answer()

    async def _connect(self) -> _Socket:
        """Raises SttError. The vendor's wording and our request, which carries the key, stay out of it."""
        rules = self._rules
        try:
            async with timeout(rules.connect_s):
                ws = await self._session.ws_connect(
                    self._url,
                    heartbeat=rules.heartbeat_s,
                    timeout=aiohttp.ClientWSTimeout(ws_close=rules.close_s),
                    max_msg_size=_LARGEST_MESSAGE,
                    decode_text=False,
                )
        except aiohttp.WSServerHandshakeError as error:
            raise handshake_error(error.status) from None
        except TimeoutError:
            raise SttError("stt_timeout", "the recogniser could not be reached in time", retryable=True) from None
        except (aiohttp.ClientError, OSError):
            raise SttError("stt_connection_lost", "the recogniser could not be reached", retryable=True) from None
        self._ws = ws
        return ws

    async def _run(self, ws: _Socket) -> None:
        try:
            while True:
                await self._serve(ws)
                ws = await self._replace(ws)
        except SttError as error:
            self._listener.failed(error)
        except Exception:
            log.exception("a recogniser's socket broke")
            self._listener.failed(SttError("stt_error", "the recogniser failed", retryable=False))

    async def _serve(self, ws: _Socket) -> None:
        """Until the connection is broken. Raises SttError when there is no use in another."""
        begun_at = self._clock()
        self._unfinished = None
        self._reader = asyncio.create_task(self._read(ws), name="recogniser reader")
        tasks = [self._reader, asyncio.create_task(self._write(ws), name="recogniser writer")]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if self._clock() - begun_at >= self._rules.steady_s:
            self._failures = 0
        for outcome in outcomes:
            if isinstance(outcome, SttError) and not outcome.retryable:
                raise outcome
            if isinstance(outcome, Exception) and not isinstance(outcome, (SttError, aiohttp.ClientError, OSError)):
                raise outcome

    async def _read(self, ws: _Socket) -> None:
        while True:
            frame = await ws.receive()
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._listener.read(frame.data, self._offset_ms)
            elif frame.type is not aiohttp.WSMsgType.BINARY:
                if ws.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION:
                    raise SttError("stt_bad_audio", "the recogniser cannot read the audio", retryable=False)
                return

    def _send_now(self, ws: _Socket) -> None:
        """Send what waits; hand it to the writer when the socket takes no more. That it broke, its reader notices."""
        while self._unfinished is None and (item := self._backlog.take()) is not None:
            self._sent_at = self._clock()
            with contextlib.suppress(aiohttp.ClientError, OSError):
                self._unfinished = begin(ws.send_str(item) if isinstance(item, str) else ws.send_bytes(item.pcm))
        if self._unfinished is not None:
            self._idle = None
            self._wake.set()

    async def _write(self, ws: _Socket) -> None:
        paced_from, first_ms = self._clock(), self._offset_ms
        while True:
            if self._unfinished is not None:
                rest, self._unfinished = self._unfinished, None
                await rest
            item = self._backlog.take()
            if item is None:
                await self._wait_for_more(ws)
                continue
            if isinstance(item, str):
                await ws.send_str(item)
                continue
            await self._pace(item, paced_from, first_ms)
            self._sent_at = self._clock()
            await ws.send_bytes(item.pcm)

    async def _pace(self, chunk: Chunk, paced_from: float, first_ms: float) -> None:
        if chunk.start_ms >= self._replay_until_ms:
            return
        due = paced_from + (chunk.start_ms - first_ms) / 1000 / self._rules.replay_speed
        if (wait_s := due - self._clock()) > 0:
            await asyncio.sleep(wait_s)

    async def _wait_for_more(self, ws: _Socket) -> None:
        """Until something cannot be sent at once, or nothing was sent for ``quiet_s``."""
        quiet_s = self._rules.quiet_s
        self._wake.clear()
        self._sent_at, self._idle = self._clock(), ws
        try:
            while not self._wake.is_set() and (left_s := self._sent_at + quiet_s - self._clock()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left_s):
                        await self._wake.wait()
        finally:
            self._idle = None
        if not self._wake.is_set():
            self._listener.quiet()
        if self._own_sound is not None:
            pcm, self._own_sound = self._own_sound, None
            await ws.send_bytes(pcm)

    async def _replace(self, broken: _Socket) -> _Socket:
        """Raises SttError after too many failures in a row."""
        self._ws = None
        # Beside the new connection: a server that hangs takes its time to shake hands.
        self._closing = asyncio.create_task(self._close(broken), name="recogniser close")
        self._listener.replaced()
        while True:
            self._failures += 1
            if self._failures > self._rules.reconnects:
                raise SttError("stt_connection_lost", "the connection to the recogniser broke", retryable=True)
            await asyncio.sleep(self._rules.pause_s * 2 ** (self._failures - 1))
            try:
                ws = await self._connect()
            except SttError as error:
                if not error.retryable:
                    raise
                continue
            self._offset_ms = self._backlog.rewind()
            self._replay_until_ms = self._backlog.given_ms
            if self._listener.expects_more:
                self.expect_answer()
            return ws

    async def _close(self, ws: _Socket, last_words: str | None = None) -> None:
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(self._rules.close_s):
                if last_words is not None:
                    await ws.send_str(last_words)
                await ws.close()


def handshake_error(status: int) -> SttError:
    retryable = status == 429 or status >= 500
    code = _STATUS_CODES.get(status, "stt_provider_error" if retryable else "stt_bad_request")
    return SttError(code, f"the recogniser answered {status}", retryable=retryable)


def session_for(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """Made within the event loop; shared by all streams of a recogniser. How many calls there are is decided elsewhere:
    by itself aiohttp would let the hundred and first wait for another to end."""
    return aiohttp.ClientSession(headers=dict(headers), connector=aiohttp.TCPConnector(limit=0))
