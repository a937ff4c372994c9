"""Reads documents that were uploaded, here or at another process, one after the other."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from agent_server.knowledge.teaching import Teaching
from pipelines.documents.port import DocumentError, MediaType
from pipelines.documents.reading import read_document
from storage.errors import StorageError
from storage.knowledge.documents import Documents, ToRead
from storage.outage import Outage

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
"""How soon a document is taken up whose process died, once its time is over."""

MOST_READINGS: Final = 3
UPLOADS_AT_ONCE: Final = 2
"""Each is in memory whole."""


class DocumentWork:
    """``kept`` is where documents are, ``uploads`` the places for files that arrive."""

    def __init__(self, kept: Documents, teaching: Teaching, now: Callable[[], datetime]) -> None:
        self.kept = kept
        self.uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._teaching = teaching
        self._now = now
        self._wanted = asyncio.Event()

    async def add(self, name: str, media_type: MediaType, content: bytes, *, replaces: bool) -> UUID:
        """Raises StorageError."""
        document_id = await self.kept.add(name, media_type, content, replaces=replaces, now=self._now())
        self._wanted.set()
        return document_id

    async def delete(self, document_id: UUID) -> bool:
        """With its topics. Raises StorageError."""
        if not await self.kept.delete(document_id):
            return False
        await self._teaching.refresh()
        return True

    async def keep(self) -> None:
        outage = Outage(log, "documents cannot be read now")
        while True:
            self._wanted.clear()
            with outage.waited_out():
                while document := await self.kept.claim():
                    await self._take_in(document)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    async def _take_in(self, document: ToRead) -> None:
        try:
            if document.readings > MOST_READINGS:
                raise DocumentError("document_unreadable", "Each process that read it came to an end.")
            read = await read_document(document.content, cast("MediaType", document.media_type), document.name)
            topics = [(section.title, section.text) for section in read.sections]
            if not await self.kept.finish(document, pages=read.pages, text=read.text, topics=topics, now=self._now()):
                return
            log.info("a document is known", extra={"fields": {"document_id": str(document.id), "topics": len(topics)}})
        except asyncio.CancelledError:
            # This process stops; another goes on at once.
            await asyncio.shield(self._leave(document))
            raise
        except DocumentError as error:
            if error.retryable and document.readings < MOST_READINGS:
                log.warning("a document is read later: %s", error.code)
                return
            await self._fail(document, error.code, str(error))
        except StorageError as error:
            if error.retryable:
                raise
            await self._fail(document, error.code, str(error))
        await self._teaching.refresh()

    async def _fail(self, document: ToRead, code: str, message: str) -> None:
        await self.kept.fail(document, code, message, now=self._now())
        log.info("a document cannot be read: %s", code, extra={"fields": {"document_id": str(document.id)}})

    async def _leave(self, document: ToRead) -> None:
        try:
            await self.kept.leave(document)
        except StorageError as error:
            log.warning("a document waits for the end of its reading: %s", error.code)
