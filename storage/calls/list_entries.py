"""The people of call lists, each called by whichever process gets to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from storage.calls.figures import CountedCalls
from storage.calls.outbound import OPEN, CallStatus
from storage.errors import InvalidCursor, StorageError
from storage.leads.after_outcomes import OutcomeKind
from storage.phone_number import normalised
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

EntryStatus = Literal["waiting", "calling", "done", "left_out"]
EntryResult = Literal[
    "booked",
    "call_back",
    "reached",
    "not_interested",
    "do_not_call",
    "voicemail",
    "no_answer",
    "not_reached",
    "refused",
]
LeaveReason = Literal["no_phone", "no_consent", "do_not_call", "opted_out", "not_interested", "same_number"]

_SQL = load_queries("storage.queries", "call_list_entries.sql")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Listed(Struct, frozen=True, kw_only=True):
    """Somebody to decide on. ``lead_id`` None: they were erased · ``contact_phone``: E.164; None: it is no number ·
    ``tries``: the number of the call that is made · ``booked``: a meeting since the list was made."""

    id: UUID
    list_id: UUID
    lead_id: UUID | None
    status: EntryStatus
    tries: int
    contact_phone: str | None
    time_zone: str | None
    lead_status: str | None
    booked: bool


class CallOfEntry(Struct, frozen=True, kw_only=True):
    """A call that was asked for. ``kinds``: what was written down in its conversation · ``outcome``: how that ended, in
    the words of ``update_lead`` · ``call_back_at``: when they want to be called, if they said."""

    entry_id: UUID
    id: str
    status: CallStatus
    code: str | None
    retry_at: datetime | None
    answered_by: str | None
    conversation_id: str
    created_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    kinds: Sequence[OutcomeKind] = ()
    outcome: str | None = None
    call_back_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class EntryRow(Struct, frozen=True, kw_only=True):
    """``call_after``: when they are looked at next, while they wait; None: at once."""

    id: UUID
    position: int
    lead_id: UUID | None
    status: EntryStatus
    result: EntryResult | None
    reason: str | None
    call_after: datetime | None
    updated_at: datetime
    contact_name: str | None
    company_name: str | None
    contact_phone: str | None
    calls: tuple[CallOfEntry, ...] = ()


class CallListEntries(Struct, frozen=True):
    """The repository of the people of lists. Every method raises StorageError."""

    database: Database

    async def to_call(self, list_id: UUID, *, now: datetime, rows: int) -> tuple[Listed, ...]:
        """Whose turn it is, in their order."""
        found = await self.database.fetch_all(_SQL["entries_to_call"], list_id=list_id, now=now, rows=rows)
        return tuple(map(_listed, found))

    async def to_settle(self, *, now: datetime, talked_before: datetime, rows: int) -> tuple[Listed, ...]:
        """Whose call is over: so is its conversation, or the call ended before ``talked_before``."""
        found = await self.database.fetch_all(
            _SQL["entries_to_settle"], now=now, talked_before=talked_before, rows=rows
        )
        return tuple(map(_listed, found))

    async def settle_at(self, *, soon: datetime) -> datetime | None:
        """When there may be more to settle without anything being told; None: not so."""
        row = await self.database.fetch_one(_SQL["entries_settle_at"])
        if row is None:
            return None
        return soon if row["soon"] else row["claimed_until"]

    async def next_due(self, list_id: UUID, *, after: datetime) -> datetime | None:
        found = await self.database.fetch_value(_SQL["entries_next_due"], list_id=list_id, now=after)
        return found if isinstance(found, datetime) else None

    async def calls_of(self, entry_ids: Sequence[UUID]) -> dict[UUID, tuple[CallOfEntry, ...]]:
        """Oldest first."""
        found: dict[UUID, list[CallOfEntry]] = {entry_id: [] for entry_id in entry_ids}
        for row in await self.database.fetch_all(_SQL["calls_of_entries"], ids=[*entry_ids]):
            found[row["entry_id"]].append(CallOfEntry(**{**row, "call_back_at": _read_moment(row["call_back_at"])}))
        return {entry_id: tuple(calls) for entry_id, calls in found.items()}

    async def put_off(self, entry: Listed, until: datetime, *, now: datetime) -> None:
        """Unless it has changed since it was looked at."""
        await self.database.execute(
            _SQL["entry_put_off"], id=entry.id, status=entry.status, tries=entry.tries, until=until, now=now
        )

    async def end(self, entry: Listed, result: EntryResult, reason: str | None, *, now: datetime) -> None:
        """Unless it has changed since it was looked at."""
        await self.database.execute(
            _SQL["entry_done"],
            id=entry.id,
            status=entry.status,
            tries=entry.tries,
            result=result,
            reason=reason,
            now=now,
        )

    async def list(
        self,
        list_id: UUID,
        *,
        status: EntryStatus | None = None,
        result: EntryResult | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[EntryRow]:
        """In the list's order. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor).id if cursor is not None else None
        if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 9):
            raise InvalidCursor
        rows = await self.database.fetch_all(
            _SQL["list_entries"],
            list_id=list_id,
            status=status,
            result=result,
            after=int(after) if after is not None else None,
            rows=limit + 1,
        )
        calls = await self.calls_of([row["id"] for row in rows])
        entries = [
            EntryRow(**{**row, "call_after": moment_of(row["call_after"]), "calls": calls[row["id"]]}) for row in rows
        ]
        return page_of(entries, limit, key=lambda entry: (_BEGINNING, str(entry.position)))

    async def lead_of(self, list_id: UUID, entry_id: UUID) -> UUID | None:
        """Whom an entry is about. None: there is no such entry, or they were erased."""
        lead_id: UUID | None = await self.database.fetch_value(_SQL["lead_of_entry"], id=entry_id, list_id=list_id)
        return lead_id

    async def by_result(self, list_id: UUID) -> tuple[tuple[EntryResult, str | None, int], ...]:
        """Result, reason and how many people, the most frequent first."""
        rows = await self.database.fetch_all(_SQL["entries_by_result"], list_id=list_id)
        return tuple((row["result"], row["reason"], row["people"]) for row in rows)

    async def by_hour(self, list_id: UUID, time_zone: str) -> tuple[CountedCalls, ...]:
        """The calls that were dialled, by the hour of the day in that zone."""
        rows = await self.database.fetch_all(_SQL["calls_of_list_by_hour"], list_id=list_id, time_zone=time_zone)
        return tuple(CountedCalls(**row) for row in rows)


