"""Servers for tests: the real thing on loopback, with the real database and, unless a test asks otherwise, scripted
engines."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from live_server import KEY, Server, StartServer, serving
from scripted_engines import scripted_engines

from agent_server.settings import ProcessSettings, Settings
from pipelines.conversation.rim.ports import Engines


@pytest.fixture
async def start_live(dsn: str, tmp_path: Path) -> AsyncIterator[StartServer]:
    """Starts servers on the test's database; keywords are settings of the process."""
    open_servers: list[Any] = []

    async def start(engines: Engines | None = None, **process: Any) -> Server:
        settings = Settings(
            process=ProcessSettings(api_key=KEY, data_dir=tmp_path, database_url=dsn, database_connections=4, **process)
        )
        manager = serving(settings, engines or scripted_engines())
        server = await manager.__aenter__()
        open_servers.append(manager)
        return server

    yield start
    for manager in reversed(open_servers):
        await manager.__aexit__(None, None, None)


@pytest.fixture
async def live(start_live: StartServer) -> Server:
    return await start_live()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
