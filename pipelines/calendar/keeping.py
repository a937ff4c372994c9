"""Puts bookings, their changes and cancellations into the calendar elsewhere, each once, whatever dies in between.

As invitations go out: whoever claims a booking has it alone for a while. An event put there twice is the same event, by
its name and UID. There is no last attempt: a booking is tried until its meeting is over.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from pipelines.calendar.caldav_server import LOAD_DEADLINE_S, WRITE_DEADLINE_S, CaldavError, CaldavServer
from pipelines.calendar.embedded import booking_of
from pipelines.calendar.organiser import Organiser
from pipelines.loading import loaded
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.meetings.bookings import Bookings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
CLAIM_S = 2 * (LOAD_DEADLINE_S + WRITE_DEADLINE_S)
_FIRST_WAIT_S = 15.0
_LONGEST_WAIT_S = 600.0


def wait_s(attempts: int) -> float:
    """Until the next try after so many."""
    return float(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(16, max(0, attempts - 1))))


class Keeping:
    """Run ``run`` as long as the process lives."""

    def __init__(
        self, bookings: Bookings, server: CaldavServer, organiser: Organiser, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.problem: str | None = None
        """The code of why the last booking is not there."""
        self._bookings = bookings
        self._server = server
        self._organiser = organiser
        self._now = now

    async def run(self) -> None:
        try:
            while True:
                try:
                    while await self.keep_one():
                        pass
                except StorageError as error:
                    log.warning("bookings wait for the calendar elsewhere: %s", error.code)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._server.close()

    async def keep_one(self) -> bool:
        """Whether there was anything to put there. Raises StorageError."""
        row = await self._bookings.elsewhere.claim(now=self._now(), for_s=CLAIM_S)
        if row is None:
            return False
        calendar_object = await loaded(_writer)
        organiser = self._organiser.as_agent(await self._bookings.agent_of(row.conversation_id))
        event = calendar_object(booking_of(row), organiser, sequence=row.sequence, now=self._now())
        try:
            await self._server.put(row.id, event)
        except CaldavError as error:
            self.problem = error.code
            log.warning("booking %s is not in the calendar elsewhere: %s", row.id, error.code)
            await self._bookings.elsewhere.later(row.id, now=self._now(), wait_s=wait_s(row.keep_attempts))
        else:
            self.problem = None
            await self._bookings.elsewhere.kept(row)
        return True


def _writer() -> Callable[..., bytes]:
    from pipelines.calendar.invitation import calendar_object  # noqa: PLC0415 - slow to import

    return calendar_object
