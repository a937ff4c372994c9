"""The log while the database is away, silent, or the process is killed."""

import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from eventually import eventually
from postgres_line import PostgresLine
from prometheus_client import REGISTRY

from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord, ItemRecord
from storage.errors import StorageError
from storage.log import writer as log_writer
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database, open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMEOUT_S = 20.0


@pytest.fixture
async def line(dsn: str) -> AsyncIterator[PostgresLine]:
    with tempfile.TemporaryDirectory() as directory:
        async with PostgresLine(dsn, Path(directory)) as opened:
            yield opened


@pytest.fixture
async def behind(line: PostgresLine) -> AsyncIterator[Database]:
    """The database at the other end of the line, with short deadlines."""
    async with await open_database(
        line.dsn, max_connections=2, connect_timeout_s=0.2, command_timeout_s=0.2, acquire_timeout_s=0.2
    ) as database:
        yield database


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


def begin(log: ConversationLog, name: str) -> None:
    log.conversation(ConversationRecord(id=name, channel="phone", created_at=NOW, updated_at=NOW))


def say(log: ConversationLog, name: str, number: int, text: str, *, step: int = 0, progress: bool = False) -> None:
    updated_at = NOW + timedelta(milliseconds=step)
    record = ItemRecord(id=f"item_{number}", position=number, heard_text=text, created_at=NOW, updated_at=updated_at)
    log.item(name, record, progress=progress)


async def heard(conversations: Conversations, name: str) -> list[str]:
    history = await conversations.load(name)
    return [item.heard_text for item in history.items] if history else []


async def test_nothing_is_lost_and_the_newest_state_wins(line, behind, conversations):
    async with ConversationLog(behind) as log:
        begin(log, "conv_1")
        say(log, "conv_1", 1, "before")
        assert await log.flush("conv_1", TIMEOUT_S)
        assert log.healthy
        await line.cut()
        say(log, "conv_1", 2, "first try", step=1)
        await eventually(lambda: not log.healthy)
        assert not await log.flush("conv_1", 0.05)
        say(log, "conv_1", 2, "newest", step=2)
        begin(log, "conv_2")  # begun while the database is away
        say(log, "conv_2", 1, "hello")
        log.status("conv_2", "closed", now=NOW)
        await line.mend()
        assert await log.flush("conv_1", TIMEOUT_S)
        assert await log.flush("conv_2", TIMEOUT_S)
        assert log.healthy
        assert log.held_rows == 0
    assert await heard(conversations, "conv_1") == ["before", "newest"]
    assert await heard(conversations, "conv_2") == ["hello"]
    assert (await conversations.get("conv_2")).status == "closed"


async def test_a_database_that_says_nothing_is_away_before_it_has_failed(line, monkeypatch):
    monkeypatch.setattr(log_writer, "_SLOW_S", 0.1)
    async with await open_database(line.dsn, max_connections=2) as patient, ConversationLog(patient) as log:
        begin(log, "conv_1")
        assert await log.flush("conv_1", TIMEOUT_S)
        line.stall()
        say(log, "conv_1", 1, "hello")
        assert log.healthy
        await eventually(lambda: not log.healthy)
        await line.mend()
        assert await log.flush("conv_1", TIMEOUT_S)
        assert log.healthy


async def test_what_a_crash_of_the_database_took_back_is_written_again(behind, conversations, database, monkeypatch):
    """A crash between the commit and the disk, played by deleting what was committed."""
    force_to_disk = log_writer.force_to_disk
    crashes = 2

    async def crash(own: Database) -> None:
        nonlocal crashes
        if crashes:
            crashes -= 1
            await database.execute(Query("crash", "DELETE FROM conversations"))
            raise StorageError("database_unavailable", "crashed", retryable=True)
        await force_to_disk(own)

    monkeypatch.setattr(log_writer, "force_to_disk", crash)
    async with ConversationLog(behind) as log:
        begin(log, "conv_1")
        say(log, "conv_1", 1, "first")
        await eventually(lambda: crashes < 2)
        say(log, "conv_1", 2, "second")
        assert await log.flush("conv_1", TIMEOUT_S)
        assert crashes == 0
        assert log.healthy
    assert await heard(conversations, "conv_1") == ["first", "second"]


async def test_a_change_that_a_crash_took_back_comes_with_the_one_made_meanwhile(
    behind, conversations, database, monkeypatch
):
    force_to_disk = log_writer.force_to_disk
    crashed = False

    async def crash(own: Database) -> None:
        nonlocal crashed
        if not crashed and await database.fetch_value(Query("changed", "SELECT session <> '{}' FROM conversations")):
            crashed = True
            log.status("conv_1", "closed", now=NOW)
            await database.execute(Query("crash", "UPDATE conversations SET session = '{}'"))
            raise StorageError("database_unavailable", "crashed", retryable=True)
        await force_to_disk(own)

    monkeypatch.setattr(log_writer, "force_to_disk", crash)
    async with ConversationLog(behind) as log:
        begin(log, "conv_1")
        log.session("conv_1", {"voice": "ben"}, now=NOW)
        assert await log.flush("conv_1", TIMEOUT_S)
        assert await log.aclose()
    kept = await conversations.get("conv_1")
    assert (crashed, kept.session, kept.status) == (True, {"voice": "ben"}, "closed")


