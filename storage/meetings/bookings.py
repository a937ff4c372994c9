"""Meetings: who has which time, once each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import structs

from storage.conversations.outcomes import record_outcome
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.leads.of_outcomes import lock_conversation
from storage.meetings.bounds import Bounds, Held, is_full
from storage.meetings.elsewhere import BookingsElsewhere
from storage.meetings.invitations import BookingInvitations
from storage.meetings.records import BookingRow, BookingStatus, Claimant, MeetingAgent, NewBooking, read_booking
from storage.meetings.withdrawals import BookingWithdrawals
from storage.postgres.conflicts import begun_again
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import Query, load_queries

_SQL = load_queries("storage.queries", "bookings.sql")
_OUTCOMES = load_queries("storage.queries", "outcomes.sql")

IfBooked = Literal["refuse", "move", "add"]


class AlreadyBooked(StorageError):  # noqa: N818 - names the fact
    """The person has a meeting coming: ``row``."""

    def __init__(self, row: BookingRow) -> None:
        super().__init__("already_booked", "There is a meeting already.")
        self.row = row


class AddressHasMeeting(StorageError):  # noqa: N818 - names the fact
    """Somebody of that address has a meeting coming, and whether it is they is not known."""

    def __init__(self) -> None:
        super().__init__("address_has_meeting", "There is a meeting under that address already.")


class TooManyMeetings(StorageError):  # noqa: N818 - names the fact
    """As many lie ahead as are taken from them, or from people nobody knows."""

    def __init__(self) -> None:
        super().__init__("too_many_meetings", "There are as many meetings ahead as can be booked here.")


class UnknownBooking(StorageError):  # noqa: N818 - names the fact
    """The one that was named is not there, cancelled or over."""

    def __init__(self) -> None:
        super().__init__("unknown_booking", "There is no such meeting to come.")


class Bookings:
    """The repository. Every method raises StorageError. ``withdrawals``: addresses that were invited before another."""

    def __init__(self, database: Database) -> None:
        self.invitations = BookingInvitations(database)
        self.withdrawals = BookingWithdrawals(database)
        self.elsewhere = BookingsElsewhere(database)
        self._database = database

    @begun_again
    async def book(
        self,
        new: NewBooking,
        *,
        idempotency_key: str,
        buffer_minutes: int,
        now: datetime,
        if_booked: IfBooked = "add",
        bounds: Bounds = Bounds(),  # noqa: B008 - a value
    ) -> tuple[BookingRow, bool]:
        """The booking made or moved under the key, and whether that was just now. Its outcome is recorded with it, in
        the same transaction, which brings it to the lead and to the CRM.

        Somebody who wants the very time they have keeps it, and is invited at the address they tell by then. Raises
        InvalidData ``overlaps`` when the time is taken, AlreadyBooked with ``refuse``, AddressHasMeeting and
        UnknownBooking with ``refuse`` and ``move``, TooManyMeetings when somebody who is not identified has as many as
        ``bounds`` say.
        """
        async with self._database.transaction() as transaction:
            if new.conversation_id is not None:
                # Before any booking: what else it tells may be bringing its bookings to another lead.
                await lock_conversation(transaction, new.conversation_id)
            await transaction.fetch_value(_SQL["bookings_lock"])
            row = await transaction.fetch_one(_SQL["booking_by_key"], idempotency_key=idempotency_key)
            if row is not None:
                return read_booking(row), False
            values = {
                **{name: getattr(new, name) for name in NewBooking.__struct_fields__},
                "idempotency_key": idempotency_key,
                "buffer_minutes": buffer_minutes,
                "now": now,
            }
            coming = None if if_booked == "add" else await _coming_of(transaction, new, now)
            if coming is None:
                if not new.whose.identified and is_full(await _held(transaction, new, now), bounds):
                    raise TooManyMeetings
                booking_id = await _insert(transaction, values)
            elif (coming.starts_at, coming.ends_at) == (new.starts_at, new.ends_at):
                return await _readdressed(transaction, coming, values), False
            elif if_booked == "refuse":
                raise AlreadyBooked(coming)
            else:
                booking_id = await _move(transaction, coming, values)
            await _note_outcome(transaction, new, booking_id, idempotency_key, now, moved_from=coming)
            row = await transaction.fetch_one(_SQL["booking_get"], id=booking_id)
        assert row is not None
        return read_booking(row), True

    async def coming(self, claimant: Claimant, *, now: datetime) -> BookingRow | None:
        """Their next meeting."""
        row = await self._database.fetch_one(_coming(claimant), **structs.asdict(claimant), now=now)
        return read_booking(row) if row else None

    async def theirs(self, starts_at: datetime, claimant: Claimant) -> BookingRow | None:
        """The lead's or the conversation's own meeting at that time, cancelled or not."""
        row = await self._database.fetch_one(
            _SQL["booking_theirs"],
            starts_at=starts_at,
            lead_id=claimant.lead_id,
            conversation_id=claimant.conversation_id,
        )
        return read_booking(row) if row else None

    async def get(self, booking_id: str) -> BookingRow | None:
        row = await self._database.fetch_one(_SQL["booking_get"], id=booking_id)
        return read_booking(row) if row else None

    async def agent_of(self, conversation_id: str | None) -> MeetingAgent:
        """Who agreed on the meeting there, as far as a profile that was saved says so."""
        row = await self._database.fetch_one(_SQL["booking_agent"], conversation_id=conversation_id)
        return MeetingAgent(**row) if row is not None else MeetingAgent()

    async def under(self, idempotency_key: str) -> BookingRow | None:
        """The booking made or moved under this key."""
        row = await self._database.fetch_one(_SQL["booking_by_key"], idempotency_key=idempotency_key)
        return read_booking(row) if row else None

    async def cancel(self, booking_id: str, *, now: datetime) -> BookingRow | None:
        """Give its time back; cancelled twice is cancelled once. None: there is no such booking."""
        await self._database.execute(_SQL["booking_cancel"], id=booking_id, now=now)
        return await self.get(booking_id)

    async def busy(self, earliest: datetime, latest: datetime) -> list[tuple[datetime, datetime]]:
        """Times taken within, soonest first, without the free time kept around them."""
        rows = await self._database.fetch_all(_SQL["bookings_busy"], earliest=earliest, latest=latest)
        return [(row["starts_at"], row["ends_at"]) for row in rows]

    async def list(
        self,
        *,
        earliest: datetime,
        latest: datetime | None = None,
        status: BookingStatus | None = None,
        lead_id: UUID | None = None,
        conversation_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[BookingRow]:
        """Soonest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["bookings_list"],
            earliest=earliest,
            latest=latest,
            status=status,
            lead_id=lead_id,
            conversation_id=conversation_id,
            after_at=after.at if after else None,
            after_id=after.id if after else None,
            limit=limit + 1,
        )
        return page_of([read_booking(row) for row in rows], limit, lambda row: (row.starts_at, row.id))


