"""Sends the invitations that bookings wait for, once each change, whatever dies in between.

A booking says itself that somebody is to be told. Whoever claims it has it alone for as long as it says so; a process
that dies leaves it to the next. A mail that went out just before a crash may go out again: it is the same message to a
mail program, by its Message-ID and the event's UID and SEQUENCE. So may, once, one of which the mail server did not say
whether it took it; after that a person is told that nobody knows.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from pipelines.calendar.claimed_mail import CLAIM_S, Hold, held, noted
from pipelines.calendar.embedded import booking_of
from pipelines.calendar.mail import Mail, MailError, invitation_mail
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.port import Booking, BookingRequest, Slot
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.meetings.bookings import Bookings
from storage.meetings.withdrawals import Withdrawal

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Mails under way in a process: one that takes long holds up no other."""
LOOK_EVERY_S = 5.0
MOST_ATTEMPTS = 12
MOST_IN_DOUBT = 2
_FIRST_WAIT_S = 60.0
_LONGEST_WAIT_S = 3600.0


def wait_s(attempts: int) -> float:
    """Until the next try after so many."""
    return float(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** max(0, attempts - 1)))


class Inviting:
    """Run ``run`` as long as the process lives, up to ``AT_ONCE`` times."""

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
        """Whether there was anybody to tell something. Raises StorageError."""
        return await self._withdraw() or await self._invite()

    async def _invite(self) -> bool:
        row = await self._bookings.invitations.claim(now=self._now(), for_s=CLAIM_S)
        if row is None:
            return False
        error = await self._mailed(
            booking_of(row),
            row.sequence,
            lambda: self._bookings.invitations.hold(row, now=self._now(), for_s=CLAIM_S),
        )
        if error is None:
            await noted(lambda: self._bookings.invitations.sent(row, now=self._now()))
            return True
        again_at = None
        if _is_last(error, row.invite_attempts):
            log.error("invitation %s given up: %s", row.id, error.code)
        else:
            log.warning("invitation %s not sent: %s", row.id, error.code)
            again_at = self._now() + timedelta(seconds=wait_s(row.invite_attempts))
        in_doubt = error.in_doubt
        await noted(lambda: self._bookings.invitations.not_sent(row, error.code, again_at=again_at, in_doubt=in_doubt))
        return True

    async def _withdraw(self) -> bool:
        withdrawals = self._bookings.withdrawals
        found = await withdrawals.claim(now=self._now(), for_s=CLAIM_S)
        if found is None:
            return False
        error = await self._mailed(
            _withdrawn(found),
            found.sequence,
            lambda: withdrawals.again(found, now=self._now(), wait_s=CLAIM_S),
            withdrawn=True,
        )
        if error is None:
            await noted(lambda: withdrawals.over(found))
        elif _is_last(error, found.attempts):
            log.error("an address of invitation %s is not told of its end: %s", found.booking_id, error.code)
            await noted(lambda: withdrawals.over(found))
        else:
            log.warning("an address of invitation %s is not told of its end yet: %s", found.booking_id, error.code)
            await withdrawals.again(found, now=self._now(), wait_s=wait_s(found.attempts))
        return True

    async def _mailed(
        self, booking: Booking, sequence: int, hold: Hold, *, withdrawn: bool = False
    ) -> MailError | None:
        """None: it went out. Raises StorageError."""
        organiser = self._organiser.as_agent(await self._bookings.agent_of(booking.request.conversation_id))
        try:
            message = invitation_mail(booking, organiser, sequence=sequence, now=self._now(), withdrawn=withdrawn)
        except ValueError:
            return MailError("invalid_address", refused=True)
        try:
            async with held(hold):
                await self._mail.send(message)
        except MailError as error:
            return error
        except TimeoutError:
            return MailError("mail_claim_lost", refused=False, in_doubt=True)
        return None


def _is_last(error: MailError, attempts: int) -> bool:
    """Whether it is not tried again after so many."""
    return error.refused or attempts >= (MOST_IN_DOUBT if error.in_doubt else MOST_ATTEMPTS)


def _withdrawn(withdrawal: Withdrawal) -> Booking:
    """The meeting as the address knew it. For that address it is cancelled."""
    return Booking(
        id=withdrawal.booking_id,
        uid=withdrawal.uid,
        slot=Slot(withdrawal.starts_at, withdrawal.ends_at),
        status="cancelled",
        request=BookingRequest(
            start=withdrawal.starts_at,
            time_zone=withdrawal.time_zone,
            email=withdrawal.email,
            name=withdrawal.name,
            company=withdrawal.company,
            conversation_id=withdrawal.conversation_id,
        ),
    )
