"""A caller's stream that writes down in a book what the recogniser says: its events come out of there, in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, Protocol, TypeVar

from pipelines.deadline import Deadline
from pipelines.stt.live_socket import LiveSocket
from pipelines.stt.port import SttError, SttEvent


class Book(Protocol):
    """``out``: what is to be told. ``failed``: so does every utterance somebody waits for."""

    out: deque[SttEvent]

    def failed(self, code: str, message: str, *, fatal: bool) -> None: ...


B = TypeVar("B", bound=Book)


class BookStream(Generic[B]):
    """Subclasses make ``socket``, which tells them what comes, and are told at their deadlines (``timers``)."""

    socket: LiveSocket

    def __init__(self, book: B) -> None:
        self.book = book
        self.timers: dict[int, Deadline] = {}
        self.is_over = False
        self._news = asyncio.Event()

    def tell(self) -> None:
        """There may be events to hand over."""
        if self.book.out:
            self._news.set()

    async def __aiter__(self) -> AsyncIterator[SttEvent]:
        while True:
            while self.book.out:
                yield self.book.out.popleft()
            if self.is_over:
                return
            self._news.clear()
            await self._news.wait()

    async def aclose(self) -> None:
        self.is_over = True
        for timer in self.timers.values():
            timer.cancel()
        await self.socket.aclose()
        self._news.set()

    # What the socket tells.

    def audio_lost(self) -> None:
        self.book.failed("stt_audio_lost", "audio waited too long for the recogniser", fatal=False)
        self.tell()

    def failed(self, error: SttError) -> None:
        self.is_over = True
        self.book.failed(error.code, str(error), fatal=True)
        self._news.set()
