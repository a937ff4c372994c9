"""A server under test, as `sales-agent serve` runs it, and callers with and without a key."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from agent_server.server import bind, listening
from agent_server.services import Services
from agent_server.settings import Settings, read_settings
from agent_server.startup import running_services
from pipelines.conversation.rim.ports import Engines

FIRST_KEY = "first-key-of-the-tests"


class ApiServer(Struct):
    """``client`` calls without a key, ``operator`` with the first one."""

    url: str
    services: Services
    client: aiohttp.ClientSession
    operator: aiohttp.ClientSession

    async def key(self, *scopes: str) -> dict[str, str]:
        """Headers with a new key that has these scopes."""
        issued = await self.services.api_keys.create("test", scopes=scopes)
        return bearer(issued.key)


StartApi = Callable[..., Coroutine[Any, Any, ApiServer]]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def settings_for(dsn: str, data_dir: Path, **variables: str) -> Settings:
    """Settings of a server that sees nothing of this machine."""
    base = {
        "DATABASE_URL": dsn,
        "DATABASE_CONNECTIONS": "4",
        "DATA_DIR": str(data_dir),
        "SALES_AGENT_API_KEY": FIRST_KEY,
    }
    return read_settings({**base, **variables}, {}, {})


@asynccontextmanager
async def serving(settings: Settings, engines: Engines, dist: Path) -> AsyncIterator[ApiServer]:
    async def start_engines(*_: object) -> Engines:
        return engines

    sockets = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        async with (
            running_services(settings, start_engines=start_engines) as services,
            listening(services, sockets, dist=dist),
            aiohttp.ClientSession(url) as client,
            aiohttp.ClientSession(url, headers=bearer(FIRST_KEY)) as operator,
        ):
            yield ApiServer(url, services, client, operator)
    finally:
        for bound in sockets:
            bound.close()


async def error_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The error of a refusal, whose form is checked."""
    assert response.content_type == "application/json"
    body = await response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "type", "param", "event_id"}
    return error
