"""Numbers that nobody may call, shared by all processes. Opt-outs of leads enter theirs by a trigger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from storage.erasure.digests import ErasedPeople
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

Source = Literal["operator", "import", "opt_out"]

_SQL = load_queries("storage.queries", "do_not_call.sql")
_AT_ONCE: Final = 10_000
"""Numbers, each of which may end what call lists have in mind; well within the time a command has."""


class SuppressedNumber(Struct, frozen=True, kw_only=True):
    """``number``: E.164 · ``lead_id`` and ``conversation_id``: whose wish it was, and where it was said."""

    number: str
    reason: str
    source: Source
    lead_id: UUID | None
    conversation_id: str | None
    created_at: datetime


class ListedSuppression(SuppressedNumber, frozen=True, kw_only=True):
    """With whose it is, as its lead is called now."""

    company_name: str | None
    contact_name: str | None


class DoNotCall(Struct, frozen=True):
    """The repository of the list. Every method raises StorageError. ``erased`` has the numbers on it of people who were
    erased, known by hash alone."""

    database: Database
    erased: ErasedPeople

    async def holds(self, number: str) -> bool:
        """Whether nobody may call it, also when nobody is known any more to have said so."""
        known = await self.erased.get("phone", number)
        return (known is not None and known.do_not_call) or await self.get(number) is not None

    async def add(self, numbers: Sequence[str], *, reason: str, source: Source, now: datetime) -> int:
        """Returns how many were not on it yet."""
        given = sorted(set(numbers))  # in one order, so that two imports do not lock each other up
        added = 0
        for start in range(0, len(given), _AT_ONCE):
            some = given[start : start + _AT_ONCE]
            added += await self.database.execute(
                _SQL["do_not_call_add"], numbers=some, reason=reason, source=source, now=now
            )
        return added

    async def get(self, number: str) -> SuppressedNumber | None:
        row = await self.database.fetch_one(_SQL["do_not_call_get"], number=number)
        return SuppressedNumber(**row) if row is not None else None

    async def remove(self, number: str) -> bool:
        """False: it was not on it."""
        of_erased = await self.erased.may_be_called(number)
        return await self.database.execute(_SQL["do_not_call_remove"], number=number) == 1 or of_erased

    async def list(
        self, *, source: Source | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[ListedSuppression]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before = decode_cursor(cursor) if cursor is not None else None
        rows = await self.database.fetch_all(
            _SQL["do_not_call_list"],
            source=source,
            before_at=before.at if before is not None else None,
            before_number=before.id if before is not None else None,
            rows=limit + 1,
        )
        return page_of([ListedSuppression(**row) for row in rows], limit, key=lambda row: (row.created_at, row.number))


async def suppress_conversation(
    transaction: Transaction, conversation_id: str, lead_id: UUID | None, *, now: datetime
) -> None:
    """The number at the other end of a conversation, if it has one. ``lead_id``: who it was at its beginning."""
    await transaction.execute(
        _SQL["do_not_call_conversation"], conversation_id=conversation_id, lead_id=lead_id, now=now
    )


async def opt_out_lead(transaction: Transaction, conversation_id: str, lead_id: UUID | None, *, now: datetime) -> None:
    """Nobody may contact this person again, at any number. ``lead_id``: who it was at the conversation's beginning."""
    await transaction.execute(_SQL["do_not_call_opt_out"], conversation_id=conversation_id, lead_id=lead_id, now=now)