async def test_a_killed_postgres_takes_nothing_with_it(cluster_home):
    """What was committed but not on the disk goes with the server's memory, and is written again."""
    with tempfile.TemporaryDirectory(dir=cluster_home) as home:
        directory = Path(home) / "postgres"
        async with EmbeddedPostgres(directory) as embedded:
            await migrate(embedded.dsn)
            async with (
                await open_database(embedded.dsn, max_connections=2) as own,
                ConversationLog(own) as log,
            ):
                begin(log, "conv_1")
                for number in range(600):
                    say(log, "conv_1", number, f"word {number}", progress=number % 3 > 0)
                    if number % 200 == 199:
                        postmaster = psutil.Process(int((directory / "postmaster.pid").read_text().split()[0]))
                        for process in (postmaster, *postmaster.children()):
                            process.kill()
                        await embedded.start()
                    await asyncio.sleep(0.001)
                assert await log.flush("conv_1", TIMEOUT_S)
                assert await heard(Conversations(own), "conv_1") == [f"word {number}" for number in range(600)]


async def test_a_silent_database_is_noticed_and_survived(line, behind, conversations, monkeypatch):
    monkeypatch.setattr(log_writer, "_SLOW_S", 0.05)
    async with ConversationLog(behind) as log:
        begin(log, "conv_1")
        assert await log.flush("conv_1", TIMEOUT_S)
        line.stall()
        say(log, "conv_1", 1, "into the silence")
        await eventually(lambda: not log.healthy)
        await line.mend()
        assert await log.flush("conv_1", TIMEOUT_S)
    assert await heard(conversations, "conv_1") == ["into the silence"]


async def test_what_is_held_is_bounded_and_the_loss_is_counted(line, behind, conversations, caplog):
    def refused() -> float:
        return REGISTRY.get_sample_value("sales_agent_log_rows_refused_total", {"reason": "full"}) or 0.0

    before = refused()
    async with ConversationLog(behind, max_dirty_rows=10) as log:
        begin(log, "conv_1")
        assert await log.flush("conv_1", TIMEOUT_S)
        await line.cut()
        for number in range(15):
            say(log, "conv_1", number, f"word {number}")
        say(log, "conv_1", 3, "a newer state", step=1)
        assert log.held_rows == 10
        assert refused() - before == 5
        assert caplog.text.count("are being lost") == 1
        await line.mend()
        assert await log.flush("conv_1", TIMEOUT_S)
        say(log, "conv_1", 99, "there is room again")
        assert await log.flush("conv_1", TIMEOUT_S)
        assert log.healthy
    kept = await heard(conversations, "conv_1")
    assert kept[3] == "a newer state"
    assert len(kept) == 11


async def test_closing_during_an_outage_says_that_rows_are_left(line, behind, caplog):
    log = ConversationLog(behind)
    log.start()
    begin(log, "conv_1")
    assert await log.flush("conv_1", TIMEOUT_S)
    await line.cut()
    say(log, "conv_1", 1, "lost for good")
    assert not await log.aclose(timeout_s=0.1)
    assert "1 rows" in caplog.text
    assert "lost for good" not in caplog.text


async def test_whatever_happens_to_the_line_the_end_is_the_same(line, behind, conversations):
    """Conversations begin and go on while the line is cut, stalled and mended at random."""
    chance = random.Random(7)
    latest: dict[str, dict[int, str]] = {}

    async def shake() -> None:
        while True:
            await asyncio.sleep(chance.uniform(0, 0.05))
            await chance.choice([line.cut, line.mend, line.mend])()
            if chance.random() < 0.2:
                line.stall()

    async with ConversationLog(behind) as log:
        shaking = asyncio.create_task(shake())
        for step in range(1500):
            name = f"conv_{chance.randrange(1 + step // 50)}"
            if name not in latest:
                latest[name] = {}
                begin(log, name)
            number = chance.randrange(20)
            latest[name][number] = f"state {step}"
            say(log, name, number, f"state {step}", step=step, progress=chance.random() < 0.7)
            if step % 5 == 0:
                await asyncio.sleep(0.002)
        shaking.cancel()
        await asyncio.wait([shaking])
        await line.mend()
        assert await log.aclose(TIMEOUT_S)
    for name, states in latest.items():
        assert await heard(conversations, name) == [states[number] for number in sorted(states)]


SPEAKER = """
import asyncio, sys
from datetime import UTC, datetime
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import open_database
from storage.conversations.records import ConversationRecord, ItemRecord

async def speak():
    now = datetime.now(UTC)
    log = ConversationLog(await open_database(sys.argv[1], max_connections=2))
    log.start()
    log.conversation(ConversationRecord(id="conv_1", channel="phone", created_at=now, updated_at=now))
    for number in range(1, 100_000):
        log.item("conv_1", ItemRecord(id=f"item_{number}", position=number, created_at=now, updated_at=now),
                 progress=number % 2 == 0)
        print(number, flush=True)
        await asyncio.sleep(0.001)

asyncio.run(speak())
"""


async def test_a_killed_process_loses_only_what_it_handed_over_last(dsn, database):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SPEAKER, dsn, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    async with asyncio.timeout(TIMEOUT_S):
        while int(await process.stdout.readline()) < 300:
            pass
    process.kill()
    rest = (await process.communicate())[0].split()
    handed_over = int(rest[-1]) if rest else 300
    durable = Query("durable", "SELECT count(*) AS rows, max(position)::int AS last FROM conversation_items")
    row = await database.fetch_one(durable)
    assert row["rows"] == row["last"]  # without a hole
    # One a millisecond: half a second's worth would mean that writing lags behind, and is far more than it takes.
    assert handed_over - row["last"] < 500
