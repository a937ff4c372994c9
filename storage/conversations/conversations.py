"""Conversations in the database: listed, loaded, resumed, ended. ``storage.log.conversation_log`` writes live ones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from storage.conversations.records import (
    Channel,
    ConversationHistory,
    ConversationRecord,
    ConversationStatus,
    ItemRecord,
    ListedConversation,
    TurnRecord,
)
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_QUERIES = load_queries("storage.queries", "conversations.sql")

FIRST_WORDS_CHARS = 160
"""How much of what the caller said first a list tells."""


class Conversations:
    """The repository of conversations. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, record: ConversationRecord) -> None:
        """Raises InvalidData ``already_exists``."""
        await self._database.execute(_QUERIES["insert_conversation"], **msgspec.structs.asdict(record))

    async def get(self, conversation_id: str) -> ConversationRecord | None:
        row = await self._database.fetch_one(_QUERIES["select_conversation"], id=conversation_id)
        return ConversationRecord(**row) if row else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        status: ConversationStatus | None = None,
        channel: Channel | None = None,
        lead_id: UUID | None = None,
        agent: str | None = None,
        until: datetime | None = None,
    ) -> Page[ListedConversation]:
        """Newest first, those that began before ``until``; the filters given all apply.

        Raises InvalidCursor, or StorageError ``invalid_limit``.
        """
        check_limit(limit)
        after = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _QUERIES["list_conversations"],
            status=status,
            channel=channel,
            lead_id=lead_id,
            agent=agent,
            until=until,
            before=after.at if after else None,
            before_id=after.id if after else None,
            first_words_chars=FIRST_WORDS_CHARS,
            rows=limit + 1,
        )
        listed = [msgspec.convert(dict(row), ListedConversation) for row in rows]
        return page_of(listed, limit, key=lambda each: (each.created_at, each.id))

    async def load(self, conversation_id: str) -> ConversationHistory | None:
        """With every item, deleted ones too, and every turn, as they were at one moment."""
        async with self._database.snapshot() as snapshot:
            row = await snapshot.fetch_one(_QUERIES["select_conversation"], id=conversation_id)
            if row is None:
                return None
            items = await snapshot.fetch_all(_QUERIES["select_items"], conversation_id=conversation_id)
            turns = await snapshot.fetch_all(_QUERIES["select_turns"], conversation_id=conversation_id)
        return ConversationHistory(
            conversation=ConversationRecord(**row),
            items=tuple(ItemRecord(**item) for item in items),
            turns=tuple(TurnRecord(**turn) for turn in turns),
        )

    async def resume(self, conversation_id: str, *, latest: int, now: datetime) -> ConversationHistory | None:
        """Open it again, whatever its status, to go on with it: of the items not deleted the ``latest``, in order, and
        no turns.

        Items that were under way when it broke off are incomplete from now on.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.fetch_one(_QUERIES["reopen_conversation"], id=conversation_id, now=now)
            if row is None:
                return None
            await transaction.execute(_QUERIES["end_unfinished_items"], id=conversation_id, now=now)
            return await _latest(transaction, ConversationRecord(**row), latest)

    async def items(self, conversation_id: str, ids: Sequence[str]) -> tuple[ItemRecord, ...]:
        """Those of them that there are and that are not deleted."""
        query = _QUERIES["select_items_by_id"]
        rows = await self._database.fetch_all(query, conversation_id=conversation_id, ids=ids)
        return tuple(ItemRecord(**row) for row in rows)

    async def end_unfinished(self, conversation_id: str, *, now: datetime) -> None:
        """Items that are under way are incomplete from now on."""
        await self._database.execute(_QUERIES["end_unfinished_items"], id=conversation_id, now=now)

    async def end(self, conversation_id: str, status: ConversationStatus, *, now: datetime) -> bool:
        """Mark it closed or dropped. False: there is no such conversation."""
        query = _QUERIES["end_conversation"]
        return await self._database.execute(query, id=conversation_id, status=status, now=now) == 1


async def _latest(transaction: Transaction, conversation: ConversationRecord, latest: int) -> ConversationHistory:
    """One row more than asked for tells whether there are older ones."""
    query = _QUERIES["select_latest_items"]
    rows = await transaction.fetch_all(query, conversation_id=conversation.id, rows=latest + 1)
    older_from: float | None = None
    if len(rows) > latest:
        older_from = await transaction.fetch_value(_QUERIES["select_first_position"], conversation_id=conversation.id)
    items = tuple(ItemRecord(**row) for row in reversed(rows[:latest]))
    return ConversationHistory(conversation=conversation, items=items, older_from=older_from)
