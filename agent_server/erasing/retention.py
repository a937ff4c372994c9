"""Lets the words of old conversations go, every night, a few conversations at a time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agent_server.background.regularly import nightly
from agent_server.erasing.recordings import Recordings
from storage.conversations.retention import Retention

log = logging.getLogger(__name__)

BATCH: Final = 20
"""Conversations; of a few dozen items each, all of which are deleted at once."""
PAUSE_S: Final = 0.05


class RetentionWork:
    """``days`` None: words are kept."""

    def __init__(
        self, retention: Retention, recordings: Recordings, days: int | None, now: Callable[[], datetime]
    ) -> None:
        self._retention = retention
        self._recordings = recordings
        self._days = days
        self._now = now

    async def keep(self) -> None:
        """At the start, and every night; right to run in any number of processes."""
        if self._days is not None:
            await nightly(self.sweep, self._now, what="old words and recordings for replay stay")

    async def sweep(self) -> int:
        """Returns of how many conversations the words went. Raises StorageError or OSError."""
        if self._days is None:
            return 0
        before, swept = self._now() - timedelta(days=self._days), 0
        while old := await self._retention.too_old(before, rows=BATCH):
            # Files first: what is not marked is found again.
            await asyncio.to_thread(self._recordings.remove, old)
            swept += await self._retention.drop_words(old, before)
            await asyncio.sleep(PAUSE_S)
        if swept:
            log.info("the words of old conversations are gone", extra={"fields": {"conversations": swept}})
        return swept
