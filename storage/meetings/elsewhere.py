"""Which bookings a calendar elsewhere has, and as what."""

from datetime import datetime, timedelta

from storage.meetings.records import BookingRow, read_booking
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "bookings.sql")


class BookingsElsewhere:
    """The repository. ``Bookings`` makes what is to be put there. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outdated_uids(self, earliest: datetime, latest: datetime) -> frozenset[str]:
        """Events of ours that are elsewhere as they are no more: of cancelled meetings that began within, and of moved
        ones to come."""
        rows = await self._database.fetch_all(_SQL["bookings_outdated_uids"], earliest=earliest, latest=latest)
        return frozenset(row["uid"] for row in rows)

    async def claim(self, *, now: datetime, for_s: float) -> BookingRow | None:
        """A booking that is not in the calendar elsewhere as it is now, for this caller alone for so long."""
        row = await self._database.fetch_one(
            _SQL["bookings_claim_keeping"], now=now, again_at=now + timedelta(seconds=for_s)
        )
        return read_booking(row) if row else None

    async def kept(self, booking: BookingRow) -> None:
        """The booking is there as it was when it was claimed."""
        await self._database.execute(_SQL["booking_kept"], id=booking.id, sequence=booking.sequence)

    async def later(self, booking_id: str, *, now: datetime, wait_s: float) -> None:
        await self._database.execute(
            _SQL["booking_keep_later"], id=booking_id, again_at=now + timedelta(seconds=wait_s)
        )
