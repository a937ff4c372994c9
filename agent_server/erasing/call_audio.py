"""Erases the sound of calls that were recorded."""

from collections.abc import AsyncIterator
from typing import Any

from agent_server.call_audio.keeping import CallAudioKeeping
from storage.blobs.port import BlobError
from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.errors import StorageError
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")


class CallAudio:
    """An eraser. Sound that still waits to be encoded is not stored any more once it is."""

    name = "call_audio"

    def __init__(self, keeping: CallAudioKeeping) -> None:
        self._keeping = keeping

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        rows = await self._rows(transaction, person)
        return {"call_audio": len(rows)}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        gone = 0
        try:
            for conversation in sorted({row["conversation_id"] for row in await self._rows(transaction, person)}):
                gone += await self._keeping.delete(conversation)
        except BlobError as error:
            raise StorageError(error.code, "Recordings of calls cannot be deleted now.", retryable=True) from error
        return {"call_audio": gone}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        for row in await self._rows(transaction, person):
            yield "call_audio", {**row, "download": f"/api/conversations/{row['conversation_id']}/audio"}

    async def _rows(self, transaction: Transaction, person: Person) -> list[dict[str, Any]]:
        rows = await transaction.fetch_all(_SQL["erasure_call_audio"], conversations=list(person.conversations))
        return [dict(row) for row in rows]
