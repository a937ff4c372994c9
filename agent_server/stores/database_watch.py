"""Starts the embedded database again when it died under us: nobody else would."""

import asyncio
import logging
from typing import TYPE_CHECKING

from storage.errors import StorageError
from storage.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from storage.postgres.database import Database

log = logging.getLogger(__name__)

EVERY_S = 2.0


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
