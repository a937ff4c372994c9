import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from postgres_line import PostgresLine

from storage.errors import InvalidData, StorageError
from storage.postgres.database import Database, open_database
from storage.postgres.named_query import Query

SLEEP = Query("sleep", "SELECT pg_sleep(%(seconds)s)")
COUNT = Query("count", "SELECT count(*) FROM api_keys")
INSERT = Query(
    "insert",
    "INSERT INTO api_keys (id, name, prefix, hash, scopes, created_at)"
    " VALUES (%(id)s, 'n', 'p', %(id)s::text::bytea, '{}', now())",
)


@pytest.fixture
async def line(dsn: str) -> AsyncIterator[PostgresLine]:
    with tempfile.TemporaryDirectory() as directory:
        async with PostgresLine(dsn, Path(directory)) as opened:
            yield opened


async def code_of(awaitable) -> tuple[str, bool]:
    with pytest.raises(StorageError) as caught:
        await awaitable
    return caught.value.code, caught.value.retryable


async def test_the_four_ways_to_run_a_query(database):
    assert await database.execute(INSERT, id="a") == 1
    assert await database.fetch_value(COUNT) == 1
    one = Query("one", "SELECT id, name FROM api_keys WHERE id = %(id)s")
    assert dict(await database.fetch_one(one, id="a")) == {"id": "a", "name": "n"}
    assert await database.fetch_one(one, id="b") is None
    assert [row["id"] for row in await database.fetch_all(one, id="a")] == ["a"]
    assert await database.execute(Query("none", "UPDATE api_keys SET name = 'm' WHERE false")) == 0
    assert await database.execute(Query("begin", "SET LOCAL timezone = 'UTC'")) == 0


async def test_a_transaction_commits_as_a_whole_or_not_at_all(database):
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, id="a")
        await transaction.execute(INSERT, id="b")

    async def fail_midway() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT, id="c")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_midway()
    assert await database.fetch_value(COUNT) == 2


async def test_a_cancelled_transaction_is_rolled_back_and_its_connection_usable(dsn):
    async with await open_database(dsn, max_connections=1) as database:
        inserted = asyncio.Event()

        async def work() -> None:
            async with database.transaction() as transaction:
                await transaction.execute(INSERT, id="a")
                inserted.set()
                await transaction.execute(SLEEP, seconds=30)

        task = asyncio.create_task(work())
        await inserted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await database.fetch_value(COUNT) == 0


async def test_an_error_of_the_block_is_not_mistaken_for_one_of_the_database(database):
    with pytest.raises(TimeoutError):
        async with database.transaction():
            raise TimeoutError


async def test_a_snapshot_sees_one_moment_and_writes_nothing(database):
    async with database.snapshot() as snapshot:
        assert await snapshot.fetch_value(COUNT) == 0
        await database.execute(INSERT, id="a")
        assert await snapshot.fetch_value(COUNT) == 0
    assert await database.fetch_value(COUNT) == 1

    async def write() -> None:
        async with database.snapshot() as snapshot:
            await snapshot.execute(INSERT, id="b")

    assert await code_of(write()) == ("database_read_only", True)


async def test_data_errors_name_the_query_and_quote_no_value(database):
    await database.execute(INSERT, id="a")
    with pytest.raises(InvalidData) as caught:
        await database.execute(INSERT, id="a")
    assert (caught.value.code, caught.value.query, caught.value.retryable) == ("already_exists", "insert", False)
    with pytest.raises(InvalidData) as caught:
        await database.fetch_value(Query("cast", "SELECT %(value)s::int"), value="anna@example.com")
    assert caught.value.code == "invalid_data"
    assert "anna" not in str(caught.value)
    with pytest.raises(InvalidData):
        await database.fetch_value(Query("nul", "SELECT %(value)s::text"), value="a\0b")


async def test_an_outdated_schema_says_what_to_do(database):
    assert await code_of(database.fetch_all(Query("q", "SELECT 1 FROM not_there"))) == ("schema_outdated", False)


async def test_a_user_who_may_not_is_named_as_the_cause(database):
    async with database.transaction() as own:
        await own.execute(Query("q", "CREATE ROLE visitor"))
        await own.execute(Query("q", "SET LOCAL ROLE visitor"))
        assert await code_of(own.fetch_all(Query("q", "SELECT 1 FROM api_keys"))) == ("database_forbidden", False)


async def test_a_command_has_a_deadline_and_the_connection_survives(dsn):
    async with await open_database(dsn, max_connections=1, command_timeout_s=0.1) as database:
        assert await code_of(database.fetch_value(SLEEP, seconds=30)) == ("database_timeout", True)
        assert await database.fetch_value(COUNT) == 0


