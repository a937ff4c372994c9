"""What could not be synced after all attempts, kept until somebody replays or discards it."""

from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries
from storage.postgres.rows import of_row

_SQL = load_queries("storage.queries", "crm_dead_letters.sql")

DeadLetterState = Literal["dead", "replayed", "discarded"]


class DeadLetter(Struct, frozen=True, kw_only=True):
    """``key`` is ``crm:dlq:{platform}:{timestamp}``; ``reason`` an error code; ``payload`` what was to be done."""

    key: str
    platform: str
    reason: str
    payload: dict[str, Any]
    attempts: int
    state: DeadLetterState
    created_at: datetime
    settled_at: datetime | None


class CrmDeadLetters:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> DeadLetter | None:
        row = await self._database.fetch_one(_SQL["crm_dead_letter_get"], key=key)
        return of_row(DeadLetter, row) if row else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        platform: str | None = None,
        state: DeadLetterState | None = None,
    ) -> Page[DeadLetter]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["crm_dead_letters_list"],
            platform=platform,
            state=state,
            before=after.at if after else None,
            before_id=after.id if after else None,
            rows=limit + 1,
        )
        return page_of(
            [of_row(DeadLetter, row) for row in rows], limit, key=lambda letter: (letter.created_at, letter.key)
        )


async def bury(
    transaction: Transaction,
    platform: str,
    *,
    reason: str,
    payload: dict[str, Any],
    attempts: int,
    now: datetime,
) -> str:
    """Keep it, and return its key. Two of one microsecond get neighbouring times."""
    moment = now
    while True:
        key = f"crm:dlq:{platform}:{moment.isoformat(timespec='microseconds')}"
        added = await transaction.execute(
            _SQL["crm_dead_letter_add"],
            key=key,
            platform=platform,
            reason=reason,
            payload=payload,
            attempts=attempts,
            now=now,
        )
        if added:
            return key
        moment += timedelta(microseconds=1)


async def settle_letter(transaction: Transaction, key: str, state: DeadLetterState, *, now: datetime) -> bool:
    """False: it is settled already, or there is none."""
    return await transaction.execute(_SQL["crm_dead_letter_settle"], key=key, state=state, now=now) == 1
