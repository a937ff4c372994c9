"""What both write-behind logs have in common: taking rows without blocking or raising, and an end that loses none.

Subclasses say what a row is; ``storage.log.writer`` tells what one is safe from, and when. Everything here must be
called on the event loop's own thread.
"""

import logging
from collections.abc import Callable
from enum import IntEnum
from types import TracebackType
from typing import Self

from storage.log.writer import LogWriter

logger = logging.getLogger(__name__)


class WriteBehindLog:
    """Owns its rows until they are on the disk. While the database is away they are kept and tried again; past the
    bounds of ``DirtyRows`` they are refused, counted and said in the process's log, and so is what is left at the end.
    """

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._dirty = writer.dirty
        self._figures = writer.figures
        self._losing = False
        self._closed = False

    def start(self) -> None:
        """Start writing, on the running loop. What was handed over before is written first."""
        self._writer.start()

    @property
    def healthy(self) -> bool:
        """False while writing fails or hangs, or there is no room."""
        return self._writer.healthy and not self._dirty.full

    @property
    def held_rows(self) -> int:
        """How many rows are not on the disk yet."""
        return self._dirty.held

    async def aclose(self, timeout_s: float = 5.0) -> bool:
        """Write what is left, then stop; nothing is taken any more. False: rows were left unwritten."""
        self._closed = True
        try:
            return await self._writer.durable(None, timeout_s)
        finally:
            await self._writer.stop()
            if self._dirty.held:
                self._figures.refused.labels("unwritten").inc(self._dirty.held)
                logger.error("%d rows of %s were not written before the end", self._dirty.held, self._figures.what)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()

    def _take(self, kind: IntEnum, owner: str, row_id: str, payload: Callable[[], bytes], *, progress: bool) -> None:
        """Encodes now: what is written is the state of this moment, whatever becomes of the objects in it.

        ``owner``: whose rows can be waited for together · ``progress``: it may wait for others, or for its next state.
        """
        what, refused = self._figures.what, self._figures.refused
        if self._closed:
            refused.labels("closed").inc()
            return
        try:
            encoded = payload()
        except Exception as error:  # a state without a JSON form must not end the work it belongs to
            refused.labels("unencodable").inc()
            logger.error("lost a row of %s (%s): %s", what, kind.name.lower(), type(error).__name__)
            return
        was_idle = not self._dirty.dirty
        accepted = self._dirty.put(kind, owner, row_id, encoded, progress=progress)
        if not accepted:
            refused.labels("full").inc()
            if not self._losing:
                logger.error("rows of %s are being lost: %d are held already", what, self._dirty.held)
        self._losing = not accepted or (self._losing and self._dirty.full)
        if was_idle or not progress:
            self._writer.wake()
