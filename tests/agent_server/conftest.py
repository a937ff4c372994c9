"""A real server on loopback, on a real database, with engines that a test controls."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from api_server import ApiServer, StartApi, serving, settings_for
from scripted_engines import scripted_engines
from simulated_providers import simulate  # noqa: F401 - a fixture

from pipelines.conversation.rim.ports import Engines


@pytest.fixture
async def start_api(dsn: str, tmp_path: Path) -> AsyncIterator[StartApi]:
    """Starts servers with the variables given; all are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(engines: Engines | None = None, dist: Path | None = None, **variables: str) -> ApiServer:
            settings = settings_for(dsn, tmp_path / "data", **variables)
            return await stack.enter_async_context(
                serving(settings, engines or scripted_engines(), dist or tmp_path / "not-built")
            )

        yield start


@pytest.fixture
async def api(start_api: StartApi) -> ApiServer:
    """A server with nothing special about it."""
    return await start_api()
