"""A caller who wants no recording gets none, also where the process stopped in the moment they said so."""

import asyncio
from pathlib import Path

import pytest

from agent_server.call_audio.keeping import CallAudioKeeping
from agent_server.call_audio.spool_files import SpoolFile, adopted
from agent_server.call_audio.work import CallAudioWork
from agent_server.hosting.opening import Opening
from agent_server.realtime.session_object import SessionConfig
from agent_server.settings import CallAudioSettings, ProcessSettings
from pipelines.call_audio.port import Head
from pipelines.call_audio.spool import Kind
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_audio
from storage.blobs.directory import DirectoryStore
from storage.calls.recordings import CallRecordings
from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord, ItemRecord
from storage.keys.secret_tokens import utc_now
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database

REFUSAL = "Please don't record this call."
SOUND = b"\x00\x10" * 4800


@pytest.fixture
def keeping(database: Database, tmp_path: Path) -> CallAudioKeeping:
    store = DirectoryStore(tmp_path / "call-audio" / "store")
    return CallAudioKeeping(CallAudioSettings(), store, CallRecordings(database), utc_now)


async def stored_refusal(database: Database) -> None:
    """On record, and nothing done about it."""
    now = utc_now()
    record = ConversationRecord(id="conv_1", channel="phone", session={}, created_at=now, updated_at=now)
    said = ItemRecord(id="item_1", position=1.0, role="user", heard_text=REFUSAL, created_at=now, updated_at=now)
    async with ConversationLog(database) as log:
        log.conversation(record)
        log.item("conv_1", said)


async def test_what_a_killed_process_left_of_it_is_deleted_with_what_was_stored_before(
    database: Database, keeping: CallAudioKeeping, tmp_path: Path
) -> None:
    before = tmp_path / "before.mp3"
    before.write_bytes(SOUND)
    await keeping.store.put("day/before.mp3", before)
    at = {"started_at": utc_now(), "now": utc_now()}
    figures = {"offset_ms": 0, "duration_ms": 100, "size_bytes": len(SOUND)}
    await keeping.records.ready("rec_before", "conv_1", key="day/before.mp3", **figures, **at)
    await stored_refusal(database)
    killed = SpoolFile(tmp_path / "spool" / "rec_1.spool", Head("rec_1", "conv_1", 1_800_000_000.0))
    killed.write([(Kind.CALLER, 0.0, 0, SOUND)])
    killed.close()
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700, "what it is encoded to is nobody else's either"
    left = adopted(tmp_path / "spool", set())
    assert left is not None
    assert await keeping.keep(left)
    assert {recording.state for recording in await keeping.records.of_conversation("conv_1")} == {"deleted"}
    assert await keeping.records.is_refused("conv_1")
    assert not [path for path in (tmp_path / "call-audio").rglob("*") if path.is_file()]
    assert not list((tmp_path / "spool").iterdir())


async def test_a_process_that_stops_in_that_moment_leaves_no_sound(keeping: CallAudioKeeping, tmp_path: Path) -> None:
    process = ProcessSettings(data_dir=tmp_path)
    work = CallAudioWork(CallAudioSettings(call_audio="silent"), process, keeping, utc_now)
    spools = tmp_path / "call-audio" / "spool"
    with work.recording("conv_1", announced=False, changed=lambda _: None) as recorder:
        writing = asyncio.create_task(work.work()["recordings"]())
        recorder.hear(SOUND, 0.0)
        async with asyncio.timeout(5):
            while not [path for path in spools.glob("*") if path.stat().st_size > len(SOUND)]:
                await asyncio.sleep(0.01)
        said = act.Remember(user_audio("item_1", REFUSAL), 1.0, False)
        recorder.saw(facts.Tick(), [said], 1000.0)
        writing.cancel()
        await asyncio.wait([writing])
    left = adopted(spools, set())
    assert left is not None
    assert left.size() < 200
    left.close()


async def test_a_refusal_that_nobody_noted_holds_when_they_call_again(
    database: Database, keeping: CallAudioKeeping, tmp_path: Path
) -> None:
    await stored_refusal(database)
    work = CallAudioWork(CallAudioSettings(call_audio="silent"), ProcessSettings(data_dir=tmp_path), keeping, utc_now)
    history = await Conversations(database).resume("conv_1", now=utc_now(), latest=200)
    assert not await work.permitted(Opening("conv_1", "phone", SessionConfig(), history=history), "en")


async def test_nobody_is_recorded_in_a_language_in_which_a_refusal_is_not_understood(
    keeping: CallAudioKeeping, tmp_path: Path
) -> None:
    work = CallAudioWork(
        CallAudioSettings(call_audio="announced"), ProcessSettings(data_dir=tmp_path), keeping, utc_now
    )
    opening = Opening("conv_1", "phone", SessionConfig())
    assert [await work.permitted(opening, language) for language in ("en-GB", "de", "pl")] == [True, True, False]
    assert work.words("de").announcement.startswith("Dieses Gespräch wird aufgezeichnet")
    assert work.words("en").announcement.startswith("This call is recorded")
