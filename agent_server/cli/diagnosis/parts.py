"""The parts of the product on this machine: data, database, Redis, engines, pages, a running server.

Everything is imported before the first check begins: loading code takes seconds on a busy machine, and would take them
from the checks' deadlines.
"""

from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agent_server.cli.database import database_address
from agent_server.cli.diagnosis.finding import Finding
from agent_server.cli.diagnosis.run import Check
from agent_server.cli.diagnosis.webrtc import webrtc
from agent_server.engines.starting import engine_components, start_engines
from agent_server.parts import Parts
from agent_server.settings import ProcessSettings, Settings
from agent_server.web.pages import DIST
from storage.postgres.migrate import migration_status

ENGINES_DEADLINE_S = 30.0
DATABASE_DEADLINE_S = 30.0


def part_checks(settings: Settings, session: aiohttp.ClientSession) -> list[Check]:
    process = settings.process
    return [
        Check("data directory", partial(_data_directory, process)),
        Check("database", partial(_database, process), DATABASE_DEADLINE_S),
        Check("redis", partial(_redis, process)),
        Check("engines", partial(_engines, settings), ENGINES_DEADLINE_S),
        Check("web pages", _web_pages),
        Check("webrtc", partial(webrtc, settings)),
        Check("server", partial(_server, process, session)),
    ]


async def _data_directory(process: ProcessSettings) -> Finding:
    wanted = process.data_dir.absolute()
    existing = next(path for path in (wanted, *wanted.parents) if path.exists())
    try:
        with TemporaryDirectory(prefix=".sales-agent-doctor-", dir=existing):
            pass
    except OSError as error:
        return Finding("data directory", "failed", f"{existing} cannot be written to ({error.strerror}); set DATA_DIR")
    return Finding("data directory", "ok", str(wanted) if existing == wanted else f"{wanted}, made at the first start")


async def _database(process: ProcessSettings) -> Finding:
    own = process.database_url is None
    if own and not (process.embedded_database / "PG_VERSION").exists():
        return Finding("database", "embedded", "made at the first start")
    async with database_address(process) as dsn:
        states = [line.state for line in await migration_status(dsn)]
    if "changed" in states:
        return Finding("database", "failed", "a migration was changed after it was applied; see migrate --status")
    pending = states.count("pending")
    detail = f"{pending} migrations are applied at the next start" if pending else "the schema is up to date"
    return Finding("database", "embedded" if own else "ok", detail)


async def _redis(process: ProcessSettings) -> Finding:
    if process.redis_url is None:
        return Finding("redis", "embedded", "in the process; set REDIS_URL for more than one process")
    client: Any = Redis.from_url(process.redis_url, socket_connect_timeout=3, socket_timeout=3)
    try:
        version = (await client.info("server"))["redis_version"]
    except (RedisError, OSError) as error:
        return Finding("redis", "failed", f"cannot be used: {type(error).__name__}")
    finally:
        await client.aclose()
    return Finding("redis", "ok", f"version {version}")


async def _engines(settings: Settings) -> Finding:
    """Starts them, as the server does: nothing less shows that they work."""
    parts = Parts()
    try:
        engines = await start_engines(settings, parts)
        states = {component.name: await component.check() for component in engine_components(engines)}
    finally:
        await parts.stop_all()
    detail = ", ".join(f"{name.replace('_', ' ')}: {state.detail or state.status}" for name, state in states.items())
    return Finding("engines", "failed" if any(state.status == "down" for state in states.values()) else "ok", detail)


async def _web_pages() -> Finding:
    if (DIST / "index.html").is_file():
        return Finding("web pages", "ok", "built")
    return Finding("web pages", "failed", "not built: run make install (everything else works without them)")


async def _server(process: ProcessSettings, session: aiohttp.ClientSession) -> Finding:
    """Whether one runs already. None is no failure."""
    address = process.loopback_address
    try:
        async with session.get(f"{address}/api/health") as reply:
            body: Any = await reply.json()
            status, active = str(body["status"]), int(body["conversations"]["active"])
    except aiohttp.ClientConnectionError:
        return Finding("server", "off", f"none runs at {address}")
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        return Finding("server", "failed", f"{address} is used by another program; set PORT")
    return Finding("server", "failed" if status == "unavailable" else "ok", f"{status}, {active} conversations")