async def _coming_of(transaction: Transaction, new: NewBooking, now: datetime) -> BookingRow | None:
    """Raises AddressHasMeeting, UnknownBooking."""
    query = _coming(new.whose)
    row = await transaction.fetch_one(query, **structs.asdict(new.whose), now=now)
    if row is not None:
        return read_booking(row)
    if new.whose.booking_id is not None:
        raise UnknownBooking
    if not new.whose.identified:
        anybody = Claimant(email=new.email, conversation_id=new.conversation_id)
        if await transaction.fetch_one(query, **structs.asdict(anybody), now=now):
            raise AddressHasMeeting
    return None


async def _held(transaction: Transaction, new: NewBooking, now: datetime) -> Held:
    row = await transaction.fetch_one(
        _SQL["bookings_held"],
        email=new.email,
        lead_id=new.whose.lead_id,
        conversation_id=new.conversation_id,
        now=now,
    )
    return Held(**row) if row is not None else Held()


def _coming(claimant: Claimant) -> Query:
    return _SQL["booking_coming" if claimant.booking_id is None else "booking_named"]


async def _insert(transaction: Transaction, values: Mapping[str, Any]) -> str:
    booking_id = new_id("bkg")
    invite_after = values["now"] if values["invite"] and values["email"] else None
    await transaction.execute(
        _SQL["booking_insert"], id=booking_id, uid=f"{booking_id}@sales-agent", invite_after=invite_after, **values
    )
    return booking_id


async def _move(transaction: Transaction, coming: BookingRow, values: Mapping[str, Any]) -> str:
    await transaction.execute(_SQL["booking_withdraw"], id=coming.id, **values)
    await transaction.execute(_SQL["booking_move"], id=coming.id, **values)
    await transaction.execute(_SQL["booking_note_move"], id=coming.id, moved_from=coming.starts_at, **values)
    return coming.id


async def _readdressed(transaction: Transaction, coming: BookingRow, values: Mapping[str, Any]) -> BookingRow:
    if not values["email"] or values["email"].lower() == (coming.email or "").lower():
        return coming
    await transaction.execute(_SQL["booking_withdraw"], id=coming.id, **values)
    await transaction.execute(_SQL["booking_readdress"], id=coming.id, **values)
    row = await transaction.fetch_one(_SQL["booking_get"], id=coming.id)
    assert row is not None
    return read_booking(row)


async def _note_outcome(
    transaction: Transaction,
    new: NewBooking,
    booking_id: str,
    idempotency_key: str,
    now: datetime,
    *,
    moved_from: BookingRow | None,
) -> None:
    """Without a conversation the booking stands for one, and its lead is the one it was made for."""
    told: Mapping[str, Any] = {
        "start": new.starts_at.isoformat(),
        "duration_minutes": int((new.ends_at - new.starts_at).total_seconds() // 60),
        "email": new.email,
        "name": new.name,
        "company": new.company,
        "notes": new.notes,
        "moved_from": moved_from.starts_at.isoformat() if moved_from else None,
    }
    data = {name: value for name, value in told.items() if value is not None}
    whose = new.conversation_id or booking_id
    if new.conversation_id is None and new.lead_id is not None:
        await transaction.execute(
            _OUTCOMES["insert_outcome"],
            idempotency_key=idempotency_key,
            conversation_id=whose,
            kind="meeting",
            data=data,
            created_at=now,
        )
        await transaction.execute(_OUTCOMES["outcome_set_lead"], idempotency_key=idempotency_key, lead_id=new.lead_id)
        return
    await record_outcome(transaction, idempotency_key, whose, "meeting", data, now=now)
    lead_id = await transaction.fetch_value(_OUTCOMES["outcome_lead"], idempotency_key=idempotency_key)
    await transaction.execute(_SQL["booking_give_to_lead"], id=booking_id, lead_id=lead_id)
