"""Makes the parts beside the tests importable, and the office of the BDR tests."""

import pytest
from bdr_office import Office

from storage.postgres.database import Database


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)
