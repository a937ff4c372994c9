"""What is written of calls while they last, whatever becomes of one of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_server.call_audio import writing
from agent_server.call_audio.keeping import CallAudioKeeping
from agent_server.call_audio.spool_files import adopted
from agent_server.call_audio.work import CallAudioWork
from agent_server.settings import CallAudioSettings, ProcessSettings
from storage.blobs.directory import DirectoryStore
from storage.calls.recordings import CallRecordings
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database

SOUND = b"\x00\x10" * 4800


@pytest.fixture
def work(database: Database, tmp_path: Path) -> CallAudioWork:
    store = DirectoryStore(tmp_path / "call-audio" / "store")
    keeping = CallAudioKeeping(CallAudioSettings(), store, CallRecordings(database), utc_now)
    return CallAudioWork(CallAudioSettings(call_audio="silent"), ProcessSettings(data_dir=tmp_path), keeping, utc_now)


@asynccontextmanager
async def at_work(work: CallAudioWork, name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work.work()[name]())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(came: Callable[[], Any]) -> Any:
    async with asyncio.timeout(5):
        while not (found := came()):
            await asyncio.sleep(0.01)
        return found


async def test_a_table_that_does_not_answer_keeps_no_sound_from_the_disk(
    work: CallAudioWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(work.keeping.records, "began", never)
    monkeypatch.setattr(writing, "FOLLOW_TIMEOUT_S", 0.05)
    monkeypatch.setattr(writing, "WRITE_EVERY_S", 0.05)
    spools = tmp_path / "call-audio" / "spool"
    async with at_work(work, "recordings"):
        with work.recording("conv_1", announced=False, changed=lambda _: None) as recorder:
            recorder.hear(SOUND, 0.0)
            (spool,) = await until(lambda: list(spools.glob("*.spool")))
            recorder.hear(SOUND, 100.0)
            await until(lambda: spool.stat().st_size > 2 * len(SOUND))


async def test_what_is_deleted_as_the_call_ends_is_never_encoded(work: CallAudioWork, tmp_path: Path) -> None:
    spools = tmp_path / "call-audio" / "spool"
    async with at_work(work, "recordings"):
        with work.recording("conv_1", announced=False, changed=lambda _: None) as recorder:
            recorder.hear(SOUND, 0.0)
            await until(lambda: list(spools.glob("*.spool")))
        assert adopted(spools, set()) is None, "it is ours until all of it is written"
        await work.delete_audio("conv_1")
        await until(lambda: not list(spools.glob("*")))
    recordings = await work.keeping.records.of_conversation("conv_1")
    assert {recording.state for recording in recordings} <= {"deleted"}


async def test_what_went_with_its_disk_is_not_awaited_for_ever(work: CallAudioWork) -> None:
    records, now = work.keeping.records, utc_now()
    at = {"started_at": now - timedelta(days=3), "now": now - timedelta(days=3)}
    await records.began("rec_lost", "conv_1", **at)
    await records.began("rec_on", "conv_2", started_at=now, now=now)
    await work.keeping.sweep()
    (lost,) = await records.of_conversation("conv_1")
    (on,) = await records.of_conversation("conv_2")
    assert (lost.state, lost.error_code, on.state) == ("failed", "lost", "recording")
    figures = {"offset_ms": 0, "duration_ms": 100, "size_bytes": 1, "started_at": now, "now": now}
    assert await records.ready("rec_lost", "conv_1", key="a/b.mp3", **figures), "it turned up"


async def test_what_is_over_is_encoded_once_nobody_writes_it(work: CallAudioWork, tmp_path: Path) -> None:
    async with at_work(work, "recordings"), at_work(work, "recordings that are over"):
        with work.recording("conv_1", announced=False, changed=lambda _: None) as recorder:
            recorder.hear(SOUND * 4, 0.0)
        await until(lambda: list((tmp_path / "call-audio" / "store").rglob("*.mp3")))
        await until(lambda: not list((tmp_path / "call-audio" / "spool").iterdir()))
    (recording,) = await work.keeping.records.of_conversation("conv_1")
    assert recording.state == "ready"
