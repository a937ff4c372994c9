import asyncio
import hashlib
import sys

import asyncpg
import pytest

import storage.postgres.migrate
from storage.errors import MigrationError
from storage.postgres.folded import FOLDED
from storage.postgres.migrate import load_migrations, make_migration, migrate, migration_status

ONE = make_migration(1, "one", "CREATE TABLE one (id int)")
TWO = make_migration(2, "two", "CREATE TABLE two (id int); INSERT INTO one VALUES (2)")
FIVE = make_migration(105, "five", "INSERT INTO one VALUES (5)")
PROCESS = """
import asyncio, sys
from storage.postgres.migrate import migrate
print(len(asyncio.run(migrate(sys.argv[1]))))
"""


async def states(dsn, migrations):
    return [(status.number, status.state) for status in await migration_status(dsn, migrations)]


async def ones(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        return [row["id"] for row in await connection.fetch("SELECT id FROM one ORDER BY id")]
    finally:
        await connection.close()


def test_what_is_released_keeps_its_text() -> None:
    """A comment, too: whoever has applied it could not start."""
    released = "".join(migration.checksum for migration in load_migrations() if migration.number <= FOLDED)
    assert hashlib.sha256(released.encode()).hexdigest()[:16] == "06a71e0e1cffbc59"


async def test_pending_migrations_are_applied_once_in_order(empty_dsn):
    assert await states(empty_dsn, [ONE, FIVE]) == [(1, "pending"), (105, "pending")]
    assert await migrate(empty_dsn, [ONE, FIVE]) == [ONE, FIVE]
    assert await migrate(empty_dsn, [ONE, FIVE]) == []
    assert await states(empty_dsn, [ONE, FIVE]) == [(1, "applied"), (105, "applied")]
    assert await ones(empty_dsn) == [5]


async def test_a_lower_number_that_comes_later_is_applied(empty_dsn):
    await migrate(empty_dsn, [ONE, FIVE])
    assert await migrate(empty_dsn, [ONE, TWO, FIVE]) == [TWO]
    assert await ones(empty_dsn) == [2, 5]


async def test_a_changed_file_is_an_error_that_applies_nothing(empty_dsn):
    await migrate(empty_dsn, [ONE])
    changed = make_migration(1, "one", "CREATE TABLE one (id bigint)")
    assert await states(empty_dsn, [changed, TWO]) == [(1, "changed"), (2, "pending")]
    with pytest.raises(MigrationError) as caught:
        await migrate(empty_dsn, [changed, TWO])
    assert caught.value.code == "migration_changed"
    assert "0001_one" in str(caught.value)
    assert await states(empty_dsn, [ONE, TWO]) == [(1, "applied"), (2, "pending")]


def test_line_ends_do_not_change_a_file():
    assert make_migration(1, "one", "A\r\nB") == make_migration(1, "one", "A\nB")


async def test_a_failing_migration_leaves_no_trace_and_the_ones_before_it(empty_dsn):
    broken = make_migration(2, "broken", "CREATE TABLE two (id int); INSERT INTO missing VALUES (1)")
    with pytest.raises(MigrationError) as caught:
        await migrate(empty_dsn, [ONE, broken, FIVE])
    assert caught.value.code == "migration_failed"
    assert "0002_broken" in str(caught.value)
    assert "missing" in str(caught.value)
    assert await states(empty_dsn, [ONE, broken, FIVE]) == [(1, "applied"), (2, "pending"), (105, "pending")]
    assert await migrate(empty_dsn, [ONE, TWO, FIVE]) == [TWO, FIVE]


async def test_a_release_that_is_older_than_the_database_leaves_it_alone(empty_dsn):
    await migrate(empty_dsn, [ONE, TWO])
    assert await migrate(empty_dsn, [ONE]) == []
    assert await states(empty_dsn, [ONE]) == [(1, "applied"), (2, "unknown")]


async def test_many_processes_start_at_once(empty_dsn):
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, empty_dsn, stdout=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]
    in_this_process = asyncio.gather(*(migrate(empty_dsn) for _ in range(5)))
    counts = [int((await process.communicate())[0]) for process in processes]
    counts += [len(applied) for applied in await in_this_process]
    assert sorted(counts) == [0] * 7 + [len(load_migrations())]


