"""A real PostgreSQL for the whole test session, and a fresh migrated database for each test that asks for one."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from hypothesis import HealthCheck, settings

from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Database, open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate

pytest_plugins = ("server_fixtures", "redis_server")

TEMPLATE = "sales_agent_template"
# A test database is thrown away: nothing of it has to survive a power failure.
SERVER_SETTINGS = {"fsync": "off", "full_page_writes": "off"}

# Times depend on the machine, so no example has a deadline; a failure prints how to repeat it.
settings.register_profile("tests", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


class _StopsAtOnce:
    """Several processes would run everything else first when a file cannot be collected."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        distributed = self._config.pluginmanager.getplugin("dsession")
        if report.failed and distributed is not None:
            distributed.shouldstop = f"{report.nodeid} could not be collected"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_StopsAtOnce(config))


def in_memory_directory() -> Path:
    """A directory in memory where there is one with room: clusters there cost no waiting for a disk."""
    memory = Path("/dev/shm")
    return memory if memory.exists() and shutil.disk_usage(memory).free > 2e9 else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def cluster_home() -> Path:
    """Where to make directories for PostgreSQL clusters."""
    return in_memory_directory()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The DSN of the session's server, whose template database is migrated."""
    home = in_memory_directory() / "sales-agent-tests"
    _remove_leftovers(home)
    directory = home / str(os.getpid())
    directory.mkdir(parents=True)
    embedded = EmbeddedPostgres(directory / "postgres", settings=SERVER_SETTINGS)
    try:
        dsn = asyncio.run(_start(embedded))
        yield dsn
        asyncio.run(embedded.aclose())
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def dsn(postgres: str) -> AsyncIterator[str]:
    """The DSN of a fresh, migrated database."""
    name = new_id("test")
    await _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    try:
        yield dsn_of(postgres, name)
    finally:
        await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_dsn(postgres: str) -> AsyncIterator[str]:
    """The DSN of a fresh database without any table."""
    name = new_id("test")
    await _administer(postgres, f"CREATE DATABASE {name}")
    try:
        yield dsn_of(postgres, name)
    finally:
        await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """A pool on a fresh, migrated database."""
    async with await open_database(dsn, max_connections=4) as opened:
        yield opened


def dsn_of(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


async def _start(embedded: EmbeddedPostgres) -> str:
    dsn = await embedded.start()
    await _administer(dsn, f"CREATE DATABASE {TEMPLATE}")
    await migrate(dsn_of(dsn, TEMPLATE))
    return dsn


async def _administer(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(statement, timeout=30)
    finally:
        await connection.close()


def _remove_leftovers(home: Path) -> None:
    """Stop and delete the servers of test sessions that were killed."""
    for directory in home.glob("[0-9]*"):
        if not psutil.pid_exists(int(directory.name)):
            with contextlib.suppress(StorageError):  # a session beside this one was faster
                asyncio.run(_stop(EmbeddedPostgres(directory / "postgres")))
            shutil.rmtree(directory, ignore_errors=True)


async def _stop(embedded: EmbeddedPostgres) -> None:
    """A server without holder stops when its next holder leaves."""
    async with embedded:
        pass


@pytest.fixture(autouse=True)
def _no_application_outlives_its_test() -> Iterator[None]:
    """aiohttp keeps the last 1024 handlers with the applications they were in: 10 MB for each server of a test."""
    yield
    if (web_app := sys.modules.get("aiohttp.web_app")) is not None:
        web_app._cached_build_middleware.cache_clear()
