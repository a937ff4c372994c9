"""Whom bookings want to be told something by mail, and whether they were."""

from datetime import datetime, timedelta

from storage.meetings.records import BookingRow, read_booking
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "bookings.sql")


class BookingInvitations:
    """The repository. ``Bookings`` makes them, with each change of a meeting. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, *, now: datetime, for_s: float) -> BookingRow | None:
        """A booking whose attendee is to be told something, for this caller alone for so long; None: there is none."""
        row = await self._database.fetch_one(
            _SQL["bookings_claim_invitation"], now=now, until=now + timedelta(seconds=for_s)
        )
        return read_booking(row) if row else None

    async def hold(self, booking: BookingRow, *, now: datetime, for_s: float) -> bool:
        """It stays this caller's for so long from now. False: it is another's."""
        touched = await self._database.execute(
            _SQL["booking_hold_invitation"],
            id=booking.id,
            mails_begun=booking.mails_begun,
            until=now + timedelta(seconds=for_s),
        )
        return touched == 1

    async def sent(self, booking: BookingRow, *, now: datetime) -> None:
        """The attendee was told of the booking as it was."""
        await self._database.execute(
            _SQL["booking_invited"],
            id=booking.id,
            mails_begun=booking.mails_begun,
            sequence=booking.sequence,
            now=now,
        )

    async def not_sent(
        self, booking: BookingRow, code: str, *, again_at: datetime | None, in_doubt: bool = False
    ) -> None:
        """Why the attendee was not told. ``again_at``: of the next try; None: there is none · ``in_doubt``: they may
        have been told."""
        await self._database.execute(
            _SQL["booking_not_invited"],
            id=booking.id,
            mails_begun=booking.mails_begun,
            sequence=booking.sequence,
            code=code,
            again_at=again_at,
            in_doubt=in_doubt,
        )

    async def untold(self, *, now: datetime) -> int:
        """How many mails about meetings to come are to go out."""
        return int(await self._database.fetch_value(_SQL["bookings_untold"], now=now))
