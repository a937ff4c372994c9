"""Whether the database is there; and starts the embedded one again when it died under us: nobody else would."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agent_server.telemetry.components import Component, ComponentState
from storage.errors import StorageError
from storage.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from storage.postgres.database import Database

log = logging.getLogger(__name__)

EVERY_S = 2.0
MEANWHILE = "Conversations that run go on and are kept, new ones are refused until it is back."


def database_component(database: "Database") -> Component:
    async def check() -> ComponentState:
        try:
            return ComponentState("ok", latency_ms=round(await database.ping(), 2))
        except StorageError as error:
            return ComponentState("down", f"{error.code}. {error} {MEANWHILE}")

    return Component("database", check)


async def keep_running(embedded: EmbeddedPostgres, database: "Database") -> None:
    """Looks after the database until cancelled. What was said meanwhile waits in the conversation log."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await database.ping()
        except StorageError as error:
            if error.code == "database_unavailable":
                await _start_again(embedded)


async def _start_again(embedded: EmbeddedPostgres) -> None:
    log.error("the embedded database does not answer; starting it again")
    try:
        await embedded.start()
    except StorageError as error:
        log.error("the embedded database does not start: %s", error.code)
