"""Addresses that were invited to a meeting which has another address now, and are to be told so."""

from datetime import datetime, timedelta

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "booking_withdrawals.sql")


class Withdrawal(Struct, frozen=True, kw_only=True):
    """What the address knows of the meeting · ``uid`` and ``sequence``: of its iCalendar event · ``attempts``: with
    this one."""

    booking_id: str
    uid: str
    sequence: int
    email: str
    name: str | None
    company: str | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    conversation_id: str | None
    attempts: int


class BookingWithdrawals:
    """The repository. ``Bookings`` makes them, with the change of address. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, *, now: datetime, for_s: float) -> Withdrawal | None:
        """One that is to be told, for this caller alone for so long; None: there is none."""
        row = await self._database.fetch_one(
            _SQL["withdrawals_claim"], now=now, again_at=now + timedelta(seconds=for_s)
        )
        return Withdrawal(**{name: row[name] for name in Withdrawal.__struct_fields__}) if row else None

    async def again(self, withdrawal: Withdrawal, *, now: datetime, wait_s: float) -> bool:
        """It is to be told after so long, by whoever claims it then; until then it is this caller's. False: it is
        another's by now, or no more to be told."""
        touched = await self._database.execute(
            _SQL["withdrawal_again"],
            booking_id=withdrawal.booking_id,
            sequence=withdrawal.sequence,
            attempts=withdrawal.attempts,
            again_at=now + timedelta(seconds=wait_s),
        )
        return touched == 1

    async def over(self, withdrawal: Withdrawal) -> None:
        """Told, or given up."""
        await self._database.execute(
            _SQL["withdrawal_over"], booking_id=withdrawal.booking_id, sequence=withdrawal.sequence
        )
