"""Events on their way to one client: a bounded queue and the task that sends from it."""

import asyncio
from collections import deque

from aiohttp import WSMsgType, web

SEND_TIMEOUT_S = 10.0
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""A client that reads this much slower than its conversation goes is cut off; it can continue where it stopped."""


class Outbox:
    """``put`` never blocks; ``run`` sends until ``close`` and everything queued is out, or the client is lost."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self.overflowed = False

    def put(self, message: bytes) -> None:
        if self._closing or self.overflowed:
            return
        self._queue.append(message)
        self._queued_bytes += len(message)
        if self._queued_bytes > MAX_QUEUED_BYTES:
            self.overflowed = True
        self._wake.set()

    def close(self) -> None:
        """Send what is queued, then end."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        while not self.overflowed:
            while self._queue and not self.overflowed:
                message = self._queue.popleft()
                self._queued_bytes -= len(message)
                try:
                    async with asyncio.timeout(SEND_TIMEOUT_S):
                        await self._socket.send_frame(message, WSMsgType.TEXT)
                except (ConnectionError, TimeoutError, RuntimeError):
                    return  # the client is gone; the reader notices too
            if self._closing:
                return
            self._wake.clear()
            await self._wake.wait()
