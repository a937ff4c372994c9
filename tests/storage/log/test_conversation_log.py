import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from eventually import eventually
from prometheus_client import REGISTRY

from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord
from storage.log import conversation_log
from storage.log import writer as log_writer
from storage.log.conversation_log import ConversationLog
from storage.log.statements import _QUERIES, force_to_disk
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = ConversationRecord(id="conv_1", channel="phone", created_at=NOW, updated_at=NOW)
TIMEOUT_S = 20.0


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def item(id_: str = "item_1", seconds: float = 0.0, **fields: Any) -> ItemRecord:
    return ItemRecord(**{"id": id_, "position": 1.0, "created_at": NOW, "updated_at": at(seconds)} | fields)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"sales_agent_log_{name}", labels) or 0.0


def nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Until it is set."""
    stuck = asyncio.Event()

    async def wait(*_: Any) -> list[Any]:
        await stuck.wait()
        return []

    monkeypatch.setattr(log_writer, "write_rows", wait)
    return stuck


@pytest.fixture
async def log(dsn: str) -> AsyncIterator[ConversationLog]:
    async with await open_database(dsn, max_connections=2) as own, ConversationLog(own) as opened:
        yield opened


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


async def test_everything_handed_over_is_durable_after_a_flush(log, conversations):
    said = item(heard_text="Hello", content=[{"type": "input_text", "text": "Hello"}])
    turn = TurnRecord(item_id="item_1", response_latency_ms=384.5, timings={"sent_ms": 1.5}, created_at=NOW)
    log.conversation(RECORD)
    log.item("conv_1", said)
    log.turn("conv_1", turn)
    assert log.held_rows == 3
    assert await log.flush("conv_1", TIMEOUT_S)
    assert log.held_rows == 0
    history = await conversations.load("conv_1")
    assert (history.conversation, history.items, history.turns) == (RECORD, (said,), (turn,))
    assert await log.flush("conv_unknown", 0)


async def test_nobody_has_to_ask_for_a_write(log, conversations):
    log.conversation(RECORD)
    await eventually(lambda: log.held_rows == 0)
    assert await conversations.get("conv_1") == RECORD


async def test_states_that_arrive_together_are_written_once_in_their_newest_state(log, conversations):
    log.conversation(RECORD)
    await log.flush("conv_1", TIMEOUT_S)
    written = metric("rows_written_total")
    for step in range(100):
        log.item("conv_1", item(seconds=step, heard_text=f"word {step}"), progress=True)
    await log.flush("conv_1", TIMEOUT_S)
    assert metric("rows_written_total") - written == 1
    assert (await conversations.load("conv_1")).items[0].heard_text == "word 99"


async def test_progress_shares_writes_and_a_finished_state_does_not_wait(dsn, monkeypatch):
    monkeypatch.setattr(conversation_log, "PROGRESS_PAUSE_S", 3600.0)
    async with await open_database(dsn, max_connections=2) as own, ConversationLog(own) as log:
        log.conversation(RECORD)
        assert await log.flush("conv_1", TIMEOUT_S)
        written = metric("rows_written_total")
        log.item("conv_1", item("item_1"), progress=True)
        await asyncio.sleep(0.1)
        assert metric("rows_written_total") == written
        log.item("conv_1", item("item_2"))
        await eventually(lambda: log.held_rows == 0)


async def test_what_is_written_is_the_state_at_the_time_of_the_call(log, conversations):
    content: list[Any] = [{"type": "input_text", "text": "before"}]
    log.conversation(RECORD)
    log.item("conv_1", item(content=content))
    content[0]["text"] = "after"
    await log.flush("conv_1", TIMEOUT_S)
    assert (await conversations.load("conv_1")).items[0].content[0]["text"] == "before"


async def test_session_and_status_change_only_themselves(log, conversations):
    log.conversation(msgspec.structs.replace(RECORD, session={"voice": "anna"}, metadata={"kept": True}))
    log.session("conv_1", {"voice": "ben"}, now=at(1))
    log.status("conv_1", "dropped", now=at(2))
    await log.flush("conv_1", TIMEOUT_S)
    expected = msgspec.structs.replace(
        RECORD, session={"voice": "ben"}, metadata={"kept": True}, status="dropped", updated_at=at(2), ended_at=at(2)
    )
    assert await conversations.get("conv_1") == expected
    log.session("conv_1", {"voice": "carl"}, now=at(3))
    await log.flush("conv_1", TIMEOUT_S)
    expected = msgspec.structs.replace(expected, session={"voice": "carl"}, updated_at=at(3))
    assert await conversations.get("conv_1") == expected
    log.status("conv_1", "open", now=at(4))
    await log.flush("conv_1", TIMEOUT_S)
    expected = msgspec.structs.replace(expected, status="open", ended_at=None, updated_at=at(4))
    assert await conversations.get("conv_1") == expected


async def test_a_conversation_that_exists_is_left_as_it_is(log, conversations):
    await conversations.create(msgspec.structs.replace(RECORD, metadata={"first": True}))
    log.conversation(RECORD)
    await log.flush("conv_1", TIMEOUT_S)
    assert (await conversations.get("conv_1")).metadata == {"first": True}


async def test_late_writes_of_a_process_that_lost_the_conversation_are_ignored(log, conversations):
    log.conversation(RECORD)
    log.item("conv_1", item(seconds=10, heard_text="new"))
    log.status("conv_1", "open", now=at(10))
    await log.flush("conv_1", TIMEOUT_S)
    log.item("conv_1", item(seconds=9, heard_text="old"))
    log.status("conv_1", "dropped", now=at(9))
    await log.flush("conv_1", TIMEOUT_S)
    history = await conversations.load("conv_1")
    assert history.items[0].heard_text == "new"
    assert history.conversation.status == "open"


@pytest.mark.parametrize("name", ["log_conversations", "log_changes", "log_items", "log_turns"])
async def test_commits_do_not_wait_for_the_disk(database, name):
    setting = Query("setting", "SELECT current_setting('synchronous_commit')")
    async with database.transaction() as transaction:
        await transaction.execute(_QUERIES[name], rows="[]")
        assert await transaction.fetch_value(setting) == "off"
    assert await database.fetch_value(setting) == "on"


async def test_forcing_puts_everything_committed_on_the_disk(database):
    async with database.transaction() as transaction:
        await transaction.execute(Query("off", "SET LOCAL synchronous_commit = off"))
        await transaction.execute(Query("make", "CREATE TABLE made (id int)"))
    end = await database.fetch_value(Query("end", "SELECT pg_current_wal_insert_lsn()::text"))
    await force_to_disk(database)
    assert await database.fetch_value(Query("q", "SELECT pg_current_wal_flush_lsn() >= %(end)s::text::pg_lsn"), end=end)


async def test_a_flush_waits_for_the_disk(log, monkeypatch):
    forcing = asyncio.Event()
    force = log_writer.force_to_disk

    async def slow(database: Database) -> None:
        await forcing.wait()
        await force(database)

    monkeypatch.setattr(log_writer, "force_to_disk", slow)
    log.conversation(RECORD)
    assert not await log.flush("conv_1", 0.05)
    assert log.held_rows == 1
    forcing.set()
    assert await log.flush("conv_1", TIMEOUT_S)


async def test_writing_goes_on_while_the_disk_takes_its_time(log, conversations, monkeypatch):
    stuck = asyncio.Event()

    async def wait(_: Database) -> None:
        await stuck.wait()

    monkeypatch.setattr(log_writer, "force_to_disk", wait)
    written = metric("rows_written_total")
    log.conversation(RECORD)
    log.item("conv_1", item("item_1"))
    await asyncio.sleep(0.02)
    log.item("conv_1", item("item_2"))
    await eventually(lambda: metric("rows_written_total") - written == 3)
    assert len((await conversations.load("conv_1")).items) == 2
    assert log.held_rows == 3
    stuck.set()
    assert await log.flush("conv_1", TIMEOUT_S)


async def test_what_is_written_outlives_the_process_before_the_disk_has_it(log, conversations, monkeypatch):
    stuck = asyncio.Event()

    async def wait(_: Database) -> None:
        await stuck.wait()

    monkeypatch.setattr(log_writer, "force_to_disk", wait)
    log.conversation(RECORD)
    log.item("conv_1", item("item_1"))
    assert await log.written("conv_1", TIMEOUT_S)
    assert [found.id for found in (await conversations.load("conv_1")).items] == ["item_1"]
    assert not await log.flush("conv_1", 0.02)
    stuck.set()


async def test_nobody_waits_for_progress_to_be_written(log, monkeypatch):
    log.conversation(RECORD)
    await log.flush("conv_1", TIMEOUT_S)
    stuck = nothing_is_written(monkeypatch)
    log.item("conv_1", item("item_1"), progress=True)
    assert await log.written("conv_1", 0)
    log.item("conv_1", item("item_2"))
    assert not await log.written("conv_1", 0.02)
    stuck.set()
    assert await log.written("conv_1", TIMEOUT_S)


async def test_progress_is_forced_without_anybody_waiting(log):
    log.conversation(RECORD)
    assert await log.flush("conv_1", TIMEOUT_S)
    log.item("conv_1", item(), progress=True)
    await eventually(lambda: log.held_rows == 0)


async def test_a_row_that_can_never_be_written_costs_no_other(log, conversations, caplog):
    refused = metric("rows_refused_total", reason="missing_reference")
    for number in range(20):
        log.conversation(msgspec.structs.replace(RECORD, id=f"conv_{number}"))
        log.item(f"conv_{number}", item())
    log.item("conv_nobody_began", item(heard_text="private words"))
    for number in range(20):
        log.turn(f"conv_{number}", TurnRecord(item_id="item_1", created_at=NOW))
    assert await log.flush("conv_19", TIMEOUT_S)
    assert await log.flush("conv_nobody_began", TIMEOUT_S)
    for number in range(20):
        history = await conversations.load(f"conv_{number}")
        assert (len(history.items), len(history.turns)) == (1, 1)
    assert metric("rows_refused_total", reason="missing_reference") - refused == 1
    assert log.healthy
    assert "missing_reference" in caplog.text
    assert "private words" not in caplog.text


async def test_words_with_impossible_characters_are_kept(log, conversations):
    log.conversation(RECORD)
    log.item("conv_1", item(heard_text="nul \0 and half \ud83d of a smile", content=[{"\0": "\udfff"}]))
    assert await log.flush("conv_1", TIMEOUT_S)
    kept = (await conversations.load("conv_1")).items[0]
    assert kept.heard_text == "nul \ufffd and half \ufffd of a smile"
    assert kept.content == [{"\ufffd": "\ufffd"}]


async def test_what_has_no_json_form_is_counted_and_does_not_raise(log, caplog):
    lost = metric("rows_refused_total", reason="unencodable")
    log.item("conv_1", item(content=[object()]))
    log.session("conv_1", {"loop": object()}, now=NOW)
    assert metric("rows_refused_total", reason="unencodable") - lost == 2
    assert log.held_rows == 0
    assert "TypeError" in caplog.text


async def test_the_writer_survives_whatever_goes_wrong(log, conversations, monkeypatch, caplog):
    calls = 0
    write_rows = log_writer.write_rows

    async def fail_twice(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise RuntimeError("a defect")
        return await write_rows(*args)

    monkeypatch.setattr(log_writer, "write_rows", fail_twice)
    log.conversation(RECORD)
    assert await log.flush("conv_1", TIMEOUT_S)
    assert calls == 3
    assert log.healthy
    assert await conversations.get("conv_1") == RECORD


async def test_closing_writes_the_rest_and_takes_nothing_more(dsn, conversations):
    refused = metric("rows_refused_total", reason="closed")
    async with await open_database(dsn, max_connections=2) as own:
        log = ConversationLog(own)
        log.conversation(RECORD)  # before the start
        log.start()
        for number in range(1200):  # more than one write
            log.item("conv_1", item(f"item_{number}"))
        assert await log.aclose()
        log.item("conv_1", item("item_late"))
        assert not log.healthy
    assert metric("rows_refused_total", reason="closed") - refused == 1
    assert len((await conversations.load("conv_1")).items) == 1200


async def test_a_log_that_was_never_started_says_so(dsn):
    async with await open_database(dsn, max_connections=2) as own:
        log = ConversationLog(own)
        log.conversation(RECORD)
        assert not log.healthy
        assert not await log.flush("conv_1", TIMEOUT_S)
        assert not await log.aclose()


async def test_a_flush_that_is_given_up_leaves_the_log_working(log, conversations):
    log.conversation(RECORD)
    flushing = asyncio.create_task(log.flush("conv_1", TIMEOUT_S))
    await asyncio.sleep(0)
    flushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flushing
    assert await log.flush("conv_1", TIMEOUT_S)


async def test_a_flush_waits_for_its_own_conversation_alone(log, monkeypatch):
    log.conversation(RECORD)
    await log.flush("conv_1", TIMEOUT_S)
    stuck = nothing_is_written(monkeypatch)
    log.item("conv_1", item())
    assert await log.flush("conv_2", 0)
    assert not await log.flush("conv_1", 0.02)
    stuck.set()
    assert await log.flush("conv_1", TIMEOUT_S)


@pytest.fixture(autouse=True)
def quiet_retries(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="stamina")
