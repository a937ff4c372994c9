"""The simulated vendors, for every test that wants them."""

from collections.abc import AsyncIterator

import pytest
from crm_world import CrmWorld, running_world


@pytest.fixture
async def world() -> AsyncIterator[CrmWorld]:
    async with running_world() as running:
        yield running
