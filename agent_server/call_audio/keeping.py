"""Recordings once the call is over: encoded, put into the store, deleted when their time has come."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec
from prometheus_client import Counter

from agent_server.call_audio.spool_files import SpoolFile
from agent_server.settings import CallAudioSettings, ProcessSettings, Settings
from pipelines.call_audio.encoding import encoded
from pipelines.call_audio.port import CallAudioError, Encoded, Head
from pipelines.call_audio.wish import refuses_recording
from storage.blobs.directory import DirectoryStore
from storage.blobs.port import BlobError, BlobStore
from storage.blobs.s3 import S3Access, S3Store
from storage.calls.recordings import CallRecording, CallRecordings
from storage.errors import StorageError
from storage.postgres.database import Database

log = logging.getLogger(__name__)

RECORDINGS: Final = Counter(
    "sales_agent_call_recordings",
    "Recordings of calls that ended: kept, or the code of why there is none.",
    ["outcome"],
)

DIRECTORY: Final = "call-audio"
LOST_AFTER: Final = timedelta(days=2)
"""No call lasts so long, and what is not in the store by then is on a disk that is gone."""

_BATCH: Final = 100


def audio_directory(process: ProcessSettings) -> Path:
    return process.data_dir / DIRECTORY


def store_of(settings: CallAudioSettings, process: ProcessSettings) -> BlobStore:
    """Opened when it is first used."""
    if settings.store is None:
        return DirectoryStore(audio_directory(process) / "store")
    bucket, _, prefix = settings.store.removeprefix("s3://").partition("/")
    assert settings.s3_access_key_id is not None, "checked at start"
    assert settings.s3_secret_access_key is not None, "checked at start"
    return S3Store(
        S3Access(
            bucket,
            prefix.strip("/"),
            settings.s3_endpoint_url,
            settings.s3_region,
            settings.s3_access_key_id,
            settings.s3_secret_access_key,
        )
    )


def outline_key(key: str) -> str:
    """Where the outline of a recording is."""
    return f"{key.removesuffix('.mp3')}.json"


class CallAudioKeeping:
    """What is done with recordings that are made."""

    def __init__(
        self, settings: CallAudioSettings, store: BlobStore, records: CallRecordings, now: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.records = records
        self._days = timedelta(days=settings.days)
        self._now = now

    async def keep(self, spool: SpoolFile) -> bool:
        """Encode and store what is in the file, which is this process's. False: it cannot be now, and stays."""
        recording_id = spool.path.stem
        try:
            head = await asyncio.to_thread(spool.head)
            if await self.is_refused(head.conversation_id):
                await self.refuse(head)
                await asyncio.to_thread(spool.discard)
                return True
            result = await encoded(spool.path, spool.target, await asyncio.to_thread(spool.size))
            await self._store(spool, result)
        except CallAudioError as error:
            if error.retryable:
                log.warning("a recording waits to be encoded: %s", error.code)
                return False
            log.log(
                logging.INFO if error.code == "no_sound" else logging.ERROR, "there is no recording: %s", error.code
            )
            if error.code != "no_sound":
                RECORDINGS.labels(error.code).inc()
            await self.moved(recording_id, "failed", error.code)
        except (BlobError, StorageError, OSError) as error:
            log.warning("a recording waits to be stored: %s", getattr(error, "code", type(error).__name__))
            return False
        await asyncio.to_thread(spool.discard)
        return True

    async def is_refused(self, conversation_id: str) -> bool:
        """The caller wants none: that is on record, or they said so to a process that stopped before it put that there.
        Raises StorageError."""
        if await self.records.is_refused(conversation_id):
            return True
        said = await self.records.said_by_caller(conversation_id)
        return await asyncio.to_thread(lambda: any(map(refuses_recording, said)))  # it may be months of words

    async def refuse(self, head: Head) -> None:
        """The caller wants none: what there is goes, and nothing more is kept. Raises BlobError, StorageError."""
        await self.records.refuse(head.recording_id, head.conversation_id, now=self._now())
        await self.delete(head.conversation_id)

    async def _store(self, spool: SpoolFile, result: Encoded) -> None:
        head, outline = result.head, result.outline
        started_at = datetime.fromtimestamp(head.started_s, UTC)
        key = f"{started_at:%Y-%m-%d}/{head.recording_id}.mp3"
        await asyncio.to_thread(spool.outline.write_bytes, msgspec.json.encode(outline))
        await self.store.put(outline_key(key), spool.outline)
        await self.store.put(key, spool.target)
        wanted = await self.records.ready(
            head.recording_id,
            head.conversation_id,
            key=key,
            started_at=started_at,
            offset_ms=outline.offset_ms,
            duration_ms=outline.duration_ms,
            size_bytes=result.bytes,
            now=self._now(),
        )
        if wanted:
            RECORDINGS.labels("kept").inc()
        else:
            await self._delete_blobs(key)

    async def moved(self, recording_id: str, state: Literal["processing", "failed"], code: str | None = None) -> None:
        """Note it, where the table can be reached."""
        try:
            await self.records.moved(recording_id, state, error_code=code, now=self._now())
        except StorageError as error:
            log.warning("the state of a recording is not in the table: %s", error.code)

    async def delete(self, conversation_id: str) -> int:
        """All sound of a conversation. Returns of how many connections. Raises BlobError, StorageError."""
        found = await self.records.of_conversation(conversation_id)
        return await self._delete([recording for recording in found if recording.state != "deleted"])

    async def sweep(self) -> int:
        """Delete what is too old to keep; how many that were. Raises BlobError, StorageError."""
        swept, now = 0, self._now()
        await self.records.lost(now - LOST_AFTER, now=now)
        while batch := await self.records.too_old(now - self._days, rows=_BATCH):
            swept += await self._delete(batch)
        if swept:
            log.info("%d recordings were too old to keep", swept)
        return swept

    async def _delete(self, recordings: Sequence[CallRecording]) -> int:
        for recording in recordings:
            if recording.key is not None:
                await self._delete_blobs(recording.key)
        return await self.records.deleted([recording.id for recording in recordings], now=self._now())

    async def _delete_blobs(self, key: str) -> None:
        await self.store.delete(key)
        await self.store.delete(outline_key(key))


def call_audio_keeping(settings: Settings, database: Database, now: Callable[[], datetime]) -> CallAudioKeeping:
    audio = settings.call_audio
    return CallAudioKeeping(audio, store_of(audio, settings.process), CallRecordings(database), now)


async def quiet_sweep(keeping: CallAudioKeeping) -> None:
    """What cannot be deleted now is deleted at the next sweep."""
    try:
        await keeping.sweep()
    except (BlobError, StorageError) as error:
        log.warning("old recordings stay for now: %s", error.code)
