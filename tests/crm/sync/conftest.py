import asyncio
from collections.abc import Iterator

import pytest
from sync_histories import history_database
from sync_world import SyncWorld

from storage.postgres.database import Database


@pytest.fixture
def sync(database: Database) -> SyncWorld:
    """Close without a socket in between, and our side on the test's database."""
    return SyncWorld(database)


@pytest.fixture(scope="module")
def history_place(postgres: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    """Where the histories of a file happen."""
    with history_database(postgres) as place:
        yield place
