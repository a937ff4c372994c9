"""The embedded server with real processes: owners that share it, owners that are killed, directories in bad shape."""

import asyncio
import gc
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import psycopg
import pytest

from storage.errors import EmbeddedDatabaseError
from storage.postgres.cluster import PostgresCluster
from storage.postgres.embedded import EmbeddedPostgres

# Nothing here is about power failures, and waiting for the disk is most of the time otherwise.
SETTINGS = {"fsync": "off"}
OWNER = """
import asyncio, sys
from pathlib import Path
from storage.postgres.embedded import EmbeddedPostgres

async def own():
    async with EmbeddedPostgres(Path(sys.argv[1]), settings={'fsync': 'off'}) as embedded:
        print(embedded.dsn, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(own())
"""


@pytest.fixture
def home(cluster_home: Path) -> Iterator[Path]:
    """A private directory, outside pytest's own: those get their modes put back by every other test session."""
    path = Path(tempfile.mkdtemp(dir=cluster_home))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made(cluster_home: Path) -> Iterator[Path]:
    """A cluster to copy: making one takes most of a second."""
    path = Path(tempfile.mkdtemp(dir=cluster_home))

    async def make() -> None:
        async with EmbeddedPostgres(path / "postgres", settings=SETTINGS) as embedded:
            await sql(embedded.dsn, "CREATE TABLE notes (text text)")

    asyncio.run(make())
    yield path / "postgres"
    shutil.rmtree(path)


@pytest.fixture
def cluster(home: Path, made: Path) -> Iterator[Path]:
    """The directory of a cluster that is not running. A server the test leaves behind is killed."""
    directory = home / "postgres"
    subprocess.run(["cp", "-a", made, directory], check=True)
    yield directory
    with_pid = directory / "postmaster.pid"
    if with_pid.exists() and PostgresCluster(directory, {}).state().value != "absent":
        os.kill(server_pid(directory), signal.SIGQUIT)


def server_pid(directory: Path) -> int:
    return int((directory / "postmaster.pid").read_text().split()[0])


