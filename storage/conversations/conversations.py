"""Conversations in the database: listed, loaded, resumed, ended. ``storage.log.conversation_log`` writes live ones."""

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
            items = await _items(snapshot, conversation_id)
            turns = await snapshot.fetch_all(_QUERIES["select_turns"], conversation_id=conversation_id)
        return ConversationHistory(
            conversation=ConversationRecord(**row), items=items, turns=tuple(TurnRecord(**turn) for turn in turns)
        )

    async def resume(self, conversation_id: str, *, now: datetime) -> ConversationHistory | None:
        """Open it again, whatever its status, to go on with it: the items not deleted, in order, and no turns.

        Items that were under way when it broke off are incomplete from now on.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.fetch_one(_QUERIES["reopen_conversation"], id=conversation_id, now=now)
            if row is None:
                return None
            await transaction.execute(_QUERIES["end_unfinished_items"], id=conversation_id, now=now)
            items = await _items(transaction, conversation_id, undeleted=True)
        return ConversationHistory(conversation=ConversationRecord(**row), items=items)

    async def end_unfinished(self, conversation_id: str, *, now: datetime) -> None:
        """Items that are under way are incomplete from now on."""
        await self._database.execute(_QUERIES["end_unfinished_items"], id=conversation_id, now=now)

    async def end(self, conversation_id: str, status: ConversationStatus, *, now: datetime) -> bool:
        """Mark it closed or dropped. False: there is no such conversation."""
        query = _QUERIES["end_conversation"]
        return await self._database.execute(query, id=conversation_id, status=status, now=now) == 1


async def _items(transaction: Transaction, conversation_id: str, *, undeleted: bool = False) -> tuple[ItemRecord, ...]:
    rows = await transaction.fetch_all(
        _QUERIES["select_items"], conversation_id=conversation_id, undeleted=undeleted or None
    )
    return tuple(ItemRecord(**row) for row in rows)
