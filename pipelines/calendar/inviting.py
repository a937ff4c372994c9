"""Sends the invitations that bookings wait for, once each change, whatever dies in between.

A booking says itself that somebody is to be told. Whoever claims it has it alone for a while; a process that dies
leaves it to the next. A mail that went out just before a crash may go out again: it is the same message to a mail
program, by its Message-ID and the event's UID and SEQUENCE.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from pipelines.calendar.embedded import booking_of
from pipelines.calendar.mail import Mail, MailError, invitation_mail
from pipelines.calendar.organiser import Organiser
from storage.bookings import BookingRow, Bookings
from storage.errors import StorageError
from storage.secret_tokens import utc_now

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
MOST_ATTEMPTS = 12
_FIRST_WAIT_S = 60.0
_LONGEST_WAIT_S = 3600.0


def wait_s(attempts: int) -> float:
    """Until the next try after so many."""
    return float(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** max(0, attempts - 1)))


class Inviting:
    """Run ``run`` as long as the process lives."""

    def __init__(
        self, bookings: Bookings, mail: Mail, organiser: Organiser, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._bookings = bookings
        self._mail = mail
        self._organiser = organiser
        self._now = now

    async def run(self) -> None:
        while True:
            try:
                while await self.invite_one():
                    pass
            except StorageError as error:
                log.warning("invitations wait: %s", error.code)
            await asyncio.sleep(LOOK_EVERY_S)

    async def invite_one(self) -> bool:
        """Whether there was anybody to invite. Raises StorageError."""
        row = await self._bookings.claim_invitation(now=self._now(), for_s=wait_s(1))
        if row is None:
            return False
        organiser = self._organiser.named(await self._bookings.company_of(row))
        try:
            message = invitation_mail(booking_of(row), organiser, sequence=row.sequence, now=self._now())
            await self._mail.send(message)
        except ValueError:
            await self._give_up(row, "invalid_address")
        except MailError as error:
            if error.refused or row.invite_attempts >= MOST_ATTEMPTS:
                await self._give_up(row, error.code)
            else:
                log.warning("invitation %s not sent: %s", row.id, error.code)
                await self._bookings.invite_later(row.id, now=self._now(), wait_s=wait_s(row.invite_attempts))
        else:
            await self._bookings.invited(row, now=self._now())
        return True

    async def _give_up(self, row: BookingRow, code: str) -> None:
        log.error("invitation %s given up: %s", row.id, code)
        await self._bookings.give_up_inviting(row.id)
