"""What the agent was taught: topics of a title and a text. Every process learns of a change by the revision."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from asyncpg import Record
from msgspec import Struct

from storage.errors import StorageError
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

MOST_TOPICS: Final = 1000
"""All of them are in every process's memory."""

_QUERIES = load_queries("storage.queries", "knowledge_topics.sql")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class KnowledgeTopic(Struct, frozen=True):
    """``title`` is how people ask for it, ``text`` what is said of it. ``document_id``: what it came of, and goes
    with."""

    id: UUID
    title: str
    text: str
    document_id: UUID | None
    created_at: datetime
    updated_at: datetime


class ImportCounts(Struct, frozen=True):
    created: int
    updated: int
    deleted: int


class KnowledgeTopics:
    """The repository of topics. Every method raises StorageError; those that write ``knowledge_title_taken``, since
    titles differ by more than capitals, and ``knowledge_full``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revision(self) -> int:
        """Grows with every change."""
        return int(await self._database.fetch_value(_QUERIES["select_revision"]))

    async def all(self) -> tuple[int, list[KnowledgeTopic]]:
        """The revision, and the topics it is of."""
        rows = await self._database.fetch_all(_QUERIES["select_topics"])
        return int(rows[0]["revision"]), [topic_of(row) for row in rows if row["id"] is not None]

    async def list(self, *, limit: int = 50, cursor: str | None = None) -> Page[KnowledgeTopic]:
        """In order of titles. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor).id if cursor is not None else None
        rows = await self._database.fetch_all(_QUERIES["list_topics"], after=after, rows=limit + 1)
        return page_of([topic_of(row) for row in rows], limit, key=lambda topic: (_BEGINNING, topic.title))

    async def get(self, topic_id: UUID) -> KnowledgeTopic | None:
        row = await self._database.fetch_one(_QUERIES["select_topic"], id=topic_id)
        return topic_of(row) if row is not None else None

    async def create(self, title: str, text: str, *, now: datetime) -> KnowledgeTopic:
        async with self._database.transaction() as transaction:
            await lock_topics(transaction)
            if await count_topics(transaction) >= MOST_TOPICS:
                raise _full()
            row = await transaction.fetch_one(_QUERIES["insert_topic"], id=uuid4(), title=title, text=text, now=now)
        if row is None:
            raise _taken()
        return topic_of(row)

    async def change(
        self, topic_id: UUID, *, title: str | None, text: str | None, now: datetime
    ) -> KnowledgeTopic | None:
        """None leaves a field as it is; None returned: there is no such topic."""
        try:
            row = await self._database.fetch_one(_QUERIES["update_topic"], id=topic_id, title=title, text=text, now=now)
        except StorageError as error:
            if error.code == "already_exists":
                raise _taken() from None
            raise
        return topic_of(row) if row is not None else None

    async def delete(self, topic_id: UUID) -> bool:
        """False: there is no such topic."""
        return await self._database.execute(_QUERIES["delete_topic"], id=topic_id) == 1

    async def take_in(self, topics: Sequence[tuple[str, str]], *, replace: bool, now: datetime) -> ImportCounts:
        """Titles, which differ, with their texts; one that is there gets the new text. ``replace``: others go, but
        those of uploaded documents."""
        titles, texts = [title for title, _ in topics], [text for _, text in topics]
        async with self._database.transaction() as transaction:
            await lock_topics(transaction)
            deleted = 0
            if replace:
                deleted = await transaction.execute(_QUERIES["delete_other_topics"], titles=titles)
            rows = await transaction.fetch_all(
                _QUERIES["upsert_topics"], ids=[uuid4() for _ in topics], titles=titles, texts=texts, now=now
            )
            if await count_topics(transaction) > MOST_TOPICS:
                raise _full()
        created = sum(row["created"] for row in rows)
        return ImportCounts(created, len(rows) - created, deleted)


async def lock_topics(transaction: Transaction) -> None:
    """Nobody else changes topics until the transaction ends."""
    await transaction.fetch_value(_QUERIES["lock_topics"])


async def count_topics(transaction: Transaction) -> int:
    return int(await transaction.fetch_value(_QUERIES["count_topics"]))


def topic_of(row: Record) -> KnowledgeTopic:
    return KnowledgeTopic(
        row["id"], row["title"], row["text"], row["document_id"], row["created_at"], row["updated_at"]
    )


def _taken() -> StorageError:
    return StorageError("knowledge_title_taken", "There is a topic of that title.")


def _full() -> StorageError:
    return StorageError("knowledge_full", f"At most {MOST_TOPICS} topics are kept; make some of them one.")
