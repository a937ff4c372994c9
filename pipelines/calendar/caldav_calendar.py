"""A CalDAV calendar whose times count beside our bookings.

It is read whole now and then, and once more around a time that is about to be booked. While it cannot be reached, what
was read last counts for some minutes, and after that our own bookings alone: a calendar that is away must not keep
anybody from booking. Health and log say so.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipelines.calendar.caldav_server import LOAD_DEADLINE_S, CaldavError, CaldavServer
from pipelines.calendar.port import Slot
from pipelines.loading import loaded
from storage.errors import StorageError

if TYPE_CHECKING:
    from pipelines.calendar.busy_times import BusyTimes

log = logging.getLogger(__name__)

FRESH_S = 15.0
KNOWN_S = 300.0
UNFOLD_DEADLINE_S = 10.0
"""For the times of repeated events: about a second for a thousand times, in a thread, on a slow machine."""
DATABASE_DEADLINE_S = 3.0
LEFT_ALONE_S = 10.0
"""After a failure nobody waits for the server again."""

Taken = Sequence[tuple[str, Slot]]
"""Times, each with the UID of its event."""
Uids = Callable[[datetime, datetime], Awaitable[frozenset[str]]]


class CaldavCalendar:
    """Implements Elsewhere."""

    def __init__(
        self,
        server: CaldavServer,
        zone: ZoneInfo,
        outdated: Uids,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``outdated``: UIDs of our own meetings that were cancelled or moved, and may be there still as they were ·
        ``clock``: seconds."""
        self.problem: str | None = None
        """The code of why the calendar does not count as it should."""
        self._server = server
        self._zone = zone
        self._outdated = outdated
        self._clock = clock
        self._known: Taken = ()
        self._read_at: float | None = None
        self._failed_at: float | None = None
        self._reading = asyncio.Lock()

    async def busy(self, now: datetime, days_ahead: int) -> Sequence[Slot]:
        within = Slot(now - timedelta(days=1), now + timedelta(days=days_ahead + 1))
        async with self._reading:
            if not self._is_younger(self._read_at, FRESH_S):
                read = await self._read(within)
                if read is not None:
                    self._known, self._read_at = read, self._clock()
        return await self._current(self._last_known(), within)

    async def taken(self, slot: Slot, now: datetime, *, but: str | None = None) -> bool:
        read = await self._read(slot)
        if read is None:
            log.warning("booking goes without the calendar elsewhere: %s", self.problem)
            read = self._last_known()
        others = [(uid, each) for uid, each in read if uid != but]
        slots = await self._current(others, Slot(min(now, slot.start) - timedelta(days=1), slot.end))
        return any(each.start < slot.end and each.end > slot.start for each in slots)

    def _last_known(self) -> Taken:
        return self._known if self._is_younger(self._read_at, KNOWN_S) else ()

    async def _read(self, within: Slot) -> Taken | None:
        """None: it cannot be read now."""
        if self._is_younger(self._failed_at, LEFT_ALONE_S):
            return None
        try:
            async with asyncio.timeout(LOAD_DEADLINE_S):
                await self._server.load()
                busy_times = await loaded(_reader)
            texts = await self._server.events(within)
            async with asyncio.timeout(UNFOLD_DEADLINE_S):
                read = await asyncio.to_thread(busy_times, texts, within, self._zone)
        except (CaldavError, TimeoutError) as error:
            self._failed_at = self._clock()
            problem = error.code if isinstance(error, CaldavError) else "caldav_timeout"
            if problem != self.problem:
                log.warning("the calendar elsewhere cannot be read: %s", problem)
            self.problem = problem
            return None
        self._failed_at = None
        self.problem = "caldav_unreadable_events" if read.unreadable else None
        return read.slots

    async def _current(self, read: Taken, within: Slot) -> list[Slot]:
        try:
            async with asyncio.timeout(DATABASE_DEADLINE_S):
                outdated = await self._outdated(within.start, within.end) if read else frozenset()
        except (StorageError, TimeoutError):  # whoever asks meets it too, and says so
            outdated = frozenset()
        return [slot for uid, slot in read if uid not in outdated]

    def _is_younger(self, at: float | None, age_s: float) -> bool:
        return at is not None and self._clock() - at < age_s


def _reader() -> "Callable[[Sequence[str], Slot, ZoneInfo], BusyTimes]":
    from pipelines.calendar.busy_times import busy_times  # noqa: PLC0415 - slow to import

    return busy_times
