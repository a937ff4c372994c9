"""The server as it is run, every provider a simulator over its true protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from live_server import UNBOUNDED
from msgspec import Struct
from openai import AsyncOpenAI
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from agent_server.app import make_app
from agent_server.services import Services
from agent_server.settings import read_settings
from agent_server.startup import running_services
from agent_server.web.http_server import HttpRunner
from simulators.app import RunningSimulators

KEY = "first-key-of-the-tests"
SPEECH = ("DEEPGRAM_API_KEY", "DEEPGRAM_BASE_URL", "CARTESIA_API_KEY", "CARTESIA_BASE_URL")
MODEL = ("CEREBRAS_API_KEY", "CEREBRAS_API_BASE")
APOLLO = ("APOLLO_API_KEY", "APOLLO_API_BASE")
WEB_SEARCH = ("BRAVE_API_KEY", "BRAVE_API_BASE")


class World(Struct):
    url: str
    dsn: str
    simulators: RunningSimulators
    services: Services

    def connect(self, *, key: str = KEY, **query: str) -> Any:
        client = AsyncOpenAI(api_key=key, base_url=f"{self.url}/v1", max_retries=0)
        return client.realtime.connect(model="sales-agent", extra_query=query, websocket_connection_options=UNBOUNDED)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(sql, *arguments))
        finally:
            await connection.close()

    async def written(self, conversation_id: str) -> None:
        """Until all that has happened in the conversation is in the database."""
        assert await self.services.conversation_log.flush(conversation_id, 20)

    async def until_row(self, sql: str, *arguments: Any) -> asyncpg.Record:
        """What is written behind the conversation comes soon after it."""
        async with asyncio.timeout(20):
            while not (found := await self.rows(sql, *arguments)):
                await asyncio.sleep(0.1)
        return found[0]


StartWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def start(dsn: str, tmp_path: Path, simulate: Simulate) -> AsyncIterator[StartWorld]:  # noqa: F811
    """Starts it on a configuration of the simulators, pointed at those whose settings are named, with more settings."""
    async with AsyncExitStack() as stack:

        async def run(document: dict[str, Any], names: Sequence[str], **more: str) -> World:
            simulators = await simulate(json.dumps(document))
            own = {"DATABASE_URL": dsn, "DATABASE_CONNECTIONS": "4", "DATA_DIR": str(tmp_path)}
            own |= {"SALES_AGENT_API_KEY": KEY, "SYNC_WORKER": "false"}
            chosen = {name: simulators.settings[name] for name in names}
            settings = read_settings({**own, **chosen, **more}, {}, {})
            services = await stack.enter_async_context(running_services(settings))
            runner = HttpRunner(make_app(services), shutdown_timeout_s=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return World(f"http://127.0.0.1:{runner.addresses[0][1]}", dsn, simulators, services)

        yield run