async def test_waiting_for_a_connection_has_a_deadline(dsn):
    async with await open_database(dsn, max_connections=1, acquire_timeout_s=0.05) as database, database.transaction():
        assert await code_of(database.fetch_value(COUNT)) == ("database_busy", True)
        assert await code_of(database.ping(timeout_s=0.01)) == ("database_timeout", True)


async def test_nothing_to_connect_to(tmp_path):
    dsn = f"postgresql://postgres@/postgres?host={tmp_path}"
    assert await code_of(open_database(dsn)) == ("database_unavailable", True)


async def test_an_address_where_nothing_listens_is_named_as_the_cause():
    with pytest.raises(StorageError, match=r"cannot be reached \(Connection refused\).*DATABASE_URL") as error:
        await open_database("postgresql://nobody:secret@127.0.0.1:1/nothing")
    assert (error.value.code, error.value.retryable) == ("database_unavailable", True)


async def test_a_host_that_no_name_server_knows_is_named_as_the_cause():
    with pytest.raises(StorageError, match=r"cannot be reached \(its name is not known\).*DATABASE_URL"):
        await open_database("postgresql://nobody@no-such-host.invalid/nothing")


async def test_a_database_that_does_not_exist(dsn):
    missing = dsn.replace("/test_", "/missing_")
    assert await code_of(open_database(missing)) == ("database_missing", False)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql://h:port/x"])
async def test_a_url_of_something_else(url):
    assert await code_of(open_database(url)) == ("database_url_invalid", False)


async def test_a_connection_that_breaks_is_reported_and_replaced(line: PostgresLine):
    async with await open_database(line.dsn, max_connections=1) as database:
        sleeping = asyncio.create_task(database.fetch_value(SLEEP, seconds=30))
        await asyncio.sleep(0.05)
        await line.cut()
        assert await code_of(sleeping) == ("database_unavailable", True)
        assert await code_of(database.fetch_value(COUNT)) == ("database_unavailable", True)
        await line.mend()
        assert await database.fetch_value(COUNT) == 0


async def test_a_connection_that_the_server_ended_while_nobody_used_it_is_reported_as_gone(line: PostgresLine):
    fields = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
    async with await open_database(line.dsn, max_connections=1) as database:
        assert await database.fetch_value(COUNT) == 0
        line.say(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        await asyncio.sleep(0.05)  # until it is read
        assert await code_of(database.fetch_value(COUNT)) == ("database_unavailable", True)
        await line.cut()
        await line.mend()
        assert await database.fetch_value(COUNT) == 0


async def test_a_silent_database_is_reported_within_the_deadlines(line: PostgresLine):
    async with await open_database(
        line.dsn, max_connections=1, command_timeout_s=0.1, acquire_timeout_s=0.1, connect_timeout_s=0.1
    ) as database:
        line.stall()
        assert await code_of(database.fetch_value(COUNT)) == ("database_timeout", True)
        assert await code_of(database.fetch_value(COUNT)) == ("database_timeout", True)
        await line.mend()
        assert await database.fetch_value(COUNT) == 0


async def test_closing_does_not_wait_for_a_stuck_query_for_ever(dsn):
    database = await open_database(dsn, max_connections=1)
    sleeping = asyncio.create_task(database.fetch_value(SLEEP, seconds=30))
    await asyncio.sleep(0.05)
    await database.aclose(timeout_s=0.05)
    assert await code_of(sleeping) == ("database_unavailable", True)
    assert await code_of(database.ping()) == ("database_unavailable", True)


async def test_a_database_that_takes_no_writes_is_none_for_us(dsn):
    async with await open_database(dsn, max_connections=1) as database:
        await database.execute(Query("q", "SET default_transaction_read_only = on"))
        assert await code_of(database.ping()) == ("database_read_only", True)
        await database.execute(Query("q", "SET default_transaction_read_only = off"))
        assert await database.ping() > 0


async def test_ping_gives_its_time(database: Database):
    assert 0 < await database.ping() < 1000


async def test_what_is_broken_off_before_it_runs_leaves_nothing_to_whoever_comes_next(dsn):
    """asyncpg has prepared a statement when it finds that a value has no form; the same when it is cancelled there."""
    late = Query("late", "SELECT extract(epoch FROM clock_timestamp() - now())::float8")
    locked = Query("locked", "SELECT count(*) FROM pg_locks WHERE relation = 'api_keys'::regclass")
    no_form = Query("no_form", "SELECT id FROM api_keys WHERE length(name) = %(length)s::int")
    async with await open_database(dsn, max_connections=1) as database, await open_database(dsn) as other:
        assert await code_of(database.fetch_all(no_form, length=2**40)) == ("invalid_data", False)
        assert await other.fetch_value(locked) == 0
        broken_off_at = time.monotonic()
        async with database.snapshot() as snapshot:
            assert await snapshot.fetch_value(late) < time.monotonic() - broken_off_at