async def test_waiting_for_another_process_has_a_deadline(empty_dsn, monkeypatch):
    monkeypatch.setattr(storage.postgres.migrate, "_LOCK_TIMEOUT_S", 0.05)
    holder = await asyncpg.connect(empty_dsn)
    await holder.execute(storage.postgres.migrate._QUERIES["lock_schema_migrations"].sql)
    with pytest.raises(MigrationError) as caught:
        await migrate(empty_dsn, [ONE])
    assert (caught.value.code, caught.value.retryable) == ("migration_lock_timeout", True)
    await holder.close()
    assert await migrate(empty_dsn, [ONE]) == [ONE]


ALTER = make_migration(2, "alter", "ALTER TABLE one ADD COLUMN name text")


async def test_whoever_asks_for_a_table_does_not_wait_behind_a_migration_that_waits(empty_dsn, monkeypatch, caplog):
    monkeypatch.setattr(storage.postgres.migrate, "_LOCK_WAIT_MS", 50)
    monkeypatch.setattr(storage.postgres.migrate, "_LOCK_AGAIN_S", 0.05)
    await migrate(empty_dsn, [ONE])
    user = await asyncpg.connect(empty_dsn, server_settings={"application_name": "a report"})
    other = await asyncpg.connect(empty_dsn)
    long = user.transaction()
    await long.start()
    await user.fetch("SELECT id FROM one")
    migrating = asyncio.create_task(migrate(empty_dsn, [ONE, ALTER]))
    async with asyncio.timeout(5):
        while "0002_alter waits for a table in use: a report" not in caplog.text:
            await asyncio.sleep(0.01)
    for _ in range(20):
        await other.fetch("SELECT id FROM one", timeout=2)
    assert not migrating.done()
    await long.rollback()
    assert await migrating == [ALTER]
    await user.close()
    await other.close()


async def test_waiting_for_a_table_has_a_deadline(empty_dsn, monkeypatch):
    monkeypatch.setattr(storage.postgres.migrate, "_LOCK_WAIT_MS", 50)
    monkeypatch.setattr(storage.postgres.migrate, "_LOCK_TIMEOUT_S", 0.01)
    await migrate(empty_dsn, [ONE])
    user = await asyncpg.connect(empty_dsn)
    async with user.transaction():
        await user.fetch("SELECT id FROM one")
        with pytest.raises(MigrationError) as caught:
            await migrate(empty_dsn, [ONE, ALTER])
    assert (caught.value.code, caught.value.retryable) == ("migration_lock_timeout", True)
    await user.close()
    assert await migrate(empty_dsn, [ONE, ALTER]) == [ALTER]


async def test_the_status_of_an_empty_database_creates_nothing(empty_dsn):
    assert {state for _, state in await states(empty_dsn, None)} == {"pending"}
    connection = await asyncpg.connect(empty_dsn)
    assert await connection.fetchval("SELECT to_regclass('schema_migrations')") is None
    await connection.close()


@pytest.mark.parametrize(
    ("names", "code"),
    [(["1_x.sql"], "migration_misnamed"), (["0001_a.sql", "0001_b.sql"], "migration_number_taken")],
)
def test_files_that_break_the_scheme(tmp_path, monkeypatch, names, code):
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    monkeypatch.setattr(storage.postgres.migrate.resources, "files", lambda _: tmp_path)
    with pytest.raises(MigrationError) as caught:
        load_migrations("package")
    assert caught.value.code == code


def test_the_files_of_the_product_are_numbered():
    numbers = [migration.number for migration in load_migrations()]
    assert numbers == sorted(numbers)
    assert numbers[:2] == [1, 2]
