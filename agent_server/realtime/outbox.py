"""Events on their way to one client: sent at once as long as the client keeps up, else from a bounded queue."""

import asyncio
from collections import deque
from collections.abc import Awaitable

from aiohttp import WSMsgType, web

from pipelines.eager import begin

SEND_TIMEOUT_S = 10.0
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""A client that reads this much slower than its conversation goes is cut off; it can continue where it stopped."""


class Outbox:
    """``put`` never blocks; ``run`` sends what had to wait, until ``close`` and all is out, or the client is lost."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._unfinished: Awaitable[None] | None = None
        """The rest of a message that the client did not take at once."""
        self._waiting = False
        self._wake = asyncio.Event()
        self._closing = False
        self._lost = False
        self.overflowed = False
        """The client takes what it is sent too slowly, or has taken nothing for too long: it is to be cut off."""

    def put(self, message: bytes) -> None:
        if self._closing or self._lost or self.overflowed:
            return
        if self._waiting:
            self._enqueue(message)
            return
        try:
            self._unfinished = begin(self._socket.send_frame(message, WSMsgType.TEXT))
        except (ConnectionError, RuntimeError):
            self._lost = True  # the reader notices too
        if self._unfinished is not None or self._lost:
            self._waiting = True
            self._wake.set()

    def close(self) -> None:
        """Send what is queued, then end."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        try:
            while not (self._lost or self.overflowed):
                await self._send_waiting()
                if self._closing:
                    return
                self._waiting = False
                self._wake.clear()
                await self._wake.wait()
        except TimeoutError:
            self.overflowed = True  # it may come back, and would be sent no more
        except (ConnectionError, RuntimeError):
            self._lost = True  # the reader notices too

    async def _send_waiting(self) -> None:
        """Raises ConnectionError or RuntimeError when the client is gone, TimeoutError when it takes nothing more."""
        if self._unfinished is not None:
            rest, self._unfinished = self._unfinished, None
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await rest
        while self._queue and not self.overflowed:
            message = self._queue.popleft()
            self._queued_bytes -= len(message)
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send_frame(message, WSMsgType.TEXT)

    def _enqueue(self, message: bytes) -> None:
        self._queue.append(message)
        self._queued_bytes += len(message)
        if self._queued_bytes > MAX_QUEUED_BYTES:
            self.overflowed = True
