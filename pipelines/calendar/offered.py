"""The free times a conversation may name without waiting: read ahead of time, and again when somebody books.

A model that talks must not wait for a calendar. What it offers may be taken in the next second; then booking says so.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from pipelines.calendar.port import Calendar, CalendarError
from pipelines.playbook.slots import business_slots

log = logging.getLogger(__name__)

READ_EVERY_S = 30.0
DAYS_AHEAD = 14
MOST_SLOTS = 400


class OfferedTimes:
    """Call it for the free times after a moment, in that moment's zone. ``watch`` keeps them true."""

    def __init__(self) -> None:
        self._starts: tuple[datetime, ...] | None = None
        self._stale = asyncio.Event()

    def __call__(self, now: datetime) -> Sequence[datetime]:
        if self._starts is None:  # not read yet, or no calendar
            return business_slots(now)
        return [start.astimezone(now.tzinfo) for start in self._starts if start > now]

    def refresh(self) -> None:
        """Something was booked or cancelled: read again now."""
        self._stale.set()

    async def watch(self, calendar: Calendar, *, duration_minutes: int = 30) -> None:
        """Read the calendar now and then, until cancelled. One that cannot be read leaves what was known."""
        while True:
            self._stale.clear()
            now = datetime.now().astimezone()
            try:
                slots = await calendar.free_slots(
                    earliest=now,
                    latest=now + timedelta(days=DAYS_AHEAD),
                    duration_minutes=duration_minutes,
                    limit=MOST_SLOTS,
                )
                self._starts = tuple(slot.start for slot in slots)
            except CalendarError as error:
                log.warning("free times cannot be read: %s", error.code)
            try:
                async with asyncio.timeout(READ_EVERY_S):
                    await self._stale.wait()
            except TimeoutError:
                continue
