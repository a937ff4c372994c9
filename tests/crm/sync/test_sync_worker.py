"""The worker as a process of its own: killed at random, started again, it ends where one that was never killed does."""

import asyncio
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from close_server import CloseServer, serving_close
from sync_world import expire_lease

from agent_server.crm_sync.worker import run_worker
from agent_server.settings import read_settings
from crm.sync.jobs import SyncQueue
from crm.sync.store import SyncStore, sync_store
from simulators.close.options import GroupLimit
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database, open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.jobs import Jobs
from storage.postgres.migrate import migrate

WORKER = """
import asyncio, signal, sys
from agent_server.settings import load_settings
from agent_server.crm_sync.worker import run_worker

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("working", flush=True)
    await run_worker(load_settings({}), stop)

asyncio.run(main())
"""


@pytest.fixture
async def close() -> AsyncIterator[CloseServer]:
    async with serving_close() as running:
        yield running


@asynccontextmanager
async def worker(environment: dict[str, str], directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        cwd=directory,
        env={**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"working\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_killed_worker_is_replaced_and_nothing_is_missing_or_doubled(
    database: Database, dsn: str, close: CloseServer, tmp_path: Path
) -> None:
    people = 300
    for number in range(people):
        close.make(f"Ada Number{number}", f"ada{number}@example.com", f"Company {number}")
    store = sync_store(database)
    queue = SyncQueue(store, Jobs(database), utc_now)
    environment = {**close.settings, "DATABASE_URL": dsn, "DATA_DIR": str(tmp_path), "DATABASE_CONNECTIONS": "3"}
    faster = GroupLimit(limit=150, window_s=1.0)
    close.close.store.options = msgspec.structs.replace(close.close.store.options, groups=faster)
    run_id = str(await queue.start("close", "bidirectional", trigger="manual"))
    # While the first page of all contacts is in, and while those that changed lately are read.
    for reached in (1, people + random.Random(1).randrange(people // 2)):
        async with worker(environment, tmp_path) as process:
            await until(lambda: _has_processed(store, run_id, reached), 30)  # noqa: B023 - called within this round
            process.send_signal(signal.SIGKILL)
            await process.wait()
        run = await store.runs.get(run_id)
        assert run is not None
        assert run.status == "running", "it was cut off"
        # What a tick of the next worker does once the lease has run out, without the wait.
        await expire_lease(database)
        await Jobs(database).defer("crm_sync_run", {"run_id": run_id})
    async with worker(environment, tmp_path) as process:
        await until(lambda: _is_over(store, run_id), 60)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    contacts = (await store.contacts.list(limit=1000)).items
    assert len(contacts) == people
    assert {row.email for row in contacts} == close.emails()
    assert {row.external_id for row in contacts} == set(close.close.store.contacts)


async def test_it_works_until_it_is_told_to_stop(
    database: Database, dsn: str, close: CloseServer, tmp_path: Path
) -> None:
    close.make("Ada Byron", "ada@example.com")
    store = sync_store(database)
    async with working({**close.settings, "DATABASE_URL": dsn, "DATA_DIR": str(tmp_path)}):
        await SyncQueue(store, Jobs(database), utc_now).start("close", "import", trigger="schedule")
        await until(lambda: _holds(store, 1), 30)


@asynccontextmanager
async def working(variables: dict[str, str]) -> AsyncIterator[None]:
    """A worker in this process, told to stop in the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(read_settings(variables, {}, {}), stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


@pytest.fixture
async def embedded(cluster_home: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server of the test's own."""
    with tempfile.TemporaryDirectory(dir=cluster_home) as home:
        async with EmbeddedPostgres(Path(home) / "postgres") as running:
            yield running


async def test_a_database_that_was_away_is_worked_on_again(
    close: CloseServer, embedded: EmbeddedPostgres, tmp_path: Path
) -> None:
    """By the same worker, which nobody starts again."""
    close.make("Ada Byron", "ada@example.com")
    await migrate(embedded.dsn)
    async with (
        await open_database(embedded.dsn, max_connections=3) as database,
        working({**close.settings, "DATABASE_URL": embedded.dsn, "DATA_DIR": str(tmp_path)}),
    ):
        store = sync_store(database)
        queue = SyncQueue(store, Jobs(database), utc_now)
        before = str(await queue.start("close", "import", trigger="schedule"))
        await until(lambda: _is_over(store, before), 30)
        await embedded.aclose()
        await asyncio.sleep(1.0)
        await embedded.start()
        after = str(await queue.start("close", "import", trigger="schedule"))
        await until(lambda: _is_over(store, after), 60)


async def test_what_a_conversation_led_to_is_there_within_seconds(
    database: Database, dsn: str, close: CloseServer, tmp_path: Path
) -> None:
    """No door tells the worker: the outcome gets into the outbox by a trigger of the database."""
    close.make("Ada Byron", "ada@example.com")
    store, conversations = sync_store(database), Conversations(database)
    async with working({**close.settings, "DATABASE_URL": dsn, "DATA_DIR": str(tmp_path)}):
        run_id = await SyncQueue(store, Jobs(database), utc_now).start("close", "import", trigger="schedule")
        await until(lambda: _is_over(store, str(run_id)), 30)
        (row,) = (await store.contacts.list()).items
        for number in range(3):
            name, now = f"conv_{number}", utc_now()
            about = {"contact_id": row.id}
            await conversations.create(
                ConversationRecord(id=name, channel="phone", metadata=about, created_at=now, updated_at=now)
            )
            await Outcomes(database).record(name, name, "meeting", {"start": name})
            await until(lambda: _notes(close, number + 1), 6)  # noqa: B023 - called within this round


async def _holds(store: SyncStore, contacts: int) -> bool:
    return await store.contacts.count("close") == contacts


async def _is_over(store: SyncStore, run_id: str) -> bool:
    run = await store.runs.get(run_id)
    return run is not None and run.status == "completed"


async def _has_processed(store: SyncStore, run_id: str, contacts: int) -> bool:
    run = await store.runs.get(run_id)
    return run is not None and run.contacts_processed >= contacts


async def _notes(close: CloseServer, number: int) -> bool:
    return len(close.close.store.activities) == number


async def until(holds: Callable[[], Awaitable[bool]], deadline_s: float) -> None:
    async with asyncio.timeout(deadline_s):
        while not await holds():
            await asyncio.sleep(0.02)
