"""A conversation on its way to whoever follows or listens, through a buffer that any process can read.

The conversation never waits for it: what happens is gathered for a moment and written in one go, for so long as
somebody asks for it. While nobody does, nothing is gathered.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import ClassVar

from storage.errors import StorageError
from storage.shared.event_buffer import EventBuffer

log = logging.getLogger(__name__)


class LiveStream:
    """``number``: of the last event that was written. A kind of stream says how it gathers (``take``), what it does at
    its end (``stopped``), and:

    ``holds_s``: for so long one request holds; who goes on asks again · ``gather_s``: what happens within it is written
    in one go · ``lasts``: the kinds after which a stream has no more events · ``failing``: what is not told when the
    buffer is away.
    """

    holds_s: ClassVar[float]
    gather_s: ClassVar[float]
    lasts: ClassVar[frozenset[str]]
    failing: ClassVar[str]

    def __init__(self, conversation_id: str, buffer: EventBuffer, own: Callable[[asyncio.Task[None]], None]) -> None:
        """``own``: keeps a task."""
        self._conversation_id = conversation_id
        self._begin_anew()
        self._buffer = buffer
        self._own = own
        self._news = asyncio.Event()
        self._until_s = 0.0
        self._writing: asyncio.Task[None] | None = None

    @property
    def is_written(self) -> bool:
        return self._writing is not None

    def take(self) -> list[tuple[str, bytes]]:
        """What waits, as kinds and data; it waits no more."""
        raise NotImplementedError

    def stopped(self) -> None:
        """Nothing is written from now on."""

    def hold(self) -> None:
        """Write for ``holds_s`` from now on."""
        loop = asyncio.get_running_loop()
        self._until_s = loop.time() + self.holds_s
        if self._writing is None:
            self._writing = loop.create_task(self._write(), name=f"{self.stream} followed")
            self._own(self._writing)

    def is_news(self) -> None:
        """Something waits."""
        self._news.set()

    def _begin_anew(self) -> None:
        self.stream, self.number = f"{self._conversation_id}:{secrets.token_hex(4)}", 0

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (left_s := self._until_s - loop.time()) > 0:
                try:
                    async with asyncio.timeout(left_s):
                        await self._news.wait()
                except TimeoutError:
                    continue
                await asyncio.sleep(self.gather_s)
                self._news.clear()
                batch = self.take()
                await self._buffer.append(self.stream, self.number, batch)
                self.number += len(batch)
                if batch[-1][0] in self.lasts:
                    return
        except StorageError as error:
            log.warning("%s: %s", self.failing, error.code)
            self._begin_anew()  # how much of it is there is not known: no number could follow
        finally:
            self._writing = None
            self.stopped()
            self._news.clear()
            self.take()
