"""Carries erasures out, step by step, here or at another process."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from storage.erasure.erasures import Claimed, Erasures
from storage.erasure.person import Ambiguous
from storage.errors import StorageError
from storage.outage import Outage

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
"""How soon one is taken up that was asked for at another process."""

AGAIN_S: Final = 15.0
"""After something that has to end first, or came meanwhile."""


class ErasureWork:
    """``kept`` is where erasures are."""

    def __init__(self, kept: Erasures, now: Callable[[], datetime], *, again_s: float = AGAIN_S) -> None:
        self.kept = kept
        self._now = now
        self._again_s = again_s
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """There is one to carry out."""
        self._wanted.set()

    async def keep(self) -> None:
        outage = Outage(log, "erasures wait")
        while True:
            self._wanted.clear()
            try:
                with outage.waited_out():
                    while (claimed := await self.kept.claim()) is not None:
                        await self.carry_out(claimed)
            except Exception:  # one that cannot be carried out keeps none of the others waiting
                log.exception("an erasure broke; it is taken up again")
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    async def carry_out(self, claimed: Claimed) -> None:
        """To its end, or to what has to end first. Raises StorageError; it is taken up again then."""
        try:
            waits = await self.kept.begin(claimed, now=self._now())
            if waits is None:
                return
            if waits:
                await self.kept.again(claimed, ",".join(sorted(waits)), self._again_s)
                return
            for eraser in self.kept.erasers:
                if not await self.kept.step(claimed, eraser, now=self._now()):
                    return
            if await self.kept.finish(claimed):
                log.info("a person's data is erased", extra={"fields": {"erasure_id": claimed.id}})
            else:
                await self.kept.again(claimed, "news", self._again_s)
        except asyncio.CancelledError:
            # This process stops; another goes on at once.
            await asyncio.shield(self._leave(claimed))
            raise
        except Ambiguous:
            await self.kept.again(claimed, "several_people", 600.0)
        except StorageError as error:
            await self.kept.again(claimed, error.code, self._again_s)
            raise

    async def _leave(self, claimed: Claimed) -> None:
        try:
            await self.kept.leave(claimed)
        except StorageError as error:
            log.warning("an erasure waits for the end of its time: %s", error.code)
