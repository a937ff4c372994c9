import pytest
from sync_world import SyncWorld

from storage.database import Database


@pytest.fixture
def sync(database: Database) -> SyncWorld:
    """Close without a socket in between, and our side on the test's database."""
    return SyncWorld(database)