def runs(pid: int) -> bool:
    """A zombie nobody collected does not count."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def sql(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


class Owner:
    """Another process that holds the server."""

    def __init__(self, directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWNER, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    async def dsn(self) -> str:
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        assert line, "the owner failed"
        return line.strip()

    async def leave(self) -> None:
        await asyncio.to_thread(self._process.communicate, "\n", 30)

    async def kill(self) -> None:
        self._process.kill()
        await asyncio.to_thread(self._process.communicate)


async def test_a_new_directory_becomes_a_database_that_leaves_with_its_owner(home):
    async with EmbeddedPostgres(home / "deep" / "postgres", settings=SETTINGS) as embedded:
        assert embedded.dsn == f"postgresql://postgres@/postgres?host={home}/deep/postgres&port=5432"
        assert await sql(embedded.dsn, "SELECT current_setting('server_version_num')::int / 10000") == 18
        assert await sql(embedded.dsn, "SELECT current_setting('listen_addresses')") == ""
        pid = server_pid(home / "deep" / "postgres")
    assert not runs(pid)
    assert stat.S_IMODE((home / "deep" / "postgres").stat().st_mode) == 0o700


async def test_the_loop_goes_on_while_the_server_starts(cluster):
    embedded = EmbeddedPostgres(cluster, settings=SETTINGS)
    starting = asyncio.create_task(embedded.start())
    ticks = 0
    while not starting.done():
        await asyncio.sleep(0.001)
        ticks += 1
    await embedded.aclose()
    assert ticks > 5


async def test_a_killed_owner_leaves_a_server_that_the_next_one_uses_and_stops(cluster):
    owner = Owner(cluster)
    dsn = await owner.dsn()
    await sql(dsn, "INSERT INTO notes VALUES ('said before the kill')")
    pid = server_pid(cluster)
    await owner.kill()
    assert runs(pid)
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        assert server_pid(cluster) == pid
        assert await sql(embedded.dsn, "SELECT text FROM notes") == "said before the kill"
    assert not runs(pid)


async def test_after_everything_was_killed_nothing_committed_is_lost(cluster):
    owner = Owner(cluster)
    await sql(await owner.dsn(), "INSERT INTO notes VALUES ('said before the crash')")
    for process in (psutil.Process(server_pid(cluster)), *psutil.Process(server_pid(cluster)).children()):
        process.kill()
    await owner.kill()
    assert (cluster / "postmaster.pid").exists()
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT text FROM notes") == "said before the crash"


@pytest.mark.parametrize("pid_file", ["{me}\n{dir}\n1790000000\n5432\n{dir}\n\n  1 2\nready   \n", "{me}\n", "", "x\n"])
async def test_a_stale_pid_file_of_a_recycled_process_id_is_no_server(cluster, pid_file):
    (cluster / "postmaster.pid").write_text(pid_file.format(me=os.getpid(), dir=cluster))
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT 1") == 1


async def test_two_processes_share_the_server_and_the_last_one_stops_it(cluster):
    owner = Owner(cluster)
    dsn = await owner.dsn()
    pid = server_pid(cluster)
    embedded = EmbeddedPostgres(cluster, settings=SETTINGS)
    assert await embedded.start() == dsn
    await owner.leave()
    assert runs(pid)
    assert await sql(dsn, "SELECT 1") == 1
    await embedded.aclose()
    assert not runs(pid)


async def test_the_other_process_keeps_the_server_when_this_one_leaves_first(cluster):
    owner = Owner(cluster)
    dsn = await owner.dsn()
    pid = server_pid(cluster)
    async with EmbeddedPostgres(cluster, settings=SETTINGS):
        pass
    assert await sql(dsn, "SELECT 1") == 1
    await owner.leave()
    assert not runs(pid)


async def test_many_start_at_once_on_a_new_directory(home):
    owners = [Owner(home / "postgres") for _ in range(3)]
    dsns = {await owner.dsn() for owner in owners}
    assert len(dsns) == 1
    assert await sql(dsns.pop(), "SELECT 1") == 1
    pid = server_pid(home / "postgres")
    await asyncio.gather(*(owner.leave() for owner in owners))
    assert not runs(pid)


async def test_a_server_that_died_is_started_again(cluster):
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        pid = server_pid(cluster)
        os.kill(pid, signal.SIGKILL)
        await embedded.start()
        assert server_pid(cluster) != pid
        assert await sql(embedded.dsn, "SELECT 1") == 1
        pid = server_pid(cluster)
    assert not runs(pid)


async def test_a_server_whose_socket_was_swept_away_is_replaced(cluster):
    owner = Owner(cluster)
    await owner.dsn()
    await owner.kill()
    (cluster / ".s.PGSQL.5432").unlink()
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT 1") == 1


async def test_a_cancelled_start_leaves_nothing_running(cluster):
    starting = asyncio.create_task(EmbeddedPostgres(cluster, settings=SETTINGS).start())
    await asyncio.sleep(0.05)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not (cluster / "postmaster.pid").exists()


async def test_nothing_is_said_of_a_cancelled_start_that_fails(home, caplog):
    (home / "postgres").write_text("a file")
    starting = asyncio.create_task(EmbeddedPostgres(home / "postgres").start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    gc.collect()
    assert not [record for record in caplog.records if record.name == "asyncio"]


def test_ctrl_c_while_a_cluster_is_made_leaves_it_whole(home):
    heeded = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # whoever runs these may not
    process = subprocess.Popen(
        [sys.executable, "-c", heeded + OWNER, home / "postgres"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (home / "postgres.unfinished" / "global" / "pg_control").exists():
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all that the command has started
    _, said = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert "EmbeddedDatabaseError" not in said
    assert (home / "postgres" / "PG_VERSION").exists()


@pytest.mark.parametrize("name", ["it's 100% & a test", "a,b", "long" * 30])
async def test_awkward_paths(cluster, name):
    directory = cluster.parent / name / "postgres"
    directory.parent.mkdir()
    cluster.rename(directory)
    async with EmbeddedPostgres(directory, settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT 1") == 1
        async with await psycopg.AsyncConnection.connect(embedded.dsn) as connection:
            assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
        own_directory = directory / ".s.PGSQL.5432"
        assert own_directory.exists() == name.startswith("it's")
    if not name.startswith("it's"):
        PostgresCluster(directory, {}).socket_directory.rmdir()


async def test_processes_with_other_temporary_directories_meet_at_the_same_socket(cluster, monkeypatch):
    directory = cluster.parent / ("long" * 30) / "postgres"
    directory.parent.mkdir()
    cluster.rename(directory)
    async with EmbeddedPostgres(directory, settings=SETTINGS) as first:
        pid = server_pid(directory)
        socket_directory = PostgresCluster(directory, {}).socket_directory
        monkeypatch.setattr(tempfile, "tempdir", str(cluster.parent))
        async with EmbeddedPostgres(directory, settings=SETTINGS) as second:
            assert second.dsn == first.dsn
            assert server_pid(directory) == pid
            assert await sql(second.dsn, "SELECT 1") == 1
    socket_directory.rmdir()


async def test_variables_of_the_environment_do_not_reach_the_server(cluster, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGUSER", "somebody")
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT current_user") == "postgres"


async def test_an_error_in_the_server_log_quotes_no_values(cluster):
    async with EmbeddedPostgres(cluster, settings=SETTINGS) as embedded:
        await sql(embedded.dsn, "CREATE TABLE people (email text UNIQUE)")
        connection = await asyncpg.connect(embedded.dsn)
        for _ in range(2):
            try:
                await connection.execute("INSERT INTO people VALUES ($1)", "anna@example.com")
            except asyncpg.UniqueViolationError:
                break
        await connection.close()
    log = (cluster / "server.log").read_text()
    assert "duplicate key" in log
    assert "anna@example.com" not in log


async def test_a_half_made_cluster_is_made_anew(home):
    unfinished = home / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(home / "postgres", settings=SETTINGS) as embedded:
        assert await sql(embedded.dsn, "SELECT 1") == 1
    assert not unfinished.exists()


async def fails(directory: Path, **options: float) -> EmbeddedDatabaseError:
    embedded = EmbeddedPostgres(directory, settings=SETTINGS, **options)
    with pytest.raises(EmbeddedDatabaseError) as caught:
        await embedded.start()
    await embedded.aclose()
    return caught.value


async def test_files_of_somebody_else_are_not_touched(home):
    directory = home / "postgres"
    directory.mkdir()
    (directory / "thesis.txt").write_text("mine")
    assert (await fails(directory)).code == "data_dir_not_empty"
    assert (directory / "thesis.txt").read_text() == "mine"


async def test_a_path_that_the_shell_would_read_otherwise_is_refused(home):
    assert (await fails(home / "$(id)" / "postgres")).code == "data_dir_not_accessible"


async def test_another_version_is_named(cluster):
    (cluster / "PG_VERSION").write_text("16\n")
    error = await fails(cluster)
    assert error.code == "database_version_mismatch"
    assert "16" in str(error)


async def test_a_full_disk_is_seen_before_a_cluster_is_made(home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    error = await fails(home / "postgres")
    assert (error.code, error.retryable) == ("database_disk_full", True)
    assert not (home / "postgres").exists()


async def test_a_file_in_place_of_the_directory(home):
    (home / "data").write_text("")
    error = await fails(home / "data" / "postgres")
    assert error.code == "data_dir_not_accessible"
    assert "choose another DATA_DIR" in str(error)


async def test_a_damaged_cluster_says_so(cluster):
    (cluster / "global" / "pg_control").write_bytes(b"")
    error = await fails(cluster)
    assert error.code.startswith("database_")
    assert str(cluster) in str(error)


async def test_a_lock_held_for_long_is_an_error(cluster):
    from storage.shared.file_lock import FileLock

    with FileLock(cluster.with_name("postgres.lock")) as lock:
        lock.acquire(timeout_s=1)
        error = await fails(cluster, start_timeout_s=0.1)
    assert (error.code, error.retryable) == ("database_start_timeout", True)


async def test_missing_programs_are_named(cluster, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert (await fails(cluster)).code == "database_programs_missing"
