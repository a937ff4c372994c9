"""The data channel ``oai-events``: events of the protocol both ways, each a message. Bounded in both directions."""

import asyncio
import logging
from collections import deque
from typing import Protocol

log = logging.getLogger(__name__)

LABEL = "oai-events"
MAX_UNSENT_BYTES = 4 * 1024 * 1024
"""A client that reads this much slower than its conversation goes is cut off; it can continue where it stopped."""

MAX_UNREAD_BYTES = 4 * 1024 * 1024
MESSAGE_BYTES = 512
"""The least that a message counts as."""

FLUSH_EVERY_S = 0.02


class Channel(Protocol):
    """A data channel of aiortc's."""

    @property
    def bufferedAmount(self) -> int: ...  # noqa: N802

    @property
    def readyState(self) -> str: ...  # noqa: N802

    def send(self, data: bytes | str) -> None: ...


class EventsChannel:
    """``put`` never blocks. Before the client has opened its channel, events wait; without one, they are dropped."""

    def __init__(self, *, expected: bool) -> None:
        self._channel: Channel | None = None
        self._waits = expected
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._unread: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._unread_bytes = 0
        self.overflowed = False
        """The client reads or writes in a way that nobody can keep up with."""

    @property
    def is_open(self) -> bool:
        """A client that has closed its channel may open another."""
        return self._channel is not None and self._channel.readyState not in ("closing", "closed")

    def open(self, channel: Channel) -> None:
        self._channel = channel
        while self._waiting:
            self._send(self._waiting.popleft())

    def put(self, event: bytes) -> None:
        if self.overflowed:
            return
        if self._channel is not None:
            self._send(event)
        elif self._waits:
            self._waiting.append(event)
            self._waiting_bytes += len(event)
            if self._waiting_bytes > MAX_UNSENT_BYTES:
                self._overflow()

    def came(self, message: str | bytes) -> None:
        """From the client."""
        self._unread_bytes += max(len(message), MESSAGE_BYTES)
        if self._unread_bytes > MAX_UNREAD_BYTES:
            self._overflow()
        elif not self.overflowed:
            self._unread.put_nowait(message)

    async def next(self) -> str | bytes | None:
        """The client's next message; None: there will be no more."""
        message = await self._unread.get()
        if message is not None:
            self._unread_bytes -= max(len(message), MESSAGE_BYTES)
        return message

    def close(self) -> None:
        """No more is read."""
        self._unread.put_nowait(None)

    async def flush(self, timeout_s: float) -> None:
        """Wait until all is with the client, or the time is over."""
        for _ in range(int(timeout_s / FLUSH_EVERY_S)):
            if not self._is_sending:
                return
            await asyncio.sleep(FLUSH_EVERY_S)

    @property
    def _is_sending(self) -> bool:
        channel = self._channel
        return channel is not None and channel.readyState == "open" and channel.bufferedAmount > 0

    def _send(self, event: bytes) -> None:
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return
        try:
            channel.send(event.decode())
        except ValueError:
            log.warning("an event of %d bytes is more than the client takes in one message", len(event))
        if channel.bufferedAmount > MAX_UNSENT_BYTES:
            self._overflow()

    def _overflow(self) -> None:
        self.overflowed = True
        self._waiting.clear()
        self.close()
