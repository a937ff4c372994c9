"""What was recorded of calls: where it is, how long it is, and until when it is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

RecordingState = Literal["recording", "processing", "ready", "failed", "deleted"]

_QUERIES = load_queries("storage.queries", "call_recordings.sql")


class CallRecording(Struct, frozen=True, kw_only=True):
    """One connection's. ``offset_ms``: where on the session's clock, which began at ``started_at``, it begins. ``key``,
    ``offset_ms``, ``duration_ms`` and ``bytes`` are there once it is ready. ``refused``: the caller did not want it."""

    id: str
    conversation_id: str
    state: RecordingState
    error_code: str | None
    refused: bool
    key: str | None
    started_at: datetime
    offset_ms: int | None
    duration_ms: int | None
    bytes: int | None

    @property
    def is_kept(self) -> bool:
        """There is one, or there will be."""
        return self.state in ("recording", "processing", "ready")


class CallRecordings:
    """The repository of recordings. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def began(self, recording_id: str, conversation_id: str, *, started_at: datetime, now: datetime) -> None:
        await self._database.execute(
            _QUERIES["recording_began"],
            id=recording_id,
            conversation_id=conversation_id,
            started_at=started_at,
            now=now,
        )

    async def moved(
        self, recording_id: str, state: RecordingState, *, now: datetime, error_code: str | None = None
    ) -> None:
        """One that is ready or deleted stays so."""
        await self._database.execute(
            _QUERIES["recording_moves"], id=recording_id, state=state, code=error_code, now=now
        )

    async def ready(
        self,
        recording_id: str,
        conversation_id: str,
        *,
        key: str,
        started_at: datetime,
        offset_ms: int,
        duration_ms: int,
        size_bytes: int,
        now: datetime,
    ) -> bool:
        """False: it was deleted meanwhile, or is not wanted: the store must not keep it."""
        row = await self._database.fetch_value(
            _QUERIES["recording_ready"],
            id=recording_id,
            conversation_id=conversation_id,
            key=key,
            started_at=started_at,
            offset_ms=offset_ms,
            duration_ms=duration_ms,
            bytes=size_bytes,
            now=now,
        )
        return row is not None

    async def of_conversation(self, conversation_id: str) -> list[CallRecording]:
        """In order, the deleted among them."""
        rows = await self._database.fetch_all(_QUERIES["recordings_of_conversation"], conversation_id=conversation_id)
        return [CallRecording(**row) for row in rows]

    async def is_refused(self, conversation_id: str) -> bool:
        return bool(await self._database.fetch_value(_QUERIES["is_refused"], conversation_id=conversation_id))

    async def said_by_caller(self, conversation_id: str) -> list[str]:
        """All their words of the conversation."""
        rows = await self._database.fetch_all(_QUERIES["said_by_caller"], conversation_id=conversation_id)
        return [row["heard_text"] for row in rows]

    async def refuse(self, recording_id: str, conversation_id: str, *, now: datetime) -> None:
        """The caller wants none of the conversation, from now on."""
        await self._database.execute(
            _QUERIES["refuse_recordings"], id=recording_id, conversation_id=conversation_id, now=now
        )

    async def deleted(self, ids: Sequence[str], *, now: datetime) -> int:
        """Once their sound is gone. Returns how many were there."""
        return await self._database.execute(_QUERIES["recordings_deleted"], ids=list(ids), now=now)

    async def lost(self, before: datetime, *, now: datetime) -> None:
        """Those that changed last before that time are given up; one that turns up is ready all the same."""
        await self._database.execute(_QUERIES["recordings_lost"], before=before, now=now)

    async def too_old(self, before: datetime, *, rows: int) -> list[CallRecording]:
        """The oldest first."""
        found = await self._database.fetch_all(_QUERIES["recordings_too_old"], before=before, rows=rows)
        return [CallRecording(**row) for row in found]