async def insert_entries(
    transaction: Transaction, list_id: UUID, leads: Sequence[tuple[UUID, LeaveReason | None]], *, now: datetime
) -> None:
    await transaction.execute(
        _SQL["insert_entries"],
        list_id=list_id,
        lead_ids=[lead_id for lead_id, _ in leads],
        positions=[*range(len(leads))],
        reasons=[reason for _, reason in leads],
        now=now,
    )


async def claim_entry(transaction: Transaction, entry_id: UUID, *, now: datetime, until: datetime) -> int | None:
    """Which call of theirs is to be made, by whoever claimed it. None: they wait no more."""
    tries: int | None = await transaction.fetch_value(_SQL["entry_claim"], id=entry_id, now=now, until=until)
    return tries


async def lock_refused(transaction: Transaction, list_id: UUID, entry_id: UUID) -> UUID | None:
    """The lead of somebody on the list who is left out or was not permitted. None: there is nobody like that."""
    lead_id: UUID | None = await transaction.fetch_value(_SQL["entry_refused_lock"], id=entry_id, list_id=list_id)
    return lead_id


async def take_in_entry(
    transaction: Transaction, list_id: UUID, entry_id: UUID, lead_id: UUID, *, now: datetime
) -> None:
    """They wait for a call. Raises StorageError ``same_number``."""
    if await transaction.fetch_value(_SQL["entry_same_number"], list_id=list_id, lead_id=lead_id):
        raise StorageError("same_number", "This list calls their number already, for somebody else.")
    await transaction.execute(_SQL["entry_take_in"], id=entry_id, now=now)


def call_key(entry_id: UUID, number: int) -> str:
    """Under which a call of theirs is asked for, once."""
    return f"call-list:{entry_id}:{number}"


def _listed(row: Record) -> Listed:
    return Listed(**{**row, "contact_phone": normalised(row["contact_phone"])})


def _read_moment(text: str | None) -> datetime | None:
    """As a tool was told, by whichever model."""
    try:
        told = datetime.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
    return told if told is not None and told.tzinfo is not None else None


def moment_of(found: object) -> datetime | None:
    """``-infinity`` comes as the smallest time there is."""
    return found if isinstance(found, datetime) and found.year > 1 else None
