"""The one socket that all conversations of the process speak through, and its replacement when it dies.

Talks to the socket through aiohttp: the SDK costs 367 us of CPU a message, ``websockets`` 187 us, aiohttp 146 us
(1330 messages of 100 ms of audio each, base64 included), and the SDK's contexts wait for ever on a dead socket.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Literal, Protocol

import aiohttp
from msgspec import Struct

from pipelines.deadline import timeout
from pipelines.tts.cartesia_wire import ServerMessage, read_message, refusal
from pipelines.tts.port import TtsError

log = logging.getLogger(__name__)

_Socket = aiohttp.ClientWebSocketResponse[Literal[False]]

_LARGEST_MESSAGE = 8 << 20
_MOST_WAITING = 10_000
"""Messages that wait to be sent, for all conversations. Beyond, the socket is as good as dead."""


class LineRules(Struct, frozen=True):
    """Seconds. ``heartbeat_s``: a ping this often; unanswered for half as long, the socket is dead.

    ``steady_s``: a socket that lived so long is replaced at once when it dies, so that the next reply finds one.
    """

    connect_s: float = 3.0
    heartbeat_s: float = 6.0
    close_s: float = 1.0
    steady_s: float = 5.0


class Subscriber(Protocol):
    """A context."""

    def receive(self, message: ServerMessage) -> None: ...

    def fail(self, error: TtsError) -> None: ...


class Connection:
    """One socket, from its handshake to its end. Contexts stay with theirs."""

    def __init__(self) -> None:
        self.subscribers: dict[str, Subscriber] = {}
        self.outbox: asyncio.Queue[str] = asyncio.Queue(_MOST_WAITING)
        self.is_open = False
        self.is_over = False
        self.opened = asyncio.Event()
        """Set when the handshake is done, well or not."""
        self.error: TtsError | None = None
        self.last_heard = 0.0
        self._ws: _Socket | None = None

    def send(self, text: str) -> None:
        """Queue a message; sent once the socket is open. Never blocks."""
        if self.is_over:
            return
        try:
            self.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.end(TtsError("tts_overloaded", "cartesia takes no more messages", retryable=True))

    def end(self, error: TtsError) -> None:
        """Every context fails now, and the socket is given up."""
        if self.is_over:
            return
        self.is_over, self.is_open, self.error = True, False, error
        self.opened.set()
        subscribers, self.subscribers = list(self.subscribers.values()), {}
        for subscriber in subscribers:
            subscriber.fail(error)

    async def run(self, session: aiohttp.ClientSession, url: str, rules: LineRules) -> None:
        """Open, serve, and end it. Errors go to the contexts."""
        writer: asyncio.Task[None] | None = None
        try:
            async with timeout(rules.connect_s):
                self._ws = ws = await session.ws_connect(
                    url, heartbeat=rules.heartbeat_s, max_msg_size=_LARGEST_MESSAGE, decode_text=False
                )
            self.is_open = not self.is_over
            self.opened.set()
            writer = asyncio.create_task(self._write(ws), name="cartesia writer")
            await self._read(ws)
        except aiohttp.WSServerHandshakeError as error:  # its request carries the key
            self.end(refusal(error.status))
        except TimeoutError:
            self.end(TtsError("tts_timeout", "cartesia could not be reached in time", retryable=True))
        except (aiohttp.ClientError, OSError):
            self.end(_lost())
        finally:
            self.end(_lost())
            await self._close(writer, rules)

    async def _read(self, ws: _Socket) -> None:
        clock = asyncio.get_running_loop().time
        while not self.is_over:
            frame = await ws.receive()
            if frame.type is not aiohttp.WSMsgType.TEXT:
                if frame.type is aiohttp.WSMsgType.BINARY:
                    continue
                return
            self.last_heard = clock()
            message = read_message(frame.data)
            if message is None:
                log.warning("cartesia sent what is no message")
            elif message.context_id is not None:
                if (subscriber := self.subscribers.get(message.context_id)) is not None:
                    subscriber.receive(message)
            elif message.type == "error":
                self.end(refusal(message.status_code, message.error_code))

    async def _write(self, ws: _Socket) -> None:
        try:
            while True:
                await ws.send_str(await self.outbox.get())
        except (aiohttp.ClientError, OSError):
            self.end(_lost())
            await ws.close()

    async def hang_up(self) -> None:
        if self._ws is not None:
            await self._ws.close()

    async def _close(self, writer: asyncio.Task[None] | None, rules: LineRules) -> None:
        if writer is not None:
            writer.cancel()
        if self._ws is not None:
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(rules.close_s):
                    await self._ws.close()
        if writer is not None:
            await asyncio.wait((writer,))


class CartesiaLine:
    """Keeps one connection for whoever wants to speak."""

    def __init__(self, url: str, headers: Mapping[str, str], rules: LineRules) -> None:
        self._url = url
        self._headers = dict(headers)
        self._rules = rules
        self._session: aiohttp.ClientSession | None = None
        self._connection: Connection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.reachable = True
        """Whether the last handshake went well."""

    def connection(self) -> Connection:
        """The socket to use now; one that is missing or dead is opened behind it. Never blocks."""
        if self._connection is None or self._connection.is_over:
            self._connection = connection = Connection()
            if self._closed:
                connection.end(TtsError("tts_closed", "the voice is closed", retryable=False))
            else:
                self._own(self._serve(connection), "cartesia socket")
        return self._connection

    def give_up(self, connection: Connection, error: TtsError) -> None:
        """Nothing is heard on this connection any more: its other contexts fail too, the next gets another."""
        connection.end(error)
        self._own(connection.hang_up(), "cartesia hang-up")

    async def warm(self) -> None:
        """Open the socket ahead of need. Raises TtsError."""
        connection = self.connection()
        async with asyncio.timeout(self._rules.connect_s + self._rules.close_s):
            await connection.opened.wait()
        if connection.error is not None:
            raise connection.error

    async def aclose(self) -> None:
        self._closed = True
        if self._connection is not None:
            self._connection.end(TtsError("tts_closed", "the voice is closed", retryable=False))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._rules.close_s + 1)
        if self._session is not None:
            await self._session.close()

    async def _serve(self, connection: Connection) -> None:
        clock = asyncio.get_running_loop().time
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        begun = clock()
        opening = asyncio.create_task(self._note(connection), name="cartesia opening")
        try:
            await connection.run(self._session, self._url, self._rules)
        finally:
            await asyncio.wait((opening,))
        if clock() - begun >= self._rules.steady_s and not self._closed:
            self.connection()

    async def _note(self, connection: Connection) -> None:
        await connection.opened.wait()
        self.reachable = connection.is_open
        if connection.error is not None:
            log.warning("cartesia could not be opened: %s", connection.error.code)

    def _own(self, work: "asyncio._CoroutineLike[None]", name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)


def _lost() -> TtsError:
    return TtsError("tts_connection_lost", "the connection to cartesia broke", retryable=True)
