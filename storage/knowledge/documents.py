"""Documents that were uploaded, read by whichever process gets to it, and the topics that came of them."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID, uuid4

from asyncpg import Record
from msgspec import Struct

from storage.errors import InvalidCursor, StorageError
from storage.knowledge.topics import MOST_TOPICS, KnowledgeTopic, count_topics, lock_topics, topic_of
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_after, page_of
from storage.postgres.database import Database
from storage.postgres.leases import Leases
from storage.postgres.named_query import load_queries

DocumentStatus = Literal["processing", "ready", "failed"]

MOST_DOCUMENTS: Final = 500
LEASE_S: Final = 120.0
"""A reading that takes longer is that of a dead process."""

_TITLE_CHARS: Final = 300
_QUERIES = load_queries("storage.queries", "documents.sql")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class DocumentRow(Struct, frozen=True, kw_only=True):
    """``topics``: how many of its topics there are now."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    status: DocumentStatus
    error_code: str | None
    error_message: str | None
    pages: int | None
    characters: int | None
    topics: int
    created_at: datetime
    updated_at: datetime


class ToRead(Struct, frozen=True):
    """A document in this process's hands. ``readings``: how often it was begun."""

    id: UUID
    name: str
    media_type: str
    content: bytes
    readings: int


class Documents:
    """The repository of documents. Every method raises StorageError."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self._leases = Leases(database, ToRead, _QUERIES["claim_document"], lease_s=lease_s)

    async def add(self, name: str, media_type: str, content: bytes, *, replaces: bool, now: datetime) -> UUID:
        """To be read. ``replaces``: others of its name go once it is. Raises ``document_known``, ``documents_full``."""
        digest = await asyncio.to_thread(_digest, content)
        if int(await self._database.fetch_value(_QUERIES["count_documents"])) >= MOST_DOCUMENTS:
            raise StorageError("documents_full", f"At most {MOST_DOCUMENTS} documents are kept; delete some.")
        document_id = await self._database.fetch_value(
            _QUERIES["insert_document"],
            id=uuid4(),
            name=name,
            media_type=media_type,
            size_bytes=len(content),
            digest=digest,
            replaces=replaces,
            content=content,
            now=now,
        )
        if document_id is None:
            known = await self._database.fetch_value(_QUERIES["name_of_digest"], digest=digest)
            raise StorageError("document_known", f"This very file is there already, as '{known or name}'.")
        return UUID(str(document_id))

    async def get(self, document_id: UUID) -> DocumentRow | None:
        row = await self._database.fetch_one(_QUERIES["select_document"], id=document_id)
        return DocumentRow(**row) if row is not None else None

    async def list(
        self, *, status: DocumentStatus | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[DocumentRow]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before, before_id = page_after(cursor)
        rows = await self._database.fetch_all(
            _QUERIES["list_documents"],
            status=status,
            before=before,
            before_id=before_id,
            rows=limit + 1,
        )
        return page_of([DocumentRow(**row) for row in rows], limit, key=lambda row: (row.created_at, str(row.id)))

    async def text(self, document_id: UUID) -> str | None:
        """None: there is no such document, or it is not read."""
        text: str | None = await self._database.fetch_value(_QUERIES["text_of_document"], id=document_id)
        return text

    async def topics(self, document_id: UUID, *, limit: int = 50, cursor: str | None = None) -> Page[KnowledgeTopic]:
        """In the document's order. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        after = decode_cursor(cursor).id if cursor is not None else None
        if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 9):
            raise InvalidCursor
        rows = await self._database.fetch_all(
            _QUERIES["topics_of_document"],
            id=document_id,
            after=int(after) if after is not None else None,
            rows=limit + 1,
        )
        page: Page[Record] = page_of(rows, limit, key=lambda row: (_BEGINNING, str(row["document_position"])))
        return Page(tuple(topic_of(row) for row in page.items), page.next_cursor)

    async def claim(self) -> ToRead | None:
        """The next to read; None: there is none. It is this process's for ``LEASE_S``."""
        return await self._leases.claim()

    async def leave(self, document: ToRead) -> None:
        """For another process, or later."""
        await self._database.execute(_QUERIES["leave_document"], id=document.id, readings=document.readings)

    async def fail(self, document: ToRead, code: str, message: str, *, now: datetime) -> None:
        await self._database.execute(
            _QUERIES["document_failed"],
            id=document.id,
            readings=document.readings,
            code=code,
            message=message,
            now=now,
        )

    async def finish(
        self, document: ToRead, *, pages: int | None, text: str, topics: Sequence[tuple[str, str]], now: datetime
    ) -> bool:
        """Its topics are known from here on, under other titles where theirs are taken. False: it was deleted, or is
        another process's. Raises ``knowledge_full``."""
        async with self._database.transaction() as transaction:
            await lock_topics(transaction)
            row = await transaction.fetch_one(_QUERIES["lock_document"], id=document.id, readings=document.readings)
            if row is None:
                return False
            if row["replaces"]:
                await transaction.execute(_QUERIES["delete_replaced"], id=document.id, name=row["name"])
            if await count_topics(transaction) + len(topics) > MOST_TOPICS:
                message = (
                    f"It makes {len(topics)} topics, and at most {MOST_TOPICS} are kept in all: "
                    "delete other documents, or upload the parts that callers ask about."
                )
                raise StorageError("knowledge_full", message)
            left = dict(enumerate(topics))
            for titled in (_own_title, _with_name, _with_number, _with_id):
                if not left:
                    break
                rows = await transaction.fetch_all(
                    _QUERIES["insert_topics_of_document"],
                    document_id=document.id,
                    ids=[uuid4() for _ in left],
                    titles=[titled(title, document, number) for number, (title, _) in left.items()],
                    texts=[text for _, text in left.values()],
                    positions=list(left),
                    now=now,
                )
                for inserted in rows:
                    del left[inserted["document_position"]]
            await transaction.execute(_QUERIES["document_is_ready"], id=document.id, pages=pages, text=text, now=now)
        return True

    async def delete(self, document_id: UUID) -> bool:
        """With its topics. False: there is no such document."""
        async with self._database.transaction() as transaction:
            await lock_topics(transaction)
            return await transaction.execute(_QUERIES["delete_document"], id=document_id) == 1


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _own_title(title: str, _document: ToRead, _number: int) -> str:
    return title[:_TITLE_CHARS]


def _with_name(title: str, document: ToRead, _number: int) -> str:
    return f"{title[:150]} ({document.name[:100]})"


def _with_number(title: str, document: ToRead, number: int) -> str:
    return f"{title[:150]} ({document.name[:100]}, {number + 1})"


def _with_id(title: str, document: ToRead, number: int) -> str:
    return f"{title[:150]} ({document.id}, {number + 1})"
